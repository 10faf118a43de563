//! Sealing: texts about people and secrets are stored encrypted, and erasing a business destroys its key.
//!
//! **Keys.** A [`KeyService`] holds master keys outside the database. Each business has data keys (AES-256), which
//! `keys.data_key` holds wrapped, and so has each person; in memory they live for [`CACHED_FOR`]. The nil id stands for the installation.
//!
//! **Cipher.** XAES-256-GCM with random nonces of 192 bits; the associated data say what the text is and where it
//! belongs. See `docs/adr/0007-sealed-texts.md`.
//!
//! **On failure.** Without its key service nothing is sealed or opened ([`KeyError::Unavailable`]); what a destroyed
//! key sealed is absent, never an error for whoever reads around it.

mod context;
mod destroyed;
mod error;
mod key;
mod keyring;
mod payload;
mod rotate;
mod sealed_text;
mod sealer;
mod service;
mod texts;
mod whole;
mod xaes;

pub use context::Context;
pub use destroyed::hear;
pub use error::{KeyError, SealError};
pub use key::Key;
pub(crate) use keyring::Purpose;
pub use keyring::{CACHED_FOR, DataKey, Keys};
pub(crate) use payload::{Place, WriteError, write};
pub use rotate::Rewrapped;
pub(crate) use sealed_text::begin as begin_message;
pub use sealer::Sealer;
pub use service::{Destroyed, EnvironmentKeys, FileKeys, KeyService, Scope, Wrapped};
pub(crate) use whole::{OriginKey, SealedState};
