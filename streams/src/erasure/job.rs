//! The job.

use std::time::Duration;

use async_nats::jetstream::Context;
use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::business::{BusinessError, RecordsCommand, RecordsError};
use sqlx::postgres::PgRow;
use sqlx::{Connection, PgPool, Row};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::state::{self, Facts, State, Step};
use super::stream::{Purged, purge};
use super::tables;
use crate::proof::{BusinessStatement, Certificate, ErasedKey, Notary, NotaryError, Statement};
use crate::retention::Archives;
use crate::sealing::{Destroyed, SealError};
use crate::{CommandError, Commands, Meta, verify};

/// Between looks at what is due.
const EVERY: Duration = Duration::from_secs(15);
/// How long former owners may have the certificate.
const OWNERS_KNOWN: &str = "90 days";

/// What the job works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// As the owner of the tables.
    pub pool: PgPool,
    pub commands: Commands,
    pub nats: async_nats::Client,
    /// First part of the names of streams and subjects.
    pub prefix: String,
    pub notary: Notary,
    /// Of histories; those of the business go with it.
    pub archives: Archives,
}

#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("keys: {0}")]
    Keys(#[from] SealError),
    #[error("its archives: {0}")]
    Archives(#[from] std::io::Error),
    #[error("JetStream: {0}")]
    JetStream(async_nats::Error),
    #[error("the certificate: {0}")]
    Notary(#[from] NotaryError),
    #[error("rows of it are left in {0:?}")]
    Left(Vec<String>),
    #[error("the chain does not verify at position {position}: {reason}; nothing is certified over it")]
    Chain { position: i64, reason: String },
    #[error("the certificate cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Erases what is due.
#[derive(Debug, Clone)]
pub struct Eraser {
    pub(super) parts: Parts,
    jetstream: Context,
}

/// What came of a step.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Done(Facts),
    /// To be tried at the next look.
    Waits(&'static str),
}

impl Eraser {
    pub fn new(parts: Parts) -> Self {
        let mut jetstream = async_nats::jetstream::new(parts.nats.clone());
        jetstream.set_timeout(Duration::from_secs(10));
        Self { parts, jetstream }
    }

    /// Looks for what is due, until `shutdown`. Any number of processes may: one works.
    pub async fn run(self, shutdown: CancellationToken) {
        loop {
            if let Err(error) = self.look(Utc::now()).await {
                metrics::counter!("workdock_erasure_failures_total").increment(1);
                tracing::error!(%error, "an erasure waits");
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Takes everything that is due as far as it goes now. Does nothing where another process is at it.
    pub async fn look(&self, now: DateTime<Utc>) -> Result<(), EraseError> {
        let mut lead = self.parts.pool.acquire().await?.detach();
        let leads: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('streams.erasure', 0))")
            .fetch_one(&mut lead)
            .await?;
        let looked = if leads { self.look_as_leader(now).await } else { Ok(()) };
        // Explicitly: the end of the session frees it a moment later.
        sqlx::query("select pg_advisory_unlock_all()").execute(&mut lead).await?;
        lead.close().await?;
        looked
    }

    async fn look_as_leader(&self, now: DateTime<Utc>) -> Result<(), EraseError> {
        let mut failed = Ok(());
        for state in state::list(&self.parts.pool).await? {
            if state.step == Step::Certified || (state.step == Step::Requested && state.due_at > now) {
                continue;
            }
            if let Err(error) = self.go_on(state.business, now).await {
                tracing::error!(business = %state.business, %error, "its erasure is tried again");
                failed = Err(error);
            }
        }
        if let Err(error) = self.look_at_people().await {
            failed = Err(error);
        }
        let forget = format!(
            "delete from erasure.owner using erasure.business
             where owner.business = business.business and certified_at < clock_timestamp() - interval '{OWNERS_KNOWN}'"
        );
        sqlx::query(&forget).execute(&self.parts.pool).await?;
        failed
    }

    async fn go_on(&self, business: BusinessId, now: DateTime<Utc>) -> Result<(), EraseError> {
        while self.step(business, now).await? {}
        Ok(())
    }

    /// Does the next step; whether there may be another at once.
    pub async fn step(&self, business: BusinessId, now: DateTime<Utc>) -> Result<bool, EraseError> {
        let Some(state) = state::find(&self.parts.pool, business).await? else { return Ok(false) };
        let (done, came) = match state.step {
            Step::Requested => return self.decide(&state, now).await,
            Step::Decided => (Step::Keys, self.destroy_keys(&state).await?),
            Step::Keys => (Step::Views, self.await_views(&state).await?),
            Step::Views => (Step::Tables, self.clear_tables(&state).await?),
            Step::Tables => (Step::Stream, self.clear_stream(&state).await?),
            Step::Stream => (Step::Swept, self.sweep(&state).await?),
            Step::Swept => return self.certify(&state).await.map(|()| false),
            Step::Certified => return Ok(false),
        };
        match came {
            Came::Done(facts) => {
                state::advance(&self.parts.pool, &state, done, &facts).await?;
                tracing::info!(%business, step = done.as_str(), "a step of an erasure is done");
                Ok(true)
            }
            Came::Waits(why) => {
                tracing::info!(%business, why, "an erasure waits");
                Ok(false)
            }
        }
    }

    /// No way back from here. A legal hold that was set meanwhile makes it wait.
    async fn decide(&self, state: &State, now: DateTime<Utc>) -> Result<bool, EraseError> {
        let meta = Meta::new(state.business, "system:erasure");
        let erase = RecordsCommand::Erase { now };
        match self.parts.commands.business(state.business, erase.into(), &meta).await {
            Ok(_) => Ok(true),
            Err(CommandError::Business(BusinessError::Records(RecordsError::Held))) => {
                tracing::info!(business = %state.business, "an erasure waits for a legal hold to be lifted");
                Ok(false)
            }
            // Withdrawn a moment ago.
            Err(CommandError::Business(BusinessError::Records(RecordsError::NotDue))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn destroy_keys(&self, state: &State) -> Result<Came, EraseError> {
        let mut facts = state.facts.clone();
        for key in held_keys(&self.parts.pool, state.business.as_uuid()).await? {
            if !facts.keys.contains(&key) {
                facts.keys.push(key);
            }
        }
        // Put down first: afterwards nobody knows which they were.
        state::advance(&self.parts.pool, state, state.step, &facts).await?;
        let destroyed = self.parts.commands.keys().destroy(state.business.as_uuid()).await?;
        facts.everywhere = destroyed == Destroyed::Everywhere;
        Ok(Came::Done(facts))
    }

    async fn await_views(&self, state: &State) -> Result<Came, EraseError> {
        let Some((end, _)) = self.end(state).await? else {
            return Ok(Came::Waits("the sequencer has not given its end a position yet"));
        };
        if any_behind(&self.parts.pool, end).await? {
            return Ok(Came::Waits("a projection, or a replay, has not come to its end yet"));
        }
        match tables::left_in_projections(&self.parts.pool, state.business).await? {
            left if left.is_empty() => Ok(Came::Done(state.facts.clone())),
            left => Err(EraseError::Left(left)),
        }
    }

    async fn clear_tables(&self, state: &State) -> Result<Came, EraseError> {
        let mut facts = state.facts.clone();
        for (table, rows) in tables::clear(&self.parts.pool, state.business).await? {
            *facts.rows.entry(table).or_default() += rows;
        }
        facts.archives += self.parts.archives.remove_all(state.business)?;
        Ok(Came::Done(facts))
    }

    async fn clear_stream(&self, state: &State) -> Result<Came, EraseError> {
        let Some((end, _)) = self.end(state).await? else { return Ok(Came::Waits("its end has no position")) };
        let Parts { pool, prefix, .. } = &self.parts;
        match purge(pool, &self.jetstream, prefix, state.business, end).await.map_err(EraseError::JetStream)? {
            Purged::Behind => Ok(Came::Waits("JetStream is being filled")),
            Purged::Whole(messages) => {
                let mut facts = state.facts.clone();
                facts.messages += messages;
                Ok(Came::Done(facts))
            }
        }
    }

    async fn sweep(&self, state: &State) -> Result<Came, EraseError> {
        tables::sweep(&self.parts.pool).await?;
        Ok(Came::Done(state.facts.clone()))
    }

    async fn certify(&self, state: &State) -> Result<(), EraseError> {
        let Parts { pool, notary, .. } = &self.parts;
        let chain_verified_to = verified(pool).await?;
        let (position, hash) = self.end(state).await?.ok_or(sqlx::Error::RowNotFound)?;
        let before = "select count(*), coalesce(min(position), 0) from store.log where business = $1 and position < $2";
        let before = sqlx::query(before).bind(state.business.as_uuid()).bind(position).fetch_one(pool).await?;
        let facts = state.facts.clone();
        let certified_at = Utc::now();
        let statement = BusinessStatement {
            business: state.business,
            requested_at: state.requested_at,
            requested_by: state.requested_by.clone(),
            due_at: state.due_at,
            erased_at: state.erased_at.ok_or(sqlx::Error::RowNotFound)?,
            position,
            events: before.try_get(0)?,
            first_position: before.try_get(1)?,
            keys: facts.keys,
            backups_unreadable: facts.everywhere,
            rows: facts.rows,
            messages: facts.messages,
            archives: facts.archives,
            chain_verified_to,
            certified_at,
        };
        let certificate = Certificate::issue(notary, Statement::Business(statement), hash).await?;
        let mut tx = pool.begin().await?;
        let certified = "update erasure.business set step = 'certified', certificate = $2, certified_at = $3
            where business = $1 and step = 'swept'";
        let certified = sqlx::query(certified)
            .bind(state.business.as_uuid())
            .bind(serde_json::to_string_pretty(&certificate)?)
            .bind(certified_at)
            .execute(&mut *tx)
            .await?;
        if certified.rows_affected() == 1 {
            let tell = "insert into erasure.telling (business, what) values ($1, 'erased')";
            sqlx::query(tell).bind(state.business.as_uuid()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        tracing::info!(business = %state.business, "a business was erased");
        Ok(())
    }

    /// Where the business ends, and the hash of that event.
    async fn end(&self, state: &State) -> Result<Option<(i64, [u8; 32])>, sqlx::Error> {
        let end = "select log.position, log.hash from erasure.ended join store.log using (position)
            where ended.business = $1";
        let row = sqlx::query(end).bind(state.business.as_uuid()).fetch_optional(&self.parts.pool).await?;
        row.map(|row| Ok((row.try_get(0)?, crate::log::hash(&row, 1)?))).transpose()
    }
}

/// The data keys of a business or a person that are not destroyed.
pub(super) async fn held_keys(pool: &PgPool, scope: Uuid) -> Result<Vec<ErasedKey>, sqlx::Error> {
    let held = "select purpose, version, master from keys.data_key where business = $1 and master is not null
        order by purpose, version";
    let held = sqlx::query(held).bind(scope).fetch_all(pool).await?;
    let key =
        |row: &PgRow| Ok(ErasedKey { purpose: row.try_get(0)?, version: row.try_get(1)?, wrapped_by: row.try_get(2)? });
    held.iter().map(key).collect()
}

/// Whether a projection, or a replay, has yet to come to this position.
pub(super) async fn any_behind(pool: &PgPool, position: i64) -> Result<bool, sqlx::Error> {
    let behind = "select exists (select from streams.checkpoint where position < $1)";
    sqlx::query_scalar(behind).bind(position).fetch_one(pool).await
}

/// How far the chain was checked; nothing is certified over one that does not fit.
pub(super) async fn verified(pool: &PgPool) -> Result<i64, EraseError> {
    let verdict = verify(pool, |_| {}).await?;
    match verdict.misfit {
        Some(misfit) => Err(EraseError::Chain { position: misfit.position, reason: misfit.reason }),
        None => Ok(verdict.fitting),
    }
}
