//! The embedded PostgreSQL: made by initdb with a password for every role, listening on loopback only.
//!
//! Durable by default (fsync, synchronous commit). `ephemeral` gives up durability for tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;

use super::folder::{Folder, write_private};
use super::programs::PostgresPrograms;
use super::run_as::RunAs;
use super::supervisor::Spec;
use super::{ServersError, leftovers, log_file};
use crate::config::Secret;

pub const SUPERUSER: &str = "postgres";

#[derive(Debug, Clone)]
pub struct Postgres {
    pub programs: PostgresPrograms,
    pub run_as: RunAs,
    pub data: PathBuf,
    pub port: u16,
    pub ephemeral: bool,
}

impl Postgres {
    /// The major version of the data in a folder, where there is data.
    pub fn major_of(data: &Path) -> Option<u32> {
        fs::read_to_string(data.join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Makes the data folder where there is none. A half-made one (initdb was killed) has no `PG_VERSION` at its end
    /// or no marker of ours, and is made anew.
    pub fn initialise(&self, folder: &Folder, password: &Secret) -> Result<(), ServersError> {
        let marker = folder.path("pg.complete");
        if Self::major_of(&self.data).is_some() && marker.is_file() {
            return Ok(());
        }
        if marker.is_file() {
            return Err(ServersError::Program {
                program: "PostgreSQL".into(),
                output: format!(
                    "the data folder {} is gone or damaged, but {} says that it was made; restore it, or remove both to start with nothing",
                    self.data.display(),
                    marker.display()
                ),
            });
        }
        if self.data.exists() {
            fs::remove_dir_all(&self.data).map_err(ServersError::file(&self.data))?;
        }
        fs::create_dir(&self.data).map_err(ServersError::file(&self.data))?;
        self.run_as.own(&self.data).map_err(ServersError::file(&self.data))?;
        let password_file = folder.path("pg.password");
        write_private(&password_file, password.expose().as_bytes())?;
        self.run_as.own(&password_file).map_err(ServersError::file(&password_file))?;
        let made = self.initdb(&password_file);
        fs::remove_file(&password_file).map_err(ServersError::file(&password_file))?;
        made?;
        fs::write(&marker, "").map_err(ServersError::file(&marker))
    }

    fn initdb(&self, password_file: &Path) -> Result<(), ServersError> {
        let mut command = self.run_as.command(&self.programs.bin.join("initdb"), Some("TERM"));
        command.args([
            "--username",
            SUPERUSER,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--data-checksums",
        ]);
        command.arg("--pwfile").arg(password_file).arg("--pgdata").arg(&self.data);
        if self.ephemeral {
            command.arg("--no-sync");
        }
        run(&mut command, "initdb")
    }

    /// Writes our part of the settings, at every start: the port and what this machine has.
    pub fn write_settings(&self) -> Result<(), ServersError> {
        let main = self.data.join("postgresql.conf");
        let text = fs::read_to_string(&main).map_err(ServersError::file(&main))?;
        if !text.contains("include_if_exists = 'workdock.conf'") {
            fs::write(&main, text + "\ninclude_if_exists = 'workdock.conf'\n").map_err(ServersError::file(&main))?;
        }
        let ours = self.data.join("workdock.conf");
        write_private(&ours, self.settings().as_bytes())?;
        self.run_as.own(&ours).map_err(ServersError::file(ours))
    }

    fn settings(&self) -> String {
        let shared = shared_buffers_mb();
        let lz4 = self.has_lz4();
        let mut lines = vec![
            "# Written by workdock at every start.".to_owned(),
            "listen_addresses = '127.0.0.1'".into(),
            "unix_socket_directories = ''".into(),
            format!("port = {}", self.port),
            "password_encryption = 'scram-sha-256'".into(),
            "max_connections = 300".into(),
            format!("shared_buffers = '{shared}MB'"),
            format!("effective_cache_size = '{}MB'", shared * 3),
            "work_mem = '16MB'".into(),
            "maintenance_work_mem = '128MB'".into(),
            "wal_buffers = '16MB'".into(),
            "max_wal_size = '4GB'".into(),
            "checkpoint_timeout = '15min'".into(),
            "checkpoint_completion_target = 0.9".into(),
            // Events are written as pages of up to 500 transactions: wide values that compress well, and fast with lz4.
            format!("wal_compression = {}", if lz4 { "lz4" } else { "on" }),
            format!("default_toast_compression = '{}'", if lz4 { "lz4" } else { "pglz" }),
            "random_page_cost = 1.1".into(),
            // Queries here are short: compiling one costs more than running it.
            "jit = off".into(),
            "timezone = 'UTC'".into(),
            "log_timezone = 'UTC'".into(),
            "log_line_prefix = '%m [%p] %u@%d '".into(),
            "log_min_duration_statement = '2s'".into(),
            "log_parameter_max_length = 0".into(),
            "log_parameter_max_length_on_error = 0".into(),
        ];
        let durable = if self.ephemeral { "off" } else { "on" };
        for name in ["fsync", "full_page_writes", "synchronous_commit"] {
            lines.push(format!("{name} = {durable}"));
        }
        lines.join("\n") + "\n"
    }

    /// Whether this build knows lz4: asked of the program itself.
    fn has_lz4(&self) -> bool {
        let mut command = self.run_as.command(&self.programs.bin.join("postgres"), None);
        command.args([
            "-C",
            "wal_compression",
            "-c",
            "wal_compression=lz4",
            "-c",
            "default_toast_compression=lz4",
            "-D",
        ]);
        command.arg(&self.data).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// How the supervisor runs it. SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is lost.
    pub fn spec(&self, log: PathBuf) -> Spec {
        let (this, out) = (self.clone(), log.clone());
        let (pid_file, mark) = (self.data.join("postmaster.pid"), self.data.display().to_string());
        Spec {
            name: "PostgreSQL",
            command: Box::new(move || {
                let mut command = this.run_as.command(&this.programs.bin.join("postgres"), Some("INT"));
                let file = log_file(&out)?;
                command.arg("-D").arg(&this.data).stdout(file.try_clone()?).stderr(file);
                Ok(command)
            }),
            prepare: Box::new(move || leftovers::clear("PostgreSQL", &pid_file, &mark, Signal::SIGINT)),
            stop_signal: Signal::SIGINT,
            patience: std::time::Duration::from_secs(30),
            log,
        }
    }
}

fn run(command: &mut Command, name: &str) -> Result<(), ServersError> {
    let failed = |output: String| ServersError::Program { program: name.to_owned(), output };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(format!("{} {}", output.status, String::from_utf8_lossy(&output.stderr).trim())))
}

/// An eighth of the memory this process may use, between 128 MB and 1 GB.
fn shared_buffers_mb() -> u64 {
    let number = |text: String| text.split_whitespace().find_map(|word| word.parse::<u64>().ok());
    let total = fs::read_to_string("/proc/meminfo").ok().and_then(number).map(|kilobytes| kilobytes / 1024);
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(number).map(|bytes| bytes / 1024 / 1024);
    let usable = total.unwrap_or(2048).min(limit.unwrap_or(u64::MAX));
    (usable / 8).clamp(128, 1024)
}
