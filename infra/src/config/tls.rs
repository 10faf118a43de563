use std::path::PathBuf;

use serde::Deserialize;

/// PEM files of a server; read again when they change.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, and those between it and its authority.
    pub cert: PathBuf,
    pub key: PathBuf,
    /// Callers must show a certificate of this authority.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

/// PEM files of a client. For PostgreSQL they stand in its address (`sslmode=verify-full&sslrootcert=…&sslcert=…&
/// sslkey=…`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientTls {
    /// The authority that the server is trusted by; the system's where absent.
    pub ca: Option<PathBuf>,
    /// What is shown to the server, where it asks; with `key`.
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
}
