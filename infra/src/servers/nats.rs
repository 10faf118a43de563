//! The embedded nats-server with JetStream, on loopback, with one user and its password.
//!
//! Its default fsync interval stays: JetStream is the distribution log, and is filled again from PostgreSQL.

use std::path::PathBuf;

use nix::sys::signal::Signal;

use super::folder::{Folder, write_private};
use super::run_as::RunAs;
use super::supervisor::Spec;
use super::{ServersError, leftovers, log_file};
use crate::config::Secret;

pub const USER: &str = "workdock";

#[derive(Debug, Clone)]
pub struct Nats {
    pub program: PathBuf,
    pub data: PathBuf,
    pub port: u16,
    pub ephemeral: bool,
    /// Without a password.
    pub open: bool,
}

impl Nats {
    /// Writes its configuration (mode 0600: it holds the password).
    pub fn write_settings(&self, folder: &Folder, password: &Secret) -> Result<(), ServersError> {
        std::fs::create_dir_all(&self.data).map_err(ServersError::file(&self.data))?;
        let store = self.data.join("jetstream");
        // Tests may fill memory streams; a running system keeps its streams in files.
        let memory = if self.ephemeral { "2GB" } else { "256MB" };
        // Tests connect with the bare address.
        let authorization = match self.open {
            true => String::new(),
            false => {
                format!("authorization {{ user: \"{USER}\", password: \"{}\", timeout: 5 }}\n", password.expose())
            }
        };
        let text = format!(
            "# Written by workdock at every start.\n\
             listen: \"127.0.0.1:{port}\"\n\
             server_name: \"workdock\"\n\
             pid_file: {pid}\n\
             max_payload: 8388608\n\
             max_pending: 67108864\n\
             jetstream {{ store_dir: {store}, max_memory_store: {memory} }}\n\
             {authorization}",
            port = self.port,
            pid = quoted(&self.pid_file()),
            store = quoted(&store),
        );
        write_private(&folder.path("nats").join("nats.conf"), text.as_bytes())
    }

    fn pid_file(&self) -> PathBuf {
        self.data.join("nats.pid")
    }

    pub fn spec(&self, log: PathBuf) -> Spec {
        let (this, out) = (self.clone(), log.clone());
        let (pid_file, settings) = (self.pid_file(), self.data.join("nats.conf"));
        let mark = settings.display().to_string();
        Spec {
            name: "nats-server",
            command: Box::new(move || {
                let mut command = RunAs::Plain.command(&this.program, Some("TERM"));
                let file = log_file(&out)?;
                command.arg("-c").arg(&settings).stdout(file.try_clone()?).stderr(file);
                Ok(command)
            }),
            prepare: Box::new(move || leftovers::clear("nats-server", &pid_file, &mark, Signal::SIGTERM)),
            stop_signal: Signal::SIGTERM,
            patience: std::time::Duration::from_secs(10),
            log,
        }
    }
}

/// A path as a string of the configuration language.
fn quoted(path: &std::path::Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
}
