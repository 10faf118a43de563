//! Where master keys live: outside the log, its database and their backups.

mod environment;
mod file;
mod wrapping;

use std::fmt;

use async_trait::async_trait;
use uuid::Uuid;

pub use environment::EnvironmentKeys;
pub use file::FileKeys;

use super::{Key, KeyError};

/// Whose data key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(pub Uuid);

impl Scope {
    /// Secrets of no business: those of users and of the program itself.
    pub const INSTALLATION: Self = Self(Uuid::nil());
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A data key as the database may hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The master key that it opens with.
    pub master: String,
    pub bytes: Vec<u8>,
}

/// What is left of a scope whose key was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroyed {
    /// Wrapped data keys of this scope open nowhere any more, those in backups of the database included.
    Everywhere,
    /// This service holds nothing of the scope's own: backups made before still open with the master key.
    NotInBackups,
}

/// Wraps and unwraps data keys; master keys never leave it.
#[async_trait]
pub trait KeyService: fmt::Debug + Send + Sync {
    /// Wraps by the newest master key.
    async fn wrap(&self, scope: Scope, key: &Key) -> Result<Wrapped, KeyError>;

    async fn unwrap(&self, scope: Scope, wrapped: &Wrapped) -> Result<Key, KeyError>;

    /// The master key by which the scope's keys are wrapped now.
    async fn newest(&self, scope: Scope) -> Result<String, KeyError>;

    /// Makes new master keys for these scopes and all that follow. Older ones go on unwrapping.
    async fn rotate(&self, scopes: &[Scope]) -> Result<(), KeyError>;

    /// Destroys what the service holds of this scope alone. Again, it does nothing.
    async fn destroy(&self, scope: Scope) -> Result<Destroyed, KeyError>;
}
