//! How far it has come, and what was found.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::BusinessId;
use domain::recurring::Found;
use sqlx::PgPool;
use uuid::Uuid;

use super::gather::Payment;

/// Transactions that are named with what was found.
const MOST_MEMBERS: usize = 24;

pub(super) async fn looked_to(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select looked_to from recurring.followed").fetch_one(pool).await
}

/// The next positions, with what each concerns, without its event.
pub(super) async fn next_events(
    pool: &PgPool,
    after: i64,
    limit: i64,
) -> Result<Vec<(Uuid, String, i64)>, sqlx::Error> {
    let next =
        "select business, aggregate_type, position from store.log where position > $1 order by position limit $2";
    sqlx::query_as(next).bind(after).bind(limit).fetch_all(pool).await
}

/// Asks for these businesses, and is as far as `position`.
pub(super) async fn ask(pool: &PgPool, asked: &BTreeMap<BusinessId, i64>, position: i64) -> Result<(), sqlx::Error> {
    let (businesses, positions): (Vec<_>, Vec<_>) =
        asked.iter().map(|(business, at)| (business.as_uuid(), *at)).unzip();
    let mut tx = pool.begin().await?;
    let ask = "insert into recurring.asked (business, asked_at) select * from unnest($1::uuid[], $2::bigint[])
        on conflict (business) do update set asked_at = greatest(asked.asked_at, excluded.asked_at)";
    sqlx::query(ask).bind(businesses).bind(positions).execute(&mut *tx).await?;
    sqlx::query("update recurring.followed set looked_to = $1").bind(position).execute(&mut *tx).await?;
    tx.commit().await
}

/// One whose rows show what it was asked for, and that had its rest. A row stays without question until it is asked again.
pub(super) async fn next_asked(pool: &PgPool) -> Result<Option<(BusinessId, i64)>, sqlx::Error> {
    let next = "select business, asked_at from recurring.asked
        where asked_at > 0 and asked_at <= (select position from read.position where projection = 'metrics')
            and not_before <= clock_timestamp()
        order by asked_at limit 1";
    let next: Option<(Uuid, i64)> = sqlx::query_as(next).fetch_optional(pool).await?;
    Ok(next.map(|(business, at)| (BusinessId::from_uuid(business), at)))
}

/// What was found, as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Series {
    id: Uuid,
    newest: Payment,
    found: Found,
    members: Vec<Uuid>,
}

impl Series {
    /// `digest`: whose payments they are. `payments`: those that were looked through.
    pub fn new(digest: [u8; 32], found: &Found, payments: &[Payment]) -> Option<Self> {
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        let mut members: Vec<_> = found.members.iter().filter_map(|nth| payments.get(*nth)).collect();
        members.sort_by_key(|payment| std::cmp::Reverse((payment.day, payment.id)));
        Some(Self {
            id: uuid::Builder::from_custom_bytes(id).into_uuid(),
            newest: (*members.first()?).clone(),
            found: found.clone(),
            members: members.iter().take(MOST_MEMBERS).map(|payment| payment.id.as_uuid()).collect(),
        })
    }
}

const INSERT: &str = "
insert into recurring.series (business, id, account, currency, kind, category, period, anchor, phase, typical, low, high,
    count, last, certainty, members)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
on conflict do nothing";

/// Puts what was found in place of what was found before.
pub(super) async fn put(
    pool: &PgPool,
    business: BusinessId,
    asked_at: i64,
    series: &[Series],
    rest: Duration,
) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query("delete from recurring.series where business = $1").bind(business.as_uuid()).execute(&mut *tx).await?;
    for Series { id, newest, found, members } in series {
        let insert = sqlx::query(INSERT)
            .bind(business.as_uuid())
            .bind(id)
            .bind(newest.account.as_uuid())
            .bind(newest.currency.code())
            .bind(newest.kind.as_str())
            .bind(&newest.category)
            .bind(found.rhythm.period.as_str())
            .bind(found.rhythm.anchor.to_string())
            .bind(i16::from(found.rhythm.phase))
            .bind(found.typical)
            .bind(found.range.0)
            .bind(found.range.1)
            .bind(i32::try_from(found.members.len()).unwrap_or(i32::MAX))
            .bind(found.last)
            .bind(i16::from(found.certainty))
            .bind(members);
        insert.execute(&mut *tx).await?;
    }
    // What was asked for meanwhile waits for its turn.
    let done = "update recurring.asked set asked_at = case when asked_at = $2 then 0 else asked_at end,
        not_before = clock_timestamp() + $3::interval where business = $1";
    sqlx::query(done).bind(business.as_uuid()).bind(asked_at).bind(rest).execute(&mut *tx).await?;
    tx.commit().await
}

/// Of a business that was erased nothing is kept.
pub(super) async fn forget(pool: &PgPool, business: BusinessId) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    for table in ["series", "asked"] {
        let delete = format!("delete from recurring.{table} where business = $1");
        sqlx::query(&delete).bind(business.as_uuid()).execute(&mut *tx).await?;
    }
    tx.commit().await
}
