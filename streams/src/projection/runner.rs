//! Keeps one projection up with the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use sqlx::PgConnection;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::active::{active_version, create_first};
use super::config::Config;
use super::feed::{Batch, Feed};
use super::generation::{Generation, version_of};
use super::health::{Feeding, State};
use super::pace::Pace;
use super::publish::{publish_dead_letters, publish_notices};
use super::writer::{Step, WriteError, Writer, Written};
use super::{DeadLetter, Projection, ProjectionError, dead_letter};
use crate::replay::{self, ReplayError};
use crate::{Event, log};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const REPORT_EVERY: Duration = Duration::from_secs(2);
const LAST_WRITE: Duration = Duration::from_secs(2);
/// A projection that ran this long before an error begins with the shortest pause again.
const RECOVERED: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error("version {active} of this projection serves; this program has version {own}")]
    Superseded { active: i32, own: i32 },
    #[error("events {after} to {before} (both exclusive) are not in the log: JetStream is ahead of the store")]
    AheadOfLog { after: i64, before: i64 },
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

pub(super) struct Runner {
    config: Config,
    projection: Arc<dyn Projection>,
    live: Generation,
    shutdown: CancellationToken,
}

impl Runner {
    pub fn new(config: Config, projection: Arc<dyn Projection>, shutdown: CancellationToken) -> Self {
        let live = Generation::live(&*projection);
        config.health.add(projection.name(), projection.version());
        Self { config, projection, live, shutdown }
    }

