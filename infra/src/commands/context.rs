//! What a command on a data folder works with: the servers that run there, or its own for as long as it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use query_api::reader::Reader;
use streams::projection::{self, WaitError};
use streams::sequencer::SequencerError;
use streams::{Commands, log};

use crate::compose::{Background, Platform, Work, projections};
use crate::config::Config;
use crate::servers::Backing;
use crate::shutdown::Signals;

pub struct Context {
    pub platform: Platform,
    backing: Backing,
    background: Option<Background>,
}

/// Ended by a signal, not by a fault.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted(pub Signal);

/// Runs `work` with everything it needs, and stops what was started for it, also when it fails or is interrupted.
pub async fn within<T>(
    config: &Config,
    command: &str,
    work: impl AsyncFnOnce(&Context) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut signals = Signals::listen()?;
    let context = tokio::select! {
        context = Context::open(config, command) => context?,
        signal = signals.received() => return Err(Interrupted(signal).into()),
    };
    let result = tokio::select! {
        result = work(&context) => result,
        error = context.failed() => Err(anyhow::anyhow!("{error}")),
        signal = signals.received() => Err(Interrupted(signal).into()),
    };
    let interrupted = result.as_ref().is_err_and(|error| error.is::<Interrupted>());
    context.close(interrupted).await?;
    result
}

impl Context {
    async fn open(config: &Config, command: &str) -> anyhow::Result<Self> {
        let mut backing = Backing::open(config, command).await?;
        let platform = Platform::connect(backing.addresses(), config).await?;
        let mut background = None;
        if !backing.is_served() {
            platform.migrate().await?;
            background = Some(Background::start(&platform, Work::ALL));
            backing.announce(None)?;
        }
        Ok(Self { platform, backing, background })
    }

    async fn failed(&self) -> Arc<SequencerError> {
        match &self.background {
            Some(background) => background.failed().await,
            None => std::future::pending().await,
        }
    }

    /// While another command uses what this one started, everything goes on, unless `at_once`.
    async fn close(self, at_once: bool) -> anyhow::Result<()> {
        let door = if at_once { None } else { self.backing.wait_until_unused().await? };
        if let Some(background) = self.background {
            background.stop().await;
        }
        self.platform.close().await;
        self.backing.close().await;
        drop(door);
        Ok(())
    }
}

/// How long something recorded may take to be shown before we say that nobody seems to work on it.
const PATIENCE: Duration = Duration::from_secs(60);

impl Context {
    pub fn commands(&self) -> Commands {
        Commands::new(self.platform.app.clone())
    }

    pub fn reader(&self) -> Reader {
        Reader::new(self.platform.query.clone())
    }

    /// Waits until every projection shows `position`.
    pub async fn shown(&self, position: i64) -> anyhow::Result<()> {
        for projection in projections() {
            let (name, mut before) = (projection.name(), -1);
            loop {
                match projection::wait_for(&self.platform.app, name, position, PATIENCE).await {
                    Ok(_) => break,
                    // It gets on: a long import is shown bit by bit.
                    Err(WaitError::Timeout { at, .. }) if at > before => before = at,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Waits until everything that is recorded is shown; returns the newest position.
    pub async fn caught_up(&self) -> anyhow::Result<i64> {
        let (mut before, mut since) = (-1, Instant::now());
        loop {
            let waiting: i64 = sqlx::query_scalar(UNSEQUENCED).fetch_one(&self.platform.app).await?;
            if waiting == 0 {
                break;
            }
            if waiting != before {
                (before, since) = (waiting, Instant::now());
            }
            anyhow::ensure!(
                since.elapsed() < PATIENCE,
                "{waiting} recorded events wait for a sequencer; is one running?"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let head = log::head(&self.platform.app).await?.position;
        self.shown(head).await?;
        Ok(head)
    }
}

const UNSEQUENCED: &str = "
select count(*) from store.events event
where not exists (select from store.log log where log.event_id = event.id)";
