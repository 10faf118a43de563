//! `[identity]` and `[mail]`.

use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityConfig {
    /// The address of the page as its users type it (`https://workdock.example`): links in mails begin with it, and
    /// passkeys belong to its host. By default where the program listens.
    pub base_url: Option<String>,
    /// Names of the organisation, its products and places, which passwords must not be made of.
    pub own_words: Vec<String>,
    /// A file in MaxMind's format (MMDB) that knows where addresses are. Without it sessions show addresses alone.
    pub places: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    pub from: String,
    /// Absent: letters are written into the folder `mail` of the data folder.
    pub smtp: Option<SmtpConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    pub host: String,
    #[serde(default = "submission")]
    pub port: u16,
    #[serde(default)]
    pub security: SmtpSecurity,
    pub user: Option<String>,
    pub password: Option<Secret>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// TLS from the first byte, usually port 465.
    Tls,
    /// TLS is asked for and must be given, usually port 587.
    #[default]
    Starttls,
    /// Without TLS: to a server on this machine only.
    Plain,
}

const fn submission() -> u16 {
    587
}

impl Default for Mail {
    fn default() -> Self {
        Self { from: "Workdock <workdock@localhost>".into(), smtp: None }
    }
}

impl IdentityConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let Some(url) = &self.base_url else { return Ok(()) };
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let host = rest.map(|rest| rest.trim_end_matches('/'));
        anyhow::ensure!(
            host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])),
            "identity.base_url is the address of the page without a path, such as https://workdock.example, not {url:?}"
        );
        Ok(())
    }
}
