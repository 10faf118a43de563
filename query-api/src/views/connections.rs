//! Connections to providers: rows that the connectors' workers keep.

use chrono::{DateTime, NaiveDate, Utc};
use domain::BusinessId;
use rust_decimal::Decimal;
use sqlx::{Error, FromRow, PgPool};
use uuid::Uuid;

use super::sql;

#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ConnectionRow {
    pub source: Uuid,
    pub provider: String,
    pub created_at: DateTime<Utc>,
    pub state: String,
    pub health: String,
    pub reason: Option<String>,
    pub health_since: DateTime<Utc>,
    pub working: bool,
    pub last_sync: Option<DateTime<Utc>>,
    pub last_success: Option<DateTime<Utc>>,
    pub next_sync: Option<DateTime<Utc>>,
    pub failures: i32,
    pub history_from: Option<NaiveDate>,
    pub history_reached: Option<NaiveDate>,
    pub history_done: bool,
    pub accounts: Vec<Uuid>,
    pub accounts_done: i32,
    /// Of the one that is being read.
    pub account_percent: i16,
    pub pages: i64,
    /// Read so far, some more than once.
    pub transactions: i64,
    pub recorded: i64,
}

/// Newest first; those that ended last.
pub async fn connections(pool: &PgPool, business: BusinessId) -> Result<Vec<ConnectionRow>, Error> {
    sqlx::query_as(sql::connections).bind(business.as_uuid()).fetch_all(pool).await
}

#[derive(Debug, Clone, FromRow)]
pub struct SyncRow {
    pub id: i64,
    pub cause: String,
    pub began_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub outcome: String,
    pub reason: Option<String>,
    pub pages: i32,
    pub added: i64,
    pub amended: i64,
    pub removed: i64,
    pub restarts: i32,
}

/// Newest first, before the one named `after`.
pub async fn syncs(
    pool: &PgPool,
    business: BusinessId,
    source: Uuid,
    first: i64,
    after: Option<i64>,
) -> Result<Vec<SyncRow>, Error> {
    let query = sqlx::query_as(sql::syncs).bind(business.as_uuid()).bind(source).bind(first).bind(after);
    query.fetch_all(pool).await
}

/// What the provider said that an account holds.
#[derive(Debug, Clone, FromRow)]
pub struct ToldRow {
    pub account: Uuid,
    pub day: NaiveDate,
    pub current: Decimal,
    pub pending: Decimal,
    /// What it had told up to then was recorded up to here.
    pub position: i64,
    /// What the account held before the first transaction, if this is right; `None` where it was not counted yet.
    pub opening: Option<Decimal>,
}

/// Of each account the first that was told once its history was there, and the last of each day since `from`, by
/// account and moment: while older transactions still come, what was held before them is not known.
pub async fn told(
    pool: &PgPool,
    business: BusinessId,
    source: Uuid,
    zone: &str,
    from: NaiveDate,
) -> Result<Vec<ToldRow>, Error> {
    let query = sqlx::query_as(sql::told).bind(business.as_uuid()).bind(source).bind(zone).bind(from);
    query.fetch_all(pool).await
}

/// Number and sum of what is not booked yet, by account.
pub async fn pending(pool: &PgPool, source: Uuid) -> Result<Vec<(Uuid, i64, Decimal)>, Error> {
    sqlx::query_as(sql::pending).bind(source).fetch_all(pool).await
}

/// Syncs since the last good one whose answers were refused or not understood.
pub async fn refused(pool: &PgPool, source: Uuid) -> Result<i64, Error> {
    sqlx::query_scalar(sql::refused).bind(source).fetch_one(pool).await
}
