//! The events that transactions came with.

use chrono::{DateTime, Utc};
use domain::{BatchId, BusinessId};
use sqlx::{Error, PgPool, Row};
use uuid::Uuid;

use super::sql;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    pub position: i64,
    /// With its version, e.g. `account.synced.v1`.
    pub event_type: String,
    pub recorded_at: DateTime<Utc>,
    /// SHA-256, chained to the event before.
    pub hash: Vec<u8>,
    pub batch: Option<BatchId>,
}

/// Those of the positions that are events of this business.
pub async fn events(pool: &PgPool, business: BusinessId, positions: &[i64]) -> Result<Vec<EventRow>, Error> {
    let rows = sqlx::query(sql::events).bind(business.as_uuid()).bind(positions).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            Ok(EventRow {
                position: row.try_get("position")?,
                event_type: row.try_get("type")?,
                recorded_at: row.try_get("recorded_at")?,
                hash: row.try_get("hash")?,
                batch: row.try_get::<Option<Uuid>, _>("batch")?.map(BatchId::from_uuid),
            })
        })
        .collect()
}

/// Positions of a business's own events, in order: at most `limit` after the one of this number, up to a position.
pub async fn positions(
    pool: &PgPool,
    business: BusinessId,
    after: i64,
    until: i64,
    limit: i64,
) -> Result<Vec<i64>, Error> {
    let query = sqlx::query_scalar(sql::positions).bind(business.as_uuid()).bind(after).bind(until).bind(limit);
    query.fetch_all(pool).await
}
