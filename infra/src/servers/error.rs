//! What can go wrong with the embedded servers, said so that the reader knows what to do next.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ServersError {
    #[error(
        "PostgreSQL does not run as root, and neither `unshare -U` nor `setpriv --reuid=nobody` works here: run workdock as an ordinary user, or give the address of a server in WORKDOCK_POSTGRES__URL"
    )]
    Root,
    #[error("no usable PostgreSQL (15 or newer) and nats-server (2.11 or newer) found: {0}")]
    NoPrograms(String),
    #[error(
        "the data in {folder} is of PostgreSQL {found}, and no PostgreSQL {found} is installed here (found: {have})"
    )]
    WrongMajor { folder: PathBuf, found: u32, have: String },
    #[error("{0} is in use by another workdock ({1})")]
    InUse(PathBuf, String),
    #[error("{program} failed: {output}")]
    Program { program: String, output: String },
    #[error("{name} does not start; the end of {log}:\n{tail}")]
    DoesNotStart { name: &'static str, log: PathBuf, tail: String },
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("PostgreSQL refused the set-up of the database: {0}")]
    Provision(#[from] sqlx::Error),
}

impl ServersError {
    /// Names the path in an I/O error.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