    fn name(&self) -> &'static str {
        self.projection.name()
    }

    /// Runs until shutdown. Every error is reported, and followed by another try after a pause.
    pub async fn run(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let began = Instant::now();
            let Err(error) = self.follow().await else { break };
            if began.elapsed() > RECOVERED {
                pause = FIRST_PAUSE;
            }
            self.report(&error, pause);
            tokio::select! {
                () = self.shutdown.cancelled() => break,
                () = sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.config.health.enter(self.name(), State::Stopped, None);
    }

    fn report(&self, error: &RunError, pause: Duration) {
        let name = self.name();
        metrics::counter!("workdock_projection_errors_total", "projection" => name).increment(1);
        tracing::warn!(projection = name, %error, ?pause, "the projection stopped; it is started again");
        let state = match error {
            RunError::Superseded { .. } => State::Superseded,
            _ => State::Retrying,
        };
        self.config.health.enter(name, state, Some(error.to_string()));
    }

    /// `Ok` once shutdown is asked for.
    async fn follow(&self) -> Result<(), RunError> {
        let mut position = tokio::select! {
            () = self.shutdown.cancelled() => return Ok(()),
            prepared = self.prepare() => prepared?,
        };
        let mut feed = Feed::new(&self.config, &self.live);
        let mut writer = Writer::new(self.config.pool.clone(), Arc::clone(&self.projection), self.live.clone());
        let mut pace = Pace::new(self.config.limits);
        self.config.health.enter(self.name(), State::Running, None);
        let mut reported = Instant::now();
        loop {
            let batch = tokio::select! {
                () = self.shutdown.cancelled() => return Ok(()),
                batch = feed.next(position, &pace) => batch?,
            };
            match batch {
                Some(batch) => {
                    position = tokio::select! {
                        () = self.out_of_time() => return Ok(()),
                        written = self.write(&mut writer, &mut pace, batch, position) => written?,
                    }
                }
                None => self.caught_up(position),
            }
            if reported.elapsed() > REPORT_EVERY {
                self.report_blocked(&mut *self.config.pool.acquire().await?).await?;
                reported = Instant::now();
            }
        }
    }

    /// A batch is written to its end when shutdown is asked for, unless the database makes it wait too long; then it
    /// is rolled back.
    async fn out_of_time(&self) {
        self.shutdown.cancelled().await;
        sleep(LAST_WRITE).await;
    }

    /// Sees to it that the live generation exists, is of this version and not ahead of the log. Returns its position.
    async fn prepare(&self) -> Result<i64, RunError> {
        let mut connection = self.config.pool.acquire().await?;
        if create_first(&mut connection, &*self.projection).await? {
            tracing::info!(projection = self.name(), schema = self.live.schema, "created");
        }
        let own = version_of(&*self.projection);
        match active_version(&mut connection, self.name()).await? {
            Some(active) if active > own => return Err(RunError::Superseded { active, own }),
            Some(active) if active == own => {}
            _ => self.rebuild("another version serves").await?,
        }
        let head = log::head(&mut *connection).await?.position;
        match self.live.position(&mut connection).await? {
            Some(position) if position <= head => {}
            Some(_) => self.rebuild("it is ahead of the log, which was cut").await?,
            None => self.rebuild("it has no checkpoint").await?,
        }
        self.report_blocked(&mut connection).await?;
        let position = self.live.position(&mut connection).await?;
        position.ok_or_else(|| WriteError::NoGeneration { schema: self.live.schema.clone() }.into())
    }

    async fn rebuild(&self, why: &str) -> Result<(), RunError> {
        tracing::warn!(projection = self.name(), why, "rebuilding from the log");
        self.config.health.enter(self.name(), State::Rebuilding, Some(why.to_owned()));
        let health = self.config.health.clone();
        let name = self.name();
        let progress = move |progress: &replay::Progress| {
            health.update(name, |status| {
                status.position = progress.position;
                status.behind = progress.target.saturating_sub(progress.position).unsigned_abs();
            });
        };
        replay::rebuild(&self.config.pool, Arc::clone(&self.projection), &progress).await?;
        Ok(())
    }

    /// Writes a batch to its end, filling gaps from the log, and tells of it. Returns the checkpoint.
    async fn write(&self, writer: &mut Writer, pace: &mut Pace, batch: Batch, position: i64) -> Result<i64, RunError> {
        let began = Instant::now();
        let Some(last) = batch.events.last() else { return Ok(position) };
        let position = self.write_events(writer, pace, &batch.events, last.position).await?;
        batch.acknowledge().await;
        pace.learn(batch.bytes, began.elapsed());
        let name = self.name();
        metrics::histogram!("workdock_projection_batch_seconds", "projection" => name).record(began.elapsed());
        let lag = Utc::now() - last.recorded_at;
        metrics::histogram!("workdock_projection_lag_seconds", "projection" => name)
            .record(lag.to_std().unwrap_or_default());
        self.config.health.update(name, |status| {
            status.position = position;
            status.behind = batch.behind;
            status.feed = batch.from;
            status.known_at = Some(last.known_at);
            status.lag_ms = lag.num_milliseconds();
        });
        Ok(position)
    }

    async fn write_events(
        &self,
        writer: &mut Writer,
        pace: &Pace,
        events: &[Event],
        last: i64,
    ) -> Result<i64, RunError> {
        let mut missing = Vec::new();
        let mut position = 0;
        while position < last {
            // A gap is filled first; what was redelivered meanwhile is dropped by the writer.
            let events = if missing.is_empty() { events } else { &missing };
            let start = events.partition_point(|event| event.position <= position);
            let events = &events[start..];
            match writer.write(&events[..pace.cut(events)]).await? {
                Step::Written(written) => {
                    position = written.position;
                    missing.retain(|event: &Event| event.position > position);
                    self.tell(written).await?;
                }
                Step::Gap { after, before } => missing = self.read_gap(after, before, pace).await?,
            }
        }
        Ok(position)
    }

    async fn read_gap(&self, after: i64, before: i64, pace: &Pace) -> Result<Vec<Event>, RunError> {
        metrics::counter!("workdock_projection_gaps_total", "projection" => self.name()).increment(1);
        tracing::info!(
            projection = self.name(),
            after,
            before,
            "JetStream skipped positions; reading them from the log"
        );
        let events = log::read(&self.config.pool, after, pace.most_events().min(before - after - 1)).await?;
        match events.is_empty() {
            true => Err(RunError::AheadOfLog { after, before }),
            false => Ok(events),
        }
    }

    async fn tell(&self, written: Written) -> Result<(), RunError> {
        let name = self.name();
        let count = |what: &'static str, number: u64| metrics::counter!(what, "projection" => name).increment(number);
        count("workdock_projection_events_total", written.events as u64);
        count("workdock_projection_redelivered_total", written.repeated as u64);
        count("workdock_projection_parked_total", written.parked.unsigned_abs());
        count("workdock_projection_dead_letters_total", written.dead.len() as u64);
        metrics::gauge!("workdock_projection_position", "projection" => name).set(written.position as f64);
        publish_notices(&self.config, name, written.notices).await;
        if !written.dead.is_empty() || written.parked > 0 {
            for letter in &written.dead {
                let DeadLetter { position, business, error, .. } = letter;
                tracing::error!(projection = name, position, %business, error, "an event cannot be folded; its business stands still");
            }
            let mut connection = self.config.pool.acquire().await?;
            self.report_blocked(&mut connection).await?;
        }
        Ok(())
    }

    /// Brings health up to date, and the dead-letter stream, whose failure stops nothing.
    async fn report_blocked(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let blocked = dead_letter::unresolved(connection, &self.live).await?;
        metrics::gauge!("workdock_projection_blocked_businesses", "projection" => self.name())
            .set(blocked.len() as f64);
        let any = !blocked.is_empty();
        self.config.health.update(self.name(), |status| {
            mark(status.projection, &status.blocked, 0.0);
            mark(status.projection, &blocked, 1.0);
            status.blocked = blocked;
        });
        if any && let Err(error) = publish_dead_letters(&self.config, self.name(), &self.live, connection).await {
            tracing::warn!(projection = self.name(), %error, "dead letters wait to be published");
        }
        Ok(())
    }

    fn caught_up(&self, position: i64) {
        self.config.health.update(self.name(), |status| {
            status.position = position;
            status.behind = 0;
            status.feed = Feeding::Jetstream;
        });
    }
}

/// Counts by business which of them stand still; one that goes on again falls to 0.
fn mark(projection: &'static str, blocked: &[DeadLetter], still: f64) {
    for letter in blocked {
        let business = letter.business.to_string();
        metrics::gauge!("workdock_business_stands_still", "projection" => projection, "business" => business)
            .set(still);
    }
}
