//! Readers of the log in the order of positions.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::BusinessId;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgExecutor, PgPool, Row};
use uuid::Uuid;

use crate::Event;
use crate::chain::{GENESIS, Link};

/// The most payload bytes that one call of [`read`] returns, the first event excepted.
const MOST_BYTES: i64 = 16 << 20;

/// The newest position. Empty logs have position 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub position: i64,
    pub hash: [u8; 32],
    pub known_at: Option<DateTime<Utc>>,
}

impl Head {
    pub const EMPTY: Self = Self { position: 0, hash: GENESIS, known_at: None };
}

/// The newest position that the sequencer gave.
pub async fn head(pool: impl PgExecutor<'_>) -> Result<Head, sqlx::Error> {
    let row = sqlx::query("select position, hash, known_at from store.log order by position desc limit 1")
        .fetch_optional(pool)
        .await?;
    row.map_or(Ok(Head::EMPTY), |row| {
        Ok(Head { position: row.try_get(0)?, hash: hash(&row, 1)?, known_at: Some(row.try_get(2)?) })
    })
}

/// The newest position whose event was known at that moment: everything up to it was, nothing after it. 0 where
/// nothing was known yet.
pub async fn position_at(pool: impl PgExecutor<'_>, moment: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select store.position_at($1)").bind(moment).fetch_one(pool).await
}

/// Events after a position, in order and without gaps: at most `limit`, fewer where they are large (some 16 MB of
/// payload), none only at the head.
pub async fn read(pool: &PgPool, after: i64, limit: i64) -> Result<Vec<Event>, sqlx::Error> {
    let positioned = read_positioned(pool, after, limit).await?;
    Ok(positioned.into_iter().map(|positioned| positioned.event).collect())
}

/// The events at these positions, in their order; positions beyond the log are left out.
pub async fn at_each(pool: &PgPool, positions: &[i64]) -> Result<Vec<Event>, sqlx::Error> {
    let positioned: Vec<Positioned> = sqlx::query_as(READ_EACH).bind(positions).fetch_all(pool).await?;
    Ok(positioned.into_iter().map(|positioned| positioned.event).collect())
}

const POSITIONS_OF: &str = "
select event.aggregate_id, event.sequence, log.position
from unnest($2::text[], $3::bigint[]) as wanted (aggregate_id, sequence)
join store.events event on event.aggregate_type = $1 and event.aggregate_id = wanted.aggregate_id
 and event.sequence = wanted.sequence
join store.log log on log.event_id = event.id";

/// Where events of one kind of aggregate stand, by aggregate and number; those without a position yet are left out.
pub async fn positions_of(
    pool: &PgPool,
    aggregate_type: &str,
    wanted: &[(Uuid, i64)],
) -> Result<HashMap<(Uuid, i64), i64>, sqlx::Error> {
    let (ids, numbers): (Vec<_>, Vec<_>) = wanted.iter().map(|(id, number)| (id.to_string(), *number)).unzip();
    let query = sqlx::query_as(POSITIONS_OF).bind(aggregate_type).bind(ids).bind(numbers);
    let rows: Vec<(String, i64, i64)> = query.fetch_all(pool).await?;
    rows.into_iter().map(|(id, number, position)| Ok(((uuid(&id)?, number), position))).collect()
}

/// The event at a position.
pub async fn at(pool: &PgPool, position: i64) -> Result<Option<Event>, sqlx::Error> {
    Ok(read(pool, position - 1, 1).await?.pop())
}

/// What the log says of a position, without its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub business: BusinessId,
    pub hash: [u8; 32],
}

pub async fn entry(pool: impl PgExecutor<'_>, position: i64) -> Result<Option<Entry>, sqlx::Error> {
    let query = sqlx::query("select business, hash from store.log where position = $1").bind(position);
    let row = query.fetch_optional(pool).await?;
    row.map(|row| Ok(Entry { business: BusinessId::from_uuid(row.try_get(0)?), hash: hash(&row, 1)? })).transpose()
}

/// An event and its metadata as stored.
#[derive(Debug, Clone)]
pub(crate) struct Positioned {
    pub event: Event,
    pub metadata: String,
}

/// The lateral join with its limit keeps the plan a walk along both indexes, whatever the statistics say: positions
/// and identities run nearly together.
const READ: &str = "
select l.position, l.business, l.business_sequence, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type,
       e.event_version, e.recorded_at, l.known_at, l.hash, e.metadata, e.payload
from (select *, sum(bytes) over (order by position) - bytes as before
      from store.log where position > $1 and position <= $1 + $2) l
