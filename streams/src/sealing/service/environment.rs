use async_trait::async_trait;

use super::wrapping::{unwrap, wrap};
use super::{Destroyed, KeyService, Scope, Wrapped};
use crate::sealing::{Key, KeyError};

/// Master keys that the process was given, the newest first.
#[derive(Debug)]
pub struct EnvironmentKeys(Vec<(String, Key)>);

impl EnvironmentKeys {
    /// 64 hexadecimal digits for each key, separated by commas or spaces, the newest first.
    ///
    /// # Errors
    /// Refused where there is none, or one is malformed. The text is not repeated.
    pub fn try_new(text: &str) -> Result<Self, KeyError> {
        let words = text.split([',', ' ', '\n']).filter(|word| !word.is_empty());
        let keys: Option<Vec<_>> = words
            .map(|word| Key::from_hex(word).map(|key| (format!("environment:{}", key.fingerprint()), key)))
            .collect();
        let malformed = "master keys from the environment are 64 hexadecimal digits each, separated by commas";
        keys.filter(|keys| !keys.is_empty()).map(Self).ok_or_else(|| KeyError::Refused(malformed.to_owned()))
    }

    fn first(&self) -> Result<&(String, Key), KeyError> {
        self.0.first().ok_or_else(|| KeyError::Refused("there is no master key".to_owned()))
    }
}

#[async_trait]
impl KeyService for EnvironmentKeys {
    async fn wrap(&self, scope: Scope, key: &Key) -> Result<Wrapped, KeyError> {
        let (id, master) = self.first()?;
        wrap(id, master, None, scope, key)
    }

    async fn unwrap(&self, scope: Scope, wrapped: &Wrapped) -> Result<Key, KeyError> {
        let master = self.0.iter().find(|(id, _)| *id == wrapped.master).ok_or_else(|| KeyError::Missing {
            id: wrapped.master.clone(),
            hint: "put it behind the newer ones in WORKDOCK_KEYS__MASTER".to_owned(),
        })?;
        unwrap(&master.1, None, scope, wrapped)
    }

    async fn newest(&self, _scope: Scope) -> Result<String, KeyError> {
        Ok(self.first()?.0.clone())
    }

    async fn rotate(&self, _scopes: &[Scope]) -> Result<(), KeyError> {
        let hint = "keys from the environment are made by whoever sets it: put a new one (openssl rand -hex 32) first \
                    in WORKDOCK_KEYS__MASTER, keep the old ones behind it, restart, and run `workdock keys rewrap`";
        Err(KeyError::Refused(hint.to_owned()))
    }

    async fn destroy(&self, _scope: Scope) -> Result<Destroyed, KeyError> {
        Ok(Destroyed::NotInBackups)
    }
}
