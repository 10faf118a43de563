//! The work that follows the log in this process: the sequencer, every projection, and what decides by them.

use std::sync::Arc;
use std::time::Duration;

use command_api::identity::Identity;
use streams::erasure::{self, Eraser};
use streams::projection;
use streams::proof::{self, Notary};
use streams::retention::{self, Archives, Keeper};
use streams::security::SecurityLog;
use streams::sequencer::{self, SequencerError, Status};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::platform::{Platform, projections};

/// How long the last writes may take after we were asked to stop; what is cut off is done again at the next start.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// Which of it to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    pub sequencer: bool,
    pub projections: bool,
    /// Keeps connected providers up.
    pub sources: bool,
    /// A stream that is ahead of the store is replaced instead of refused.
    pub accept_truncation: bool,
}

impl Work {
    pub const ALL: Self = Self { sequencer: true, projections: true, sources: true, accept_truncation: false };
}

/// Running tasks. Stopped by `stop`; dropping it only tells them to.
pub struct Background {
    /// Of the projections, where they run here.
    pub projections: Option<projection::Health>,
    /// Of the sequencer, where it runs here.
    pub sequencer: Option<Arc<Status>>,
    failure: watch::Receiver<Option<Arc<SequencerError>>>,
    journal: SecurityLog,
    stop: CancellationToken,
    tasks: Vec<(&'static str, JoinHandle<()>)>,
}

impl Background {
    /// `keeping`: who signs checkpoints, and where archives go, where the sequencer runs.
    pub fn start(platform: &Platform, work: Work, keeping: Option<(Notary, Archives)>) -> Self {
        let (failed, failure) = watch::channel(None);
        let (journal, stop) = (platform.commands.journal(), CancellationToken::new());
        let mut this = Self { projections: None, sequencer: None, failure, journal, stop, tasks: Vec::new() };
        if work.sequencer {
            this.start_sequencer(platform, work.accept_truncation, failed);
        }
        if work.projections {
            this.start_projections(platform);
            this.start_meaning(platform);
            this.start_recurring(platform);
            this.start_drift(platform);
        }
        if let Some((notary, archives)) = keeping.filter(|_| work.sequencer) {
            let commands = platform.commands.clone();
            let parts = erasure::Parts {
                pool: platform.owner.clone(),
                commands: commands.clone(),
                nats: platform.nats.clone(),
                prefix: platform.prefix.clone(),
                notary: notary.clone(),
                archives: archives.clone(),
            };
            this.tasks.push(("erasure", tokio::spawn(Eraser::new(parts).run(this.stop.clone()))));
            let parts = retention::Parts { pool: platform.app.clone(), commands, notary: notary.clone(), archives };
            this.tasks.push(("retention", tokio::spawn(Keeper::new(parts).run(this.stop.clone()))));
            let (nats, prefix) = (platform.nats.clone(), platform.prefix.clone());
            let others = proof::sign_for_others(notary.clone(), nats, prefix, this.stop.clone());
            this.tasks.push(("checkpoints for others", tokio::spawn(others)));
            this.tasks.push(("notary", tokio::spawn(notary.run(this.stop.clone()))));
        }
        this
    }

    fn start_sequencer(
        &mut self,
        platform: &Platform,
        accept_truncation: bool,
        failed: watch::Sender<Option<Arc<SequencerError>>>,
    ) {
        let prefix = platform.prefix.clone();
        let mut config = sequencer::Config::new(platform.app.clone(), platform.nats.clone(), prefix);
        config.accept_truncation = accept_truncation;
        self.sequencer = Some(Arc::clone(&config.status));
        let stop = self.stop.clone();
        let run = async move {
            if let Err(error) = sequencer::run(config, stop).await {
                failed.send_replace(Some(Arc::new(error)));
            }
        };
        self.tasks.push(("sequencer", tokio::spawn(run)));
    }

    /// Letters, keys that sign, and the end of sockets whose session is over.
    pub fn keep_identity(&mut self, identity: &Identity) {
        let (identity, stop) = (identity.clone(), self.stop.clone());
        self.tasks.push(("identity", tokio::spawn(async move { identity.run(stop).await })));
    }

    pub fn keep_sources(&mut self, config: connectors::worker::Config) {
        self.tasks.push(("sources", tokio::spawn(connectors::worker::run(config, self.stop.clone()))));
    }

