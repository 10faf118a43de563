use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;

/// Where master keys are. Never in the data folder, whose backups they would be lost and stolen with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    pub service: KeyServiceKind,
    /// Of `file`: by default `workdock/keys` in the user's data folder (`XDG_DATA_HOME`, `~/.local/share`).
    pub folder: Option<PathBuf>,
    /// Of `environment`: 64 hexadecimal digits for each key, separated by commas, the newest first.
    pub master: Option<Secret>,
    /// Of `http`: the address of a Vault (or what speaks its Transit engine), e.g. `https://vault:8200`.
    pub url: Option<String>,
    /// Of `http`: the token it is asked with.
    pub token: Option<Secret>,
    /// Of `http`: where the Transit engine is mounted; `transit` by default.
    pub mount: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyServiceKind {
    #[default]
    File,
    Environment,
    Http,
}
