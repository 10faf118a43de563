//! The data folder: who uses it, the secrets and the ports of its servers.
//!
//! ```text
//! <data>/lock        held by the one process that runs the servers (released by the kernel, even on kill -9)
//! <data>/users.lock  held shared by every command that uses servers it did not start
//! <data>/run.json    where the running servers are
//! <data>/ports.json  the ports of last time, taken again so that clients find their way back
//! <data>/keys/       passwords, mode 0600
//! <data>/pg/ nats/ logs/
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::RngCore;
use serde::{Deserialize, Serialize};

use super::ServersError;
use crate::config::Secret;

#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// What `run.json` says about the process that runs the servers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunFile {
    pub pid: u32,
    pub command: String,
    pub postgres_port: u16,
    pub nats_port: u16,
    /// Base address of the HTTP server, where one runs.
    pub http: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Ports {
    postgres: Option<u16>,
    nats: Option<u16>,
}

impl Folder {
    /// Opens the folder, made where absent; only its owner may list it.
    pub fn open(root: &Path) -> Result<Self, ServersError> {
        let root = std::path::absolute(root).map_err(ServersError::file(root))?;
        // 0711, not 0700: a server that runs as another account must be able to pass through to its own folder.
        fs::DirBuilder::new().recursive(true).mode(0o711).create(&root).map_err(ServersError::file(&root))?;
        let root = root.canonicalize().map_err(ServersError::file(&root))?;
        for (name, mode) in [("keys", 0o700), ("logs", 0o700)] {
            let path = root.join(name);
            fs::DirBuilder::new().recursive(true).mode(mode).create(&path).map_err(ServersError::file(&path))?;
        }
        Ok(Self { root })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub fn log(&self, server: &str) -> PathBuf {
        self.root.join("logs").join(format!("{server}.log"))
    }

    /// The lock of the process that runs the servers; `None` while another holds it.
    pub fn try_own(&self) -> Result<Option<File>, ServersError> {
        let path = self.path("lock");
        let file = open_lock(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(ServersError::file(path)(error)),
        }
    }

    /// Marks this process as a user of servers that another process runs, for as long as the file is held.
    pub fn join_users(&self) -> Result<File, ServersError> {
        let path = self.path("users.lock");
        let file = open_lock(&path)?;
        file.lock_shared().map_err(ServersError::file(path))?;
        Ok(file)
    }

    /// Tries to close the door to users: taken only when nobody uses the servers any more.
    pub fn try_close_to_users(&self) -> Result<Option<File>, ServersError> {
        let path = self.path("users.lock");
        let file = open_lock(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(ServersError::file(path)(error)),
        }
    }

    /// A secret of this folder, made on first use: 32 random bytes in hexadecimal, readable by the owner only.
    pub fn key(&self, name: &str) -> Result<Secret, ServersError> {
        let path = self.path("keys").join(name);
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().len() == 64 => return Ok(Secret::new(text.trim())),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(ServersError::file(path)(error)),
        }
        let mut bytes = [0_u8; 32];
        rand::rngs::OsRng.fill_bytes(&mut bytes);
        let text = hex::encode(bytes);
        write_private(&path, text.as_bytes())?;
        Ok(Secret::new(&text))
    }

    /// The ports of last time where they are free, else new ones; remembered.
    pub fn ports(&self) -> Result<(u16, u16), ServersError> {
        let path = self.path("ports.json");
        let before: Ports =
            fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let postgres = free_port(before.postgres, 0);
        let nats = free_port(before.nats, postgres);
        let now = Ports { postgres: Some(postgres), nats: Some(nats) };
        write_private(&path, &serde_json::to_vec(&now).unwrap_or_default())?;
        Ok((postgres, nats))
    }

    pub fn write_run(&self, run: &RunFile) -> Result<(), ServersError> {
        write_private(&self.path("run.json"), &serde_json::to_vec_pretty(run).unwrap_or_default())
    }

    pub fn remove_run(&self) {
        if let Err(error) = fs::remove_file(self.path("run.json")) {
            tracing::debug!(%error, "run.json was not there to remove");
        }
    }

    /// The error of finding the lock taken.
    pub fn in_use(&self) -> ServersError {
        let who = self.read_run().map_or_else(|| "still starting".to_owned(), |run| format!("process {}", run.pid));
        ServersError::InUse(self.root.clone(), who)
    }

    /// What `run.json` says; the process may be gone.
    pub fn read_run(&self) -> Option<RunFile> {
        serde_json::from_slice(&fs::read(self.path("run.json")).ok()?).ok()
    }

    /// Where the servers of another process are; waits a little for one that is still starting.
    /// `None` when there is no such process (the lock is free, whatever a stale file says).
    pub async fn running(&self, patience: Duration) -> Result<Option<RunFile>, ServersError> {
        let until = Instant::now() + patience;
        loop {
            if self.try_own()?.is_some() {
                return Ok(None);
            }
            match self.read_run() {
                Some(run) if answers(run.postgres_port) && answers(run.nats_port) => return Ok(Some(run)),
                _ if Instant::now() >= until => return Err(self.in_use()),
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

fn open_lock(path: &Path) -> Result<File, ServersError> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(ServersError::file(path))
}

/// Writes a file of mode 0600 so that a reader sees the old or the new content, never a part.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), ServersError> {
    let next = path.with_extension("next");
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&next)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&next, path)
    };
    write().map_err(ServersError::file(path))
}

fn answers(port: u16) -> bool {
    std::net::TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(1)).is_ok()
}

/// A free loopback port below the range from which the system takes ports for outgoing connections: from within it, a
/// client that reconnects to a restarting server can be given the server's own port and connect to itself.
fn free_port(wanted: Option<u16>, taken: u16) -> u16 {
    let is_free = |port: u16| port != taken && std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    if let Some(port) = wanted.filter(|port| is_free(*port)) {
        return port;
    }
    loop {
        let port = rand::Rng::gen_range(&mut rand::thread_rng(), 20_000..32_000);
        if is_free(port) {
            return port;
        }
    }
}
