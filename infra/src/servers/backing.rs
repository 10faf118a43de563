//! The servers a command works on: given ones, those of the `up` that runs on its folder, or its own.

use std::fs::File;
use std::time::Duration;

use tokio::sync::watch;

use super::{Addresses, Folder, Options, Servers, ServersError, State};
use crate::config::{Config, Secret};

/// How long another process may take to start the servers (it may be fetching them).
const PATIENCE: Duration = Duration::from_secs(180);

pub enum Backing {
    Given(Addresses),
    /// Another process runs them, and waits for us before it stops them (an `up` that is told to stop does not).
    Joined {
        addresses: Addresses,
        _user: File,
    },
    Own(Box<Servers>),
}

impl Backing {
    /// For a short command: takes what runs, starts what does not.
    pub async fn open(config: &Config, command: &str) -> Result<Self, ServersError> {
        if let Some(addresses) = given(config) {
            return Ok(Self::Given(addresses));
        }
        let folder = Folder::open(&config.data)?;
        loop {
            if let Some(lock) = folder.try_own()? {
                return Ok(Self::Own(Box::new(Servers::start(folder, lock, &options(config, command)).await?)));
            }
            let user = {
                let folder = folder.clone();
                super::blocking(move || folder.join_users()).await?
            };
            if let Some(run) = folder.running(PATIENCE).await? {
                tracing::debug!(pid = run.pid, command = run.command, "using the servers of another process");
                return Ok(Self::Joined { addresses: Addresses::of_running(&folder, &run)?, _user: user });
            }
        }
    }

    /// For a command that serves: alone on its folder.
    pub async fn own(config: &Config, command: &str) -> Result<Self, ServersError> {
        if let Some(addresses) = given(config) {
            return Ok(Self::Given(addresses));
        }
        let folder = Folder::open(&config.data)?;
        let Some(lock) = folder.try_own()? else { return Err(folder.in_use()) };
        Ok(Self::Own(Box::new(Servers::start(folder, lock, &options(config, command)).await?)))
    }

    pub fn addresses(&self) -> &Addresses {
        match self {
            Self::Given(addresses) | Self::Joined { addresses, .. } => addresses,
            Self::Own(servers) => &servers.addresses,
        }
    }

    /// The states of the servers that this process runs, for readiness.
    pub fn states(&self) -> Vec<(&'static str, watch::Receiver<State>)> {
        match self {
            Self::Own(servers) => servers.states().into(),
            Self::Given(_) | Self::Joined { .. } => Vec::new(),
        }
    }

    /// Whether migrations and background work on these servers are another process's affair.
    pub fn is_served(&self) -> bool {
        !matches!(self, Self::Own(_))
    }

    /// Tells other commands that the database is ready; only who runs the servers can.
    pub fn announce(&mut self, http: Option<&str>) -> Result<(), ServersError> {
        match self {
            Self::Own(servers) => servers.announce(http),
            Self::Given(_) | Self::Joined { .. } => Ok(()),
        }
    }

    /// Waits until no other command uses what this process started. While the file is held, none begins to.
    pub async fn wait_until_unused(&self) -> Result<Option<File>, ServersError> {
        match self {
            Self::Own(servers) => servers.wait_until_unused().await.map(Some),
            Self::Given(_) | Self::Joined { .. } => Ok(None),
        }
    }

    /// Stops what this process started.
    pub async fn close(self) {
        if let Self::Own(servers) = self {
            servers.stop().await;
        }
    }
}

fn given(config: &Config) -> Option<Addresses> {
    let (app, nats) = (config.postgres.url.clone()?, config.nats.url.clone()?);
    let owner: Secret = config.postgres.owner_url.clone().unwrap_or_else(|| app.clone());
    Some(Addresses { superuser: owner.clone(), owner, app, nats })
}

fn options(config: &Config, command: &str) -> Options {
    Options { cache: config.cache(), ephemeral: false, open_nats: false, command: command.to_owned() }
}
