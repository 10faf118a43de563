//! Leases: who works on which source, and which is next.

use std::time::Duration;

use chrono::NaiveDate;
use domain::{AccountId, BusinessId, SourceId};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::provider::sync::SourceAt;

/// A source that is due, and now ours.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub at: SourceAt,
    pub provider: String,
    pub accounts: Vec<AccountId>,
    pub cause: String,
    pub probe: bool,
    pub failures: i32,
    /// Its history is still to come.
    pub is_new: bool,
    /// Its first day.
    pub history_from: Option<NaiveDate>,
    /// Who connected it.
    pub connected_by: Option<String>,
    /// Its provider was told today where its messages go.
    pub is_subscribed: bool,
}

#[derive(FromRow)]
struct Row {
    source: Uuid,
    business: Uuid,
    provider: String,
    accounts: Vec<Uuid>,
    cause: String,
    probe: bool,
    failures: i32,
    is_new: bool,
    history_from: Option<NaiveDate>,
    connected_by: Option<String>,
    is_subscribed: bool,
}

impl From<Row> for Due {
    fn from(row: Row) -> Self {
        Self {
            at: SourceAt { business: BusinessId::from_uuid(row.business), source: SourceId::from_uuid(row.source) },
            provider: row.provider,
            accounts: row.accounts.into_iter().map(AccountId::from_uuid).collect(),
            cause: row.cause,
            probe: row.probe,
            failures: row.failures,
            is_new: row.is_new,
            history_from: row.history_from,
            connected_by: row.connected_by,
            is_subscribed: row.is_subscribed,
        }
    }
}

/// The leases of one worker.
#[derive(Debug, Clone)]
pub(super) struct Leases {
    pool: PgPool,
    worker: Uuid,
    lease: Duration,
}

/// Fairly shared: whose business is worked on least comes first, then what waits longest. Several of one business that
/// are due at once count one after the other.
const CLAIM: &str = "
with working as (
    select business, count(*) as sources from connectors.connection
    where leased_by is not null and leased_until > now() group by business
),
due as (
    select source, next_at,
        row_number() over (partition by business order by next_at) + coalesce(working.sources, 0) as turn
    from connectors.connection left join working using (business)
    where state = 'active' and next_at <= now() and (leased_until is null or leased_until <= now())
        and provider = any($1)
),
taken as (
    select c.source from connectors.connection c join due using (source)
    where c.state = 'active' and (c.leased_until is null or c.leased_until <= now())
    order by due.turn, due.next_at limit $2 for update of c skip locked
)
update connectors.connection c
set leased_by = $3, leased_until = now() + make_interval(secs => $4), began_at = now(), probe = false
from (select k.source, k.probe, k.asked_by, k.succeeded_at from taken join connectors.connection k using (source)) was
where c.source = was.source
returning c.source, c.business, c.provider, c.accounts, was.probe, c.failures, c.connected_by,
    c.history_done_at is null as is_new, c.history_from,
    coalesce(c.subscribed_at > now() - interval '1 day', false) as is_subscribed,
    case when was.succeeded_at is null then 'first' else coalesce(was.asked_by, 'poll') end as cause";

impl Leases {
    pub fn new(pool: PgPool, worker: Uuid, lease: Duration) -> Self {
        Self { pool, worker, lease }
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// How often a lease is renewed: several times while it lasts, and often enough to notice an end.
    pub fn beat(&self) -> Duration {
        (self.lease / 4).clamp(Duration::from_millis(50), Duration::from_secs(1))
    }

    pub async fn claim(&self, providers: &[String], most: usize) -> Result<Vec<Due>, sqlx::Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let query = sqlx::query_as(CLAIM).bind(providers).bind(most).bind(self.worker).bind(self.lease.as_secs_f64());
        let rows: Vec<Row> = query.fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(Due::from).collect())
    }

    /// Whether it is still ours, and still wanted.
    pub async fn renew(&self, source: SourceId) -> Result<bool, sqlx::Error> {
        const RENEW: &str = "
            update connectors.connection set leased_until = now() + make_interval(secs => $3)
            where source = $1 and leased_by = $2 and state = 'active'";
        let query = sqlx::query(RENEW).bind(source.as_uuid()).bind(self.worker).bind(self.lease.as_secs_f64());
        Ok(query.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Without a result: whoever is next begins anew.
    pub async fn release(&self, source: SourceId) -> Result<(), sqlx::Error> {
        const RELEASE: &str = "
            update connectors.connection set leased_by = null, leased_until = null
            where source = $1 and leased_by = $2";
        sqlx::query(RELEASE).bind(source.as_uuid()).bind(self.worker).execute(&self.pool).await?;
        Ok(())
    }

    pub async fn give_back(&self) -> Result<(), sqlx::Error> {
        const ALL: &str = "
            update connectors.connection set leased_by = null, leased_until = null where leased_by = $1";
        sqlx::query(ALL).bind(self.worker).execute(&self.pool).await?;
        Ok(())
    }

    pub const fn worker(&self) -> Uuid {
        self.worker
    }
}
