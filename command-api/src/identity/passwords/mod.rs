//! Passwords: what is accepted, and how they are kept.
//!
//! Kept as Argon2id with the parameters beside the hash; a weaker one (older parameters, the bcrypt hash of an
//! imported user) is replaced when its owner signs in. Where there is no account, the same work is done for nobody, so
//! that time does not tell who has one.

mod common;
mod hash;
mod policy;

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

pub use hash::{Passwords, Verdict};
pub use policy::{Words, accept};

/// Never printed, wiped when dropped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Password(Zeroizing<String>);

impl Password {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
