//! Balances that providers told.

use chrono::NaiveDate;
use domain::account::Drift;
use domain::{AccountId, BusinessId};
use rust_decimal::Decimal;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Config, Due, Failure, say};

/// Balances in a row that must differ: a movement between two answers of a provider passes with the next one.
const IN_A_ROW: i64 = 3;

const NEXT: &str = "
select account, business from connectors.balance
where not checked and position <= (select position from read.position where projection = 'metrics')
order by position limit 1";

/// What the account held before its first transaction, if the balance is right. The sum is the one that stood at the
/// balance's position; all that was ever booked is in the years.
const COUNT: &str = "
update connectors.balance b set opening = current + pending - coalesce((
    select sum(version.amount_in - version.amount_out)
    from read.metric_cell cell cross join lateral (
        select amount_in, amount_out from read.metric_version version
        where version.cell = cell.id and version.position <= b.position order by version.position desc limit 1) version
    where cell.business = b.business and cell.grain = 'year' and cell.dim = 'account' and cell.key = b.account::text
), 0)
where account = $1 and not checked and opening is null
  and position <= (select position from read.position where projection = 'metrics')";

/// The balances since the last one that agreed with the first: how many, and of the first of them day and difference.
const DIFFERING: &str = "
with told as (
    select told_at, (told_at at time zone coalesce(s.time_zone, 'UTC'))::date as day, b.opening
    from connectors.balance b join connectors.connection c using (source)
        left join read.business s on s.id = b.business
    where account = $1 and b.opening is not null and told_at >= c.history_done_at
), first as (select opening from told order by told_at limit 1)
select count(*), (array_agg(day order by told_at))[1], (array_agg(told.opening - first.opening order by told_at))[1]
from told cross join first
where told_at > (select max(told_at) from told join first using (opening))";

const CHECKED: &str = "
update connectors.balance set checked = true where account = $1 and not checked and opening is not null";

/// Checks one account, where one has new balances.
pub(super) async fn check_next(config: &Config) -> Result<bool, Failure> {
    let pool = &config.pool;
    let next: Option<(Uuid, Uuid)> = sqlx::query_as(NEXT).fetch_optional(pool).await?;
    let Some((account, business)) = next else { return Ok(false) };
    let due = Due { account: AccountId::from_uuid(account), business: BusinessId::from_uuid(business) };
    sqlx::query(COUNT).bind(account).execute(pool).await?;
    match verdict(pool, account).await? {
        Verdict::Agrees => say(config, due, None).await?,
        Verdict::Differs(drift) => say(config, due, Some(drift)).await?,
        Verdict::Undecided => {}
    }
    sqlx::query(CHECKED).bind(account).execute(pool).await?;
    Ok(true)
}

enum Verdict {
    Agrees,
    /// Too few differ to say so.
    Undecided,
    Differs(Drift),
}

async fn verdict(pool: &PgPool, account: Uuid) -> Result<Verdict, sqlx::Error> {
    type Row = (i64, Option<NaiveDate>, Option<Decimal>);
    let (count, day, difference): Row = sqlx::query_as(DIFFERING).bind(account).fetch_one(pool).await?;
    Ok(match day.zip(difference) {
        None => Verdict::Agrees,
        Some(_) if count < IN_A_ROW => Verdict::Undecided,
        Some((from, difference)) => Verdict::Differs(Drift { from, difference: difference.normalize() }),
    })
}
