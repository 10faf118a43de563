//! The job.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::business::{Archived, BusinessError, Erasure, RecordsCommand, RecordsError, Retention};
use domain::security::SecurityEvent;
use sqlx::{Connection, PgPool};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::files::Archives;
use super::spans;
use crate::proof::{ExportError, Notary, archive};
use crate::security::Journal;
use crate::{CommandError, Commands, Meta, log};

/// Between looks. What is past its time grows once a month.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// Archives of one business in one look: others have their turn.
const MOST_AT_ONCE: usize = 64;
const ACTOR: &str = "system:retention";

/// What the job works with.
#[derive(Debug, Clone)]
pub struct Parts {
    pub pool: PgPool,
    pub commands: Commands,
    pub notary: Notary,
    pub archives: Archives,
}

#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("the archive: {0}")]
    Export(#[from] ExportError),
    #[error("the folder of archives: {0}")]
    Folder(#[from] std::io::Error),
}

/// Archives what is past its time.
#[derive(Debug, Clone)]
pub struct Keeper {
    parts: Parts,
}

/// What is kept of a history, and what has left it.
struct Kept {
    retention: Retention,
    archived: i64,
    newest: Option<String>,
}

impl Keeper {
    pub const fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// Looks for what is past its time, until `shutdown`. Any number of processes may: one works.
    pub async fn run(self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                looked = self.look(Utc::now()) => if let Err(error) = looked {
                    metrics::counter!("workdock_retention_failures_total").increment(1);
                    tracing::error!(%error, "a history keeps what is past its time");
                },
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Archives everything that is past its time; how many files. Does nothing where another process is at it.
    pub async fn look(&self, now: DateTime<Utc>) -> Result<usize, RetentionError> {
        let mut lead = self.parts.pool.acquire().await?.detach();
        let leads: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('streams.retention', 0))")
            .fetch_one(&mut lead)
            .await?;
        let looked = if leads { self.look_as_leader(now).await } else { Ok(0) };
        // Explicitly: the end of the session frees it a moment later.
        sqlx::query("select pg_advisory_unlock_all()").execute(&mut lead).await?;
        lead.close().await?;
        looked
    }

    async fn look_as_leader(&self, now: DateTime<Utc>) -> Result<usize, RetentionError> {
        self.clear_erased().await?;
        // What is recorded meanwhile has its turn at the next look.
        let head = log::head(&self.parts.pool).await?.position;
        let (mut files, mut failed) = (0, None);
        for business in spans::old(&self.parts.pool, Retention::LEAST.ends_before(now)).await? {
            for _ in 0..MOST_AT_ONCE {
                match self.archive_next(business, head, now).await {
                    Ok(true) => files += 1,
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(%business, %error, "its history is archived at the next look");
                        failed = Some(error);
                        break;
                    }
                }
            }
        }
        failed.map_or(Ok(files), Err)
    }

    /// Where the job that erases cannot reach this folder, or met a file that was being written.
    async fn clear_erased(&self) -> Result<(), RetentionError> {
        let erased: Vec<Uuid> =
            sqlx::query_scalar("select business from erasure.ended").fetch_all(&self.parts.pool).await?;
        for business in erased {
            self.parts.archives.remove_all(BusinessId::from_uuid(business))?;
        }
        Ok(())
    }

    /// One archive; whether there may be another.
    async fn archive_next(&self, business: BusinessId, head: i64, now: DateTime<Utc>) -> Result<bool, RetentionError> {
        let Parts { pool, notary, archives, .. } = &self.parts;
        let Some(kept) = self.kept(business).await? else { return Ok(false) };
        let before = kept.retention.ends_before(now);
        let Some(span) = spans::past(pool, business, kept.archived, (head, before)).await? else { return Ok(false) };
        let content = archive(pool, notary, span, (before, kept.retention.months()), kept.newest).await?;
        let stored = archives.put(span, content).await?;
        let archived = Archived {
            file: stored.file,
            first_position: span.first_position,
            last_position: span.last_position,
            first_sequence: span.first_sequence,
            last_sequence: span.last_sequence,
            before,
            sha256: stored.sha256,
            bytes: stored.bytes,
        };
        if !self.record(business, archived, now).await? {
            archives.remove(span)?;
            return Ok(false);
        }
        archives.remove_others(span)?;
        tracing::info!(%business, events = span.last_sequence - span.first_sequence + 1, "a part of a history was archived");
        Ok(true)
    }

    /// `None` where nothing may go: under a legal hold, and after the end.
    async fn kept(&self, business: BusinessId) -> Result<Option<Kept>, RetentionError> {
        if business.as_uuid().is_nil() {
            let Some(retention) = self.longest().await? else { return Ok(None) };
            let (archived, newest) = spans::of_installation(&self.parts.pool).await?;
            return Ok(Some(Kept { retention, archived, newest }));
        }
        let now = self.parts.commands.business_now(business).await?;
        let records = now.records();
        let stays = !now.is_registered() || records.hold().is_some() || records.erasure() == Some(Erasure::Done);
        Ok((!stays).then(|| Kept {
            retention: records.retention(),
            archived: records.archived(),
            newest: records.newest_archive().map(ToOwned::to_owned),
        }))
    }

    /// Of the installation's history, where the sign-ins of every business's members stand: as long as any business
    /// keeps its own, and all of it while one is under a legal hold.
    async fn longest(&self) -> Result<Option<Retention>, RetentionError> {
        let mut longest = Retention::default();
        for business in spans::old(&self.parts.pool, DateTime::<Utc>::MAX_UTC).await? {
            if business.as_uuid().is_nil() {
                continue;
            }
            let now = self.parts.commands.business_now(business).await?;
            let records = now.records();
            if !now.is_registered() || records.erasure() == Some(Erasure::Done) {
                continue;
            }
            if records.hold().is_some() {
                return Ok(None);
            }
            longest = longest.max(records.retention());
        }
        Ok(Some(longest))
    }

    /// Whether it stands in the log now. Not where a legal hold was set, or the business erased, a moment ago.
    async fn record(
        &self,
        business: BusinessId,
        archived: Archived,
        now: DateTime<Utc>,
    ) -> Result<bool, RetentionError> {
        let commands = &self.parts.commands;
        if business.as_uuid().is_nil() {
            commands.journal().record(of_installation(archived), &Meta::installation(ACTOR)).await?;
            return Ok(true);
        }
        let archive = RecordsCommand::Archive { archived, now };
        match commands.business(business, archive.into(), &Meta::new(business, ACTOR)).await {
            Ok(_) => Ok(true),
            Err(CommandError::Business(
                BusinessError::Erased | BusinessError::Records(RecordsError::Held | RecordsError::NotPast),
            )) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn of_installation(archived: Archived) -> SecurityEvent {
    let Archived { file, first_position, last_position, first_sequence, last_sequence, before, sha256, bytes } =
        archived;
    SecurityEvent::HistoryArchived {
        file,
        first_position,
        last_position,
        first_sequence,
        last_sequence,
        before,
        sha256,
        bytes,
    }
}
