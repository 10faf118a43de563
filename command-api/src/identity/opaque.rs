//! Random tokens of which only the hash is kept: 256 bits cannot be guessed, so a plain hash suffices.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Opaque(Zeroizing<String>);

impl Opaque {
    pub fn generate() -> Self {
        Self::prefixed("")
    }

    pub fn prefixed(prefix: &str) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::thread_rng().fill_bytes(bytes.as_mut());
        Self(Zeroizing::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes.as_ref()))))
    }

    /// For whom it was made.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opaque(…)")
    }
}

/// What is stored of a token, and looked up.
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
