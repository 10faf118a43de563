//! Letting a business that stands still go on, once what stopped it is mended.

use std::collections::HashSet;
use std::sync::Arc;

use domain::BusinessId;
use sqlx::{Connection, PgConnection, PgPool, Row};

use super::config::Config;
use super::dead_letter::DeadLetter;
use super::generation::Generation;
use super::isolate::{Isolated, isolate_in_tx};
use super::publish::publish_notices;
use super::{Notice, Projection};
use crate::{Event, log};

/// In one transaction, so that it stays short: full pages are 500 bank transactions each.
const MOST_EVENTS: i64 = 40;

#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    #[error("{business} does not stand still in {projection}")]
    NotBlocked { projection: &'static str, business: BusinessId },
    #[error("{} still stands still in {}: position {}: {}", .0.business, .0.projection, .0.position, .0.error)]
    StillBlocked(Box<DeadLetter>),
    #[error("the generation {schema} does not exist")]
    NoGeneration { schema: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What was folded at last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retried {
    pub events: u64,
    /// The projection's checkpoint, which now holds for this business too.
    pub position: i64,
}

/// Folds the event that stopped the business and all that were parked behind it, in their order, and lets it go on.
/// The running projection may go on meanwhile, here or elsewhere. `projection` is an instance of its own.
///
/// # Errors
/// [`RetryError::StillBlocked`] where an event still cannot be folded; those before it then are in the rows.
pub async fn retry(
    config: &Config,
    projection: Arc<dyn Projection>,
    business: BusinessId,
) -> Result<Retried, RetryError> {
    let mut connection = config.pool.acquire().await?.detach();
    let retry = Retry { pool: &config.pool, live: Generation::live(&*projection), projection: &*projection, business };
    let mut events = 0;
    loop {
        let part = retry.one_transaction(&mut connection).await?;
        events += part.events;
        publish_notices(config, projection.name(), part.notices).await;
        match part.then {
            Then::Again => {}
            Then::Done { position } => return Ok(Retried { events, position }),
            Then::Blocked(letter) => return Err(RetryError::StillBlocked(letter)),
        }
    }
}

struct Retry<'a> {
    pool: &'a PgPool,
    live: Generation,
    projection: &'a dyn Projection,
    business: BusinessId,
}

struct Part {
    events: u64,
    notices: Vec<Notice>,
    then: Then,
}

enum Then {
    Again,
    Done { position: i64 },
    Blocked(Box<DeadLetter>),
}

impl Retry<'_> {
    async fn one_transaction(&self, connection: &mut PgConnection) -> Result<Part, RetryError> {
        let mut tx = connection.begin().await?;
        let at = self.live.lock_in_tx(&mut tx).await?;
        let at = at.ok_or_else(|| RetryError::NoGeneration { schema: self.live.schema.clone() })?;
        let letter = self.letter_in_tx(&mut tx).await?;
        let (letter, resume) =
            letter.ok_or(RetryError::NotBlocked { projection: self.projection.name(), business: self.business })?;
        let events = self.events(resume, at.position).await?;
        self.projection.forget();
        self.resolve_in_tx(&mut tx, letter).await?;
        let mut blocked = HashSet::new();
        let Isolated { notices, dead, .. } =
            isolate_in_tx(self.projection, &self.live, &mut tx, &events, &mut blocked).await?;
        let last = events.last().map_or(at.position, |event| event.position);
        let (folded_to, then) = match dead.into_iter().next() {
            Some(letter) => (letter.position - 1, Then::Blocked(Box::new(letter))),
            None if (events.len() as i64) < MOST_EVENTS => (at.position, Then::Done { position: at.position }),
            None => (last, Then::Again),
        };
        match &then {
            Then::Done { .. } => self.unblock_in_tx(&mut tx).await?,
            Then::Again => self.resume_in_tx(&mut tx, letter, folded_to, at.position).await?,
            Then::Blocked(dead) => self.resume_in_tx(&mut tx, dead.position, folded_to, at.position).await?,
        }
        tx.commit().await?;
        let folded = events.iter().filter(|event| event.position <= folded_to).count();
        Ok(Part { events: folded as u64, notices, then })
    }

    /// The position that stopped the business, and the first that is not in its rows.
    async fn letter_in_tx(&self, tx: &mut PgConnection) -> Result<Option<(i64, i64)>, sqlx::Error> {
        let row = sqlx::query(
            "select position, resume from streams.dead_letter
             where projection = $1 and version = $2 and business = $3 and resolved_at is null for update",
        )
        .bind(&self.live.label)
        .bind(self.live.version)
        .bind(self.business.as_uuid())
        .fetch_optional(tx)
        .await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
    }

    async fn events(&self, from: i64, to: i64) -> Result<Vec<Event>, sqlx::Error> {
        let positions: Vec<i64> = sqlx::query_scalar(
            "select position from store.log where business = $1 and position between $2 and $3
             order by business_sequence limit $4",
        )
        .bind(self.business.as_uuid())
        .bind(from)
        .bind(to)
        .bind(MOST_EVENTS)
        .fetch_all(self.pool)
        .await?;
        let mut events = Vec::with_capacity(positions.len());
        for position in positions {
            events.extend(log::at(self.pool, position).await?);
        }
        Ok(events)
    }

    /// For now: a new letter, or the same one again, takes its place where an event fails.
    async fn resolve_in_tx(&self, tx: &mut PgConnection, position: i64) -> Result<(), sqlx::Error> {
        sqlx::query(
            "update streams.dead_letter set resolved_at = clock_timestamp(), parked = 0
             where projection = $1 and version = $2 and position = $3",
        )
        .bind(&self.live.label)
        .bind(self.live.version)
        .bind(position)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// The business still stands still, behind `letter`, with all up to `folded_to` in its rows.
    async fn resume_in_tx(
        &self,
        tx: &mut PgConnection,
        letter: i64,
        folded_to: i64,
        checkpoint: i64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "update streams.dead_letter set resolved_at = null, resume = $4 + 1,
                parked = (select count(*) from store.log where business = $5 and position > greatest($3, $4)
                          and position <= $6)
             where projection = $1 and version = $2 and position = $3",
        )
        .bind(&self.live.label)
        .bind(self.live.version)
        .bind(letter)
        .bind(folded_to)
        .bind(self.business.as_uuid())
        .bind(checkpoint)
        .execute(&mut *tx)
        .await?;
        self.rise_epoch_in_tx(tx, 0).await
    }

    async fn unblock_in_tx(&self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.rise_epoch_in_tx(tx, 1).await
    }

    /// The running projection's memory is outdated.
    async fn rise_epoch_in_tx(&self, tx: &mut PgConnection, unblocked: i32) -> Result<(), sqlx::Error> {
        sqlx::query(
            "update streams.checkpoint set epoch = epoch + 1, blocked = blocked - $3
             where projection = $1 and version = $2",
        )
        .bind(&self.live.label)
        .bind(self.live.version)
        .bind(unblocked)
        .execute(tx)
        .await?;
        Ok(())
    }
}