cross join lateral (select aggregate_type, aggregate_id, sequence, event_type, event_version, recorded_at,
                           metadata::text as metadata, payload::text as payload
                    from store.events where id = l.event_id limit 1) e
where l.before < $3
order by l.position";

const READ_EACH: &str = "
select l.position, l.business, l.business_sequence, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type,
       e.event_version, e.recorded_at, l.known_at, l.hash, e.metadata, e.payload
from store.log l
cross join lateral (select aggregate_type, aggregate_id, sequence, event_type, event_version, recorded_at,
                           metadata::text as metadata, payload::text as payload
                    from store.events where id = l.event_id limit 1) e
where l.position = any($1)
order by l.position";

pub(crate) async fn read_positioned(
    pool: impl PgExecutor<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<Positioned>, sqlx::Error> {
    sqlx::query_as(READ).bind(after).bind(limit).bind(MOST_BYTES).fetch_all(pool).await
}

/// An event with the hash of the one a position before; none before the first.
#[derive(Debug, Clone)]
pub(crate) struct Followed {
    pub positioned: Positioned,
    pub previous: Option<[u8; 32]>,
}

const READ_BUSINESS: &str = "
select l.position, l.business, l.business_sequence, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type,
       e.event_version, e.recorded_at, l.known_at, l.hash, e.metadata, e.payload,
       (select hash from store.log where position = l.position - 1)
from (select *, sum(bytes) over (order by business_sequence) - bytes as before
      from store.log where business = $1 and business_sequence > $2 and business_sequence <= $2 + $3) l
cross join lateral (select aggregate_type, aggregate_id, sequence, event_type, event_version, recorded_at,
                           metadata::text as metadata, payload::text as payload
                    from store.events where id = l.event_id limit 1) e
where l.before < $4
order by l.business_sequence";

/// Events of a business after a number of its own, bounded as those of [`read`].
pub(crate) async fn read_business(
    pool: impl PgExecutor<'_>,
    business: BusinessId,
    after: i64,
    limit: i64,
) -> Result<Vec<Followed>, sqlx::Error> {
    let query = sqlx::query_as(READ_BUSINESS).bind(business.as_uuid()).bind(after).bind(limit).bind(MOST_BYTES);
    query.fetch_all(pool).await
}

impl FromRow<'_, PgRow> for Followed {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let previous: Option<&[u8]> = row.try_get(13)?;
        let previous = previous.map(<[u8; 32]>::try_from).transpose();
        let previous = previous.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Self { positioned: Positioned::from_row(row)?, previous })
    }
}

impl FromRow<'_, PgRow> for Positioned {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let metadata: String = row.try_get(11)?;
        let event = Event {
            position: row.try_get(0)?,
            business: BusinessId::from_uuid(row.try_get(1)?),
            business_sequence: row.try_get(2)?,
            aggregate_type: row.try_get(3)?,
            aggregate_id: uuid(row.try_get(4)?)?,
            sequence: row.try_get(5)?,
            event_type: row.try_get(6)?,
            event_version: row.try_get(7)?,
            recorded_at: row.try_get(8)?,
            known_at: row.try_get(9)?,
            hash: hash(row, 10)?,
            metadata: metadata_of(&metadata),
            payload: Bytes::from(row.try_get::<String, _>(12)?),
        };
        Ok(Self { event, metadata })
    }
}

impl Positioned {
    /// The event's hash, computed again from what is stored.
    pub(crate) fn hash_after(&self, previous: &[u8; 32]) -> [u8; 32] {
        let event = &self.event;
        let link = Link {
            position: event.position,
            business: event.business.as_uuid(),
            business_sequence: event.business_sequence,
            aggregate_type: &event.aggregate_type,
            aggregate_id: &event.aggregate_id.to_string(),
            sequence: event.sequence,
            event_type: &event.event_type,
            event_version: &event.event_version,
            recorded_at: event.recorded_at,
            metadata: &self.metadata,
            // Read from a text column.
            payload: std::str::from_utf8(&event.payload).unwrap_or_default(),
        };
        link.hash(previous)
    }
}

/// Metadata as written by this program are strings; anything else in them is shown as its JSON.
pub(crate) fn metadata_of(text: &str) -> HashMap<String, String> {
    let map: HashMap<String, serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
    let plain = |value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    map.into_iter().map(|(key, value)| (key, plain(value))).collect()
}

pub(crate) fn uuid(text: &str) -> Result<Uuid, sqlx::Error> {
    text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

pub(crate) fn hash(row: &PgRow, index: usize) -> Result<[u8; 32], sqlx::Error> {
    let bytes: &[u8] = row.try_get(index)?;
    bytes.try_into().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
