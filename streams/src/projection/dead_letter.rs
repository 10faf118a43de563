//! Events that could not be folded, and the businesses that stand still because of them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::BusinessId;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::generation::Generation;
use crate::Event;

/// An event that could not be folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    pub projection: String,
    pub version: i32,
    pub position: i64,
    pub business: BusinessId,
    pub event_type: String,
    /// For operators; may quote the event's data.
    pub error: String,
    pub at: DateTime<Utc>,
    /// How often it was tried since it first failed, the first time included.
    pub attempts: i32,
    /// Later events of the business that wait behind it.
    pub parked: i64,
}

impl DeadLetter {
    pub(crate) fn of(generation: &Generation, event: &Event, error: String) -> Self {
        Self {
            projection: generation.label.clone(),
            version: generation.version,
            position: event.position,
            business: event.business,
            event_type: event.event_type.clone(),
            error,
            at: Utc::now(),
            attempts: 1,
            parked: 0,
        }
    }
}

#[derive(FromRow)]
struct Stored {
    projection: String,
    version: i32,
    position: i64,
    business: Uuid,
    event_type: String,
    error: String,
    at: DateTime<Utc>,
    attempts: i32,
    parked: i64,
}

impl From<Stored> for DeadLetter {
    fn from(row: Stored) -> Self {
        Self {
            projection: row.projection,
            version: row.version,
            position: row.position,
            business: BusinessId::from_uuid(row.business),
            event_type: row.event_type,
            error: row.error,
            at: row.at,
            attempts: row.attempts,
            parked: row.parked,
        }
    }
}

const COLUMNS: &str = "projection, version, position, business, event_type, error, at, attempts, parked";

/// The businesses that stand still.
pub(crate) async fn blocked_in_tx(
    tx: &mut PgConnection,
    generation: &Generation,
) -> Result<HashSet<BusinessId>, sqlx::Error> {
    let businesses: Vec<Uuid> = sqlx::query_scalar(
        "select business from streams.dead_letter where projection = $1 and version = $2 and resolved_at is null",
    )
    .bind(&generation.label)
    .bind(generation.version)
    .fetch_all(tx)
    .await?;
    Ok(businesses.into_iter().map(BusinessId::from_uuid).collect())
}

/// Records the event and makes its business stand still.
pub(crate) async fn insert_in_tx(tx: &mut PgConnection, letter: &DeadLetter) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into streams.dead_letter (projection, version, position, business, event_type, error, resume)
         values ($1, $2, $3, $4, $5, $6, $3)
         on conflict (projection, version, position) do update
         set error = excluded.error, resume = excluded.resume, attempts = dead_letter.attempts + 1,
             at = clock_timestamp(), resolved_at = null, published_at = null",
    )
    .bind(&letter.projection)
    .bind(letter.version)
    .bind(letter.position)
    .bind(letter.business.as_uuid())
    .bind(&letter.event_type)
    .bind(&letter.error)
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts the events that were skipped because their business stands still.
pub(crate) async fn park_in_tx(
    tx: &mut PgConnection,
    generation: &Generation,
    parked: &HashMap<BusinessId, i64>,
) -> Result<(), sqlx::Error> {
    for (business, events) in parked {
        sqlx::query(
            "update streams.dead_letter set parked = parked + $4
             where projection = $1 and version = $2 and business = $3 and resolved_at is null",
        )
        .bind(&generation.label)
        .bind(generation.version)
        .bind(business.as_uuid())
        .bind(events)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Forgets what it has of these businesses; how many of them stood still.
pub(crate) async fn forget_in_tx(
    tx: &mut PgConnection,
    generation: &Generation,
    businesses: &HashSet<BusinessId>,
) -> Result<i32, sqlx::Error> {
    let businesses: Vec<Uuid> = businesses.iter().map(|business| business.as_uuid()).collect();
    sqlx::query_scalar(
        "with gone as (
            delete from streams.dead_letter where projection = $1 and version = $2 and business = any($3)
            returning resolved_at),
         unblocked as (select count(*)::integer as number from gone where resolved_at is null),
         told as (
            update streams.checkpoint set blocked = blocked - number from unblocked
            where projection = $1 and version = $2)
         select number from unblocked",
    )
    .bind(&generation.label)
    .bind(generation.version)
    .bind(businesses)
    .fetch_one(tx)
    .await
}

/// What keeps businesses of the generation standing still, oldest first.
pub(crate) async fn unresolved(
    connection: &mut PgConnection,
    generation: &Generation,
) -> Result<Vec<DeadLetter>, sqlx::Error> {
    select(connection, generation, "resolved_at is null").await
}

/// What the dead-letter stream has not been told yet, oldest first.
pub(crate) async fn unpublished(
    connection: &mut PgConnection,
    generation: &Generation,
) -> Result<Vec<DeadLetter>, sqlx::Error> {
    select(connection, generation, "published_at is null").await
}

async fn select(
    connection: &mut PgConnection,
    generation: &Generation,
    condition: &str,
) -> Result<Vec<DeadLetter>, sqlx::Error> {
    let rows: Vec<Stored> = sqlx::query_as(&format!(
        "select {COLUMNS} from streams.dead_letter
         where projection = $1 and version = $2 and {condition} order by position"
    ))
    .bind(&generation.label)
    .bind(generation.version)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(DeadLetter::from).collect())
}

pub(crate) async fn mark_published(connection: &mut PgConnection, letter: &DeadLetter) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update streams.dead_letter set published_at = clock_timestamp()
         where projection = $1 and version = $2 and position = $3 and attempts = $4",
    )
    .bind(&letter.projection)
    .bind(letter.version)
    .bind(letter.position)
    .bind(letter.attempts)
    .execute(connection)
    .await?;
    Ok(())
}
