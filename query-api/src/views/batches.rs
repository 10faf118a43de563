//! Runs that delivered transactions.

use chrono::{DateTime, Utc};
use domain::{AccountId, BatchId, BusinessId, SourceId};
use sqlx::{Error, PgPool, Row};
use uuid::Uuid;

use super::sql;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    pub id: BatchId,
    pub account: Option<AccountId>,
    pub source: Option<SourceId>,
    pub first_position: i64,
    pub last_position: i64,
    pub started_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub added: i64,
    pub amended: i64,
    pub removed: i64,
}

/// After which batch a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchCursor {
    pub last_position: i64,
    pub id: BatchId,
}

/// Newest first, without those that began after `position`.
pub async fn batches(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    after: Option<BatchCursor>,
    limit: i64,
) -> Result<Vec<BatchRow>, Error> {
    let rows = sqlx::query(sql::batches)
        .bind(business.as_uuid())
        .bind(after.map(|cursor| cursor.last_position))
        .bind(after.map(|cursor| cursor.id.as_uuid()))
        .bind(limit)
        .bind(position)
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(BatchRow {
                id: BatchId::from_uuid(row.try_get("id")?),
                account: row.try_get::<Option<Uuid>, _>("account")?.map(AccountId::from_uuid),
                source: row.try_get::<Option<Uuid>, _>("source")?.map(SourceId::from_uuid),
                first_position: row.try_get("first_position")?,
                last_position: row.try_get("last_position")?,
                started_at: row.try_get("started_at")?,
                last_at: row.try_get("last_at")?,
                added: row.try_get("added")?,
                amended: row.try_get("amended")?,
                removed: row.try_get("removed")?,
            })
        })
        .collect()
}
