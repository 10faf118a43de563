//! The key that signs sessions: 32 random bytes in a file that only its owner reads.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rand::RngCore;

/// Never printed.
pub struct SessionKey([u8; 32]);

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key of sessions cannot be kept in {path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("{0} is not a key of sessions; delete it, then everybody signs in again")]
    Damaged(String),
}

impl SessionKey {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the key, made where absent (mode 0600).
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.display().to_string(), source };
        let mut key = [0; 32];
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                rand::thread_rng().fill_bytes(&mut key);
                file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut bytes = Vec::new();
                let mut file = std::fs::File::open(path).map_err(failed)?;
                file.read_to_end(&mut bytes).map_err(failed)?;
                key = bytes.try_into().map_err(|_| KeyError::Damaged(path.display().to_string()))?;
            }
            Err(error) => return Err(failed(error)),
        }
        Ok(Self(key))
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}
