//! What a command on a data folder works with: the servers that run there, or its own for as long as it takes.

use std::sync::Arc;

use nix::sys::signal::Signal;
use query_api::reader::Reader;
use streams::Commands;
use streams::sequencer::SequencerError;

use crate::compose::{Background, Platform, Work};
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
            background = Some(Background::start(&platform, Work::ALL, None));
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

impl Context {
    pub fn commands(&self) -> Commands {
        self.platform.commands.clone()
    }

    pub fn reader(&self) -> Reader {
        Reader::new(self.platform.query.clone(), self.platform.keys.clone())
    }
}
