//! Balances that statement files told.

use chrono::NaiveDate;
use domain::account::Drift;
use domain::completeness::{Checks, Span, joined, sums, told};
use domain::{AccountId, BusinessId};
use rust_decimal::Decimal;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Config, Due, Failure, say};

/// Events that are looked at at once: those of accounts with files ask for a check.
const FOLLOW: &str = "
with next as (
    select aggregate_type, aggregate_id, business, position from store.log
    where position > (select looked_to from sources.followed) order by position limit 1000
), asked as (
    insert into sources.asked (business, account, asked_at)
    select business, aggregate_id::uuid, max(position) from next
    where aggregate_type = 'account'
        and exists (select from sources.statement s where s.account = next.aggregate_id::uuid)
    group by business, aggregate_id
    on conflict (account) do update set asked_at = greatest(asked.asked_at, excluded.asked_at)
)
update sources.followed set looked_to = (select max(position) from next) where exists (select from next)";

/// One whose rows show what it was asked for.
const NEXT: &str = "
select account, business, asked_at from sources.asked
where asked_at <= (select min(position) from read.position where projection in ('metrics', 'entities'))
order by asked_at limit 1";

const SPANS: &str = "select spans::text from sources.statement where account = $1 order by kept_at";

/// What moved on each day, as it stands now; in the account's own currency, which is the one of its balances.
const DAYS: &str = "
select cell.bucket, sum(version.amount_in - version.amount_out)
from read.metric_cell cell join read.account account on account.id = $2 and account.currency = cell.currency
cross join lateral (
    select amount_in, amount_out from read.metric_version version
    where version.cell = cell.id order by version.position desc limit 1) version
where cell.business = $1 and cell.grain = 'day' and cell.dim = 'account' and cell.key = $2::text
group by cell.bucket";

const DONE: &str = "delete from sources.asked where account = $1 and asked_at = $2";

/// Looks at the next events; whether there were any.
pub(super) async fn follow(pool: &PgPool) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(FOLLOW).execute(pool).await?.rows_affected() > 0)
}

/// Checks one account, where one is asked for.
pub(super) async fn check_next(config: &Config) -> Result<bool, Failure> {
    let pool = &config.pool;
    let next: Option<(Uuid, Uuid, i64)> = sqlx::query_as(NEXT).fetch_optional(pool).await?;
    let Some((account, business, asked_at)) = next else { return Ok(false) };
    let due = Due { account: AccountId::from_uuid(account), business: BusinessId::from_uuid(business) };
    let first = checks(pool, account, business).await?.first_difference();
    let drift = first.map(|(from, difference)| Drift { from, difference: difference.normalize() });
    say(config, due, drift).await?;
    // What was asked for meanwhile waits for its turn.
    sqlx::query(DONE).bind(account).bind(asked_at).execute(pool).await?;
    Ok(true)
}

async fn checks(pool: &PgPool, account: Uuid, business: Uuid) -> Result<Checks, Failure> {
    let kept: Vec<String> = sqlx::query_scalar(SPANS).bind(account).fetch_all(pool).await?;
    let mut spans: Vec<Span> = Vec::new();
    for text in kept {
        spans.extend(serde_json::from_str::<Vec<Span>>(&text)?);
    }
    let (whole, _) = joined(spans);
    let moves: Vec<(NaiveDate, Decimal)> = sqlx::query_as(DAYS).bind(business).bind(account).fetch_all(pool).await?;
    Ok(Checks::of(told(&whole, sums(Decimal::ZERO, &moves.into_iter().collect()))))
}
