//! Connections to providers: rows that the connectors' workers keep.

use chrono::{DateTime, NaiveDate, Utc};
use domain::BusinessId;
use rust_decimal::Decimal;
use sqlx::{Error, FromRow, PgPool};
use uuid::Uuid;

#[derive(Debug, Clone, FromRow)]
pub struct ConnectionRow {
    pub source: Uuid,
    pub provider: String,
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
    pub pages: i64,
    /// Read so far, some more than once.
    pub transactions: i64,
    pub recorded: i64,
}

const CONNECTIONS: &str = "
select source, provider, state, health, reason, health_since, coalesce(leased_until > now(), false) as working,
    began_at as last_sync, succeeded_at as last_success,
    case when state = 'active' and next_at < 'infinity' then next_at end as next_sync, failures, history_from,
    history_reached, history_done_at is not null as history_done, accounts, accounts_done, pages, transactions, recorded
from connectors.connection where business = $1 order by state = 'ended', created_at desc, source";

/// Newest first; those that ended last.
pub async fn connections(pool: &PgPool, business: BusinessId) -> Result<Vec<ConnectionRow>, Error> {
    sqlx::query_as(CONNECTIONS).bind(business.as_uuid()).fetch_all(pool).await
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
    const SYNCS: &str = "
        select id, cause, began_at, ended_at, outcome, reason, pages, added, amended, removed, restarts
        from connectors.sync
        where business = $1 and source = $2 and id < coalesce($4, 9223372036854775807) order by id desc limit $3";
    let query = sqlx::query_as(SYNCS).bind(business.as_uuid()).bind(source).bind(first).bind(after);
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
    const TOLD: &str = "
        with told as (
            select account, (told_at at time zone $3)::date as day, told_at, current, pending, position
            from connectors.balance b join connectors.connection c using (source)
            where b.business = $1 and source = $2 and told_at >= c.history_done_at)
        select account, day, current, pending, position from (
            (select distinct on (account) * from told order by account, told_at)
            union
            (select distinct on (account, day) * from told where day >= $4 order by account, day, told_at desc)) t
        order by account, told_at";
    let query = sqlx::query_as(TOLD).bind(business.as_uuid()).bind(source).bind(zone).bind(from);
    query.fetch_all(pool).await
}

/// Number and sum of what is not booked yet, by account.
pub async fn pending(pool: &PgPool, source: Uuid) -> Result<Vec<(Uuid, i64, Decimal)>, Error> {
    const PENDING: &str =
        "select account, count(*), sum(amount) from connectors.pending where source = $1 group by account";
    sqlx::query_as(PENDING).bind(source).fetch_all(pool).await
}

/// Syncs since the last good one whose answers were refused or not understood.
pub async fn refused(pool: &PgPool, source: Uuid) -> Result<i64, Error> {
    const REFUSED: &str = "
        select count(*) from connectors.sync s join connectors.connection c using (source)
        where s.source = $1 and s.outcome = 'failed' and c.health = 'failing'
            and s.began_at > coalesce(c.succeeded_at, '-infinity')";
    sqlx::query_scalar(REFUSED).bind(source).fetch_one(pool).await
}