    /// Letters to owners of businesses that are to be erased.
    pub fn tell_of_erasures(&mut self, platform: &Platform, identity: &Identity) {
        let commands = platform.commands.clone();
        let run = command_api::erasure::run(platform.app.clone(), commands, identity.clone(), self.stop.clone());
        self.tasks.push(("letters of erasures", tokio::spawn(run)));
    }

    /// The end of accounts whose owners asked for it.
    pub fn erase_accounts(&mut self, platform: &Platform, identity: &Identity) {
        let commands = platform.commands.clone();
        let run = command_api::identity::erase_accounts(identity.clone(), commands, self.stop.clone());
        self.tasks.push(("erasure of accounts", tokio::spawn(run)));
    }

    /// What is in memory of keys that another process destroys.
    pub fn forget_destroyed(&mut self, platform: &Platform) {
        let run = streams::sealing::hear(platform.query.clone(), platform.keys.clone(), self.stop.clone());
        self.tasks.push(("destroyed keys", tokio::spawn(run)));
    }

    /// Files that stand beside no transaction.
    pub fn sweep_files(&mut self, platform: &Platform) {
        let run = streams::files::run(platform.app.clone(), self.stop.clone());
        self.tasks.push(("files", tokio::spawn(run)));
    }

    /// Where the projections run: whether their figures are what a second count gives.
    pub fn count_again(&mut self, platform: &Platform, raw_days: Option<i32>) {
        let run = super::second_count::run(platform.owner.clone(), raw_days, self.stop.clone());
        self.tasks.push(("second count", tokio::spawn(run)));
    }

    fn start_projections(&mut self, platform: &Platform) {
        let prefix = platform.prefix.clone();
        let config = projection::Config::new(platform.owner.clone(), platform.nats.clone(), prefix);
        self.projections = Some(config.health.clone());
        self.tasks.push(("projections", tokio::spawn(projection::run(config, projections(), self.stop.clone()))));
    }

    /// Beside the projections: it reads their rows.
    fn start_meaning(&mut self, platform: &Platform) {
        let commands = platform.commands.clone();
        let config = ml_workers::meaning::Config { pool: platform.app.clone(), commands };
        self.tasks.push(("meaning", tokio::spawn(ml_workers::meaning::run(config, self.stop.clone()))));
        let commands = platform.commands.clone();
        let config = ml_workers::matching::Config { pool: platform.app.clone(), commands };
        self.tasks.push(("matching", tokio::spawn(ml_workers::matching::run(config, self.stop.clone()))));
    }

    /// Beside the projections, too.
    fn start_recurring(&mut self, platform: &Platform) {
        let rest = Duration::from_secs(30);
        let config = ml_workers::recurring::Config { pool: platform.app.clone(), keys: platform.keys.clone(), rest };
        self.tasks.push(("recurring", tokio::spawn(ml_workers::recurring::run(config, self.stop.clone()))));
    }

    /// Beside the projections, too.
    fn start_drift(&mut self, platform: &Platform) {
        let commands = platform.commands.clone();
        let config = ml_workers::drift::Config { pool: platform.app.clone(), commands };
        self.tasks.push(("drift", tokio::spawn(ml_workers::drift::run(config, self.stop.clone()))));
    }

    /// Waits for a fault that only a person can settle.
    pub async fn failed(&self) -> Arc<SequencerError> {
        let mut failure = self.failure.clone();
        match failure.wait_for(Option::is_some).await.map(|failure| failure.clone()) {
            Ok(Some(error)) => error,
            // Nobody is there to fail.
            _ => std::future::pending().await,
        }
    }

    pub async fn stop(mut self) {
        self.stop.cancel();
        let until = tokio::time::Instant::now() + LAST_WRITES;
        for (name, task) in std::mem::take(&mut self.tasks) {
            let abort = task.abort_handle();
            match tokio::time::timeout_at(until, task).await {
                Ok(Ok(())) => {}
                // Of a panic the error would say what the panic says.
                Ok(Err(error)) => tracing::error!(name, panicked = error.is_panic(), "ended badly"),
                Err(_) => {
                    tracing::warn!(name, "still busy; it is cut off and goes on at the next start");
                    abort.abort();
                }
            }
        }
        // Last, since whoever stops may still be refused something.
        if tokio::time::timeout(LAST_WRITES, self.journal.flush()).await.is_err() {
            tracing::warn!("refusals were counted but not recorded: the database does not answer");
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
