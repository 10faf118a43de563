//! How far it has come, and the rows that it looks at.

use chrono::NaiveDate;
use domain::meaning::{Decided, Meaning};
use domain::{AccountId, BusinessId, Currency, TransactionId};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

pub(super) async fn looked_to(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select looked_to from meaning.followed").fetch_one(pool).await
}

pub(super) async fn set_looked_to(pool: &PgPool, position: i64) -> Result<(), sqlx::Error> {
    sqlx::query("update meaning.followed set looked_to = $1").bind(position).execute(pool).await.map(drop)
}

/// A business whose transactions are decided anew.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    pub business: BusinessId,
    pub asked_at: i64,
    /// Only those that their source knows nothing of, and so many of them.
    pub rest: Option<i64>,
    pub after: Option<(NaiveDate, Uuid)>,
}

/// A pass over everything stays one when less is asked for meanwhile.
const ASK: &str = "
insert into meaning.pass (business, asked_at, rest) values ($1, $2, $3)
on conflict (business) do update set asked_at = excluded.asked_at, day = null, id = null,
    rest = case when pass.rest is null then null else excluded.rest end";

/// Begins a pass, or begins it again.
pub(super) async fn ask_for_pass(
    pool: &PgPool,
    business: BusinessId,
    at: i64,
    rest: Option<i64>,
) -> Result<(), sqlx::Error> {
    sqlx::query(ASK).bind(business.as_uuid()).bind(at).bind(rest).execute(pool).await.map(drop)
}

/// One whose rows show what it was asked for.
const READY: &str = "
select business, asked_at, rest, day, id from meaning.pass
where asked_at <= (select position from read.position where projection = 'metrics')
order by asked_at limit 1";

pub(super) async fn ready_pass(pool: &PgPool) -> Result<Option<Pass>, sqlx::Error> {
    let row = sqlx::query(READY).fetch_optional(pool).await?;
    row.map(|row| {
        let (day, id): (Option<NaiveDate>, Option<Uuid>) = (row.try_get(3)?, row.try_get(4)?);
        Ok(Pass {
            business: BusinessId::from_uuid(row.try_get(0)?),
            asked_at: row.try_get(1)?,
            rest: row.try_get(2)?,
            after: day.zip(id),
        })
    })
    .transpose()
}

pub(super) async fn advance_pass(pool: &PgPool, pass: &Pass, next: Option<&Pass>) -> Result<(), sqlx::Error> {
    // Not where it was asked for again meanwhile.
    let Some(next) = next else {
        let end = "delete from meaning.pass where business = $1 and asked_at = $2";
        return sqlx::query(end).bind(pass.business.as_uuid()).bind(pass.asked_at).execute(pool).await.map(drop);
    };
    let go_on = "update meaning.pass set day = $3, id = $4, rest = $5 where business = $1 and asked_at = $2";
    let query = sqlx::query(go_on).bind(pass.business.as_uuid()).bind(pass.asked_at);
    let query = query.bind(next.after.map(|(day, _)| day)).bind(next.after.map(|(_, id)| id)).bind(next.rest);
    query.execute(pool).await.map(drop)
}

/// A transaction as it stands.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub id: TransactionId,
    pub account: AccountId,
    pub day: NaiveDate,
    pub amount: Decimal,
    pub currency: Currency,
    pub meaning: Meaning,
    pub decided: Option<Decided>,
    /// Where its texts stand: the event, and its number among the event's transactions.
    pub position: i64,
    pub place: i32,
}

const ROWS: &str = r#"
select id, account, day, amount, currency, kind, category, decided, valid_from, place
from read.transaction
where business = $1 and valid_to = 9223372036854775807
  and ($2::date is null or (day <= $2 and (day, id) < ($2, $3::uuid)))
  and (not $4 or (decided is null and category in ('income', 'expense', 'uncategorised'))
       or decided like '{"by":{"learned"%')
order by day desc, id desc
limit $5"#;

/// The transactions that a pass looks at next.
pub(super) async fn rows(pool: &PgPool, pass: &Pass, limit: i64) -> Result<Vec<Standing>, sqlx::Error> {
    let query = sqlx::query(ROWS)
        .bind(pass.business.as_uuid())
        .bind(pass.after.map(|(day, _)| day))
        .bind(pass.after.map(|(_, id)| id))
        .bind(pass.rest.is_some())
        .bind(limit);
    query.fetch_all(pool).await?.iter().map(standing_of).collect()
}

const CHOICES: &str = r#"
select id, account, day, amount, currency, kind, category, decided, valid_from, place
from read.transaction
where business = $1 and valid_to = 9223372036854775807 and decided like '{"by":"choice"%'
order by valid_from desc, id
limit $2"#;

/// The newest choices of a business's users that stand.
pub(super) async fn choices(pool: &PgPool, business: BusinessId, limit: i64) -> Result<Vec<Standing>, sqlx::Error> {
    let query = sqlx::query(CHOICES).bind(business.as_uuid()).bind(limit);
    query.fetch_all(pool).await?.iter().map(standing_of).collect()
}

fn standing_of(row: &PgRow) -> Result<Standing, sqlx::Error> {
    fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        row: &PgRow,
        column: &str,
    ) -> Result<T, sqlx::Error> {
        row.try_get::<&str, _>(column)?.parse().map_err(|error: T::Err| sqlx::Error::Decode(Box::new(error)))
    }
    let decided: Option<&str> = row.try_get("decided")?;
    let decided = decided.map(serde_json::from_str).transpose();
    Ok(Standing {
        id: TransactionId::from_uuid(row.try_get("id")?),
        account: AccountId::from_uuid(row.try_get("account")?),
        day: row.try_get("day")?,
        amount: row.try_get("amount")?,
        currency: parsed(row, "currency")?,
        meaning: Meaning { kind: parsed(row, "kind")?, category: parsed(row, "category")? },
        decided: decided.map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        position: row.try_get("valid_from")?,
        place: row.try_get("place")?,
    })
}
