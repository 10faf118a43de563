//! The payments that are looked through, with their payees.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::recurring::payee;
use domain::{AccountId, BusinessId, Currency, Kind, TransactionId};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use streams::log;
use streams::sealing::Keys;

use super::Failure;

/// The newest ones: some two years of a busy shop's account.
pub(super) const MOST: i64 = 20_000;
/// Before the newest day: what comes each year must have come three times.
pub(super) const DAYS: i32 = 800;
/// Events that are read at once.
const AT_ONCE: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub id: TransactionId,
    pub account: AccountId,
    pub day: NaiveDate,
    pub amount: Decimal,
    pub currency: Currency,
    pub kind: Kind,
    pub category: String,
    /// What it is for, in the form in which payments are compared.
    pub what: String,
    position: i64,
    place: i32,
}

const ROWS: &str = "
select id, account, day, amount, currency, kind, category, valid_from, place
from read.transaction
where business = $1 and valid_to = 9223372036854775807 and kind not in ('settlement', 'internal_transfer') and amount <> 0
  and day > (select max(day) from read.transaction where business = $1 and valid_to = 9223372036854775807) - $2
order by day desc, id desc
limit $3";

/// Each with its payee; those without one are left out.
pub(super) async fn payments(
    pool: &PgPool,
    keys: &Keys,
    business: BusinessId,
) -> Result<Vec<(String, Payment)>, Failure> {
    let query = sqlx::query(ROWS).bind(business.as_uuid()).bind(DAYS).bind(MOST);
    let rows: Vec<_> = query.fetch_all(pool).await?.iter().map(payment_of).collect::<Result<_, _>>()?;
    let mut by_event: HashMap<i64, Vec<Payment>> = HashMap::new();
    for row in rows {
        by_event.entry(row.position).or_default().push(row);
    }
    let mut positions: Vec<_> = by_event.keys().copied().collect();
    positions.sort_unstable();
    let mut payments = Vec::new();
    for positions in positions.chunks(AT_ONCE) {
        for event in log::at_each(pool, positions).await? {
            let texts = keys.texts_of(&event).await?;
            for mut payment in by_event.remove(&event.position).unwrap_or_default() {
                let first = usize::try_from(payment.place).unwrap_or_default() * 3;
                let text = |nth: usize| texts.get(first + nth).and_then(Option::as_deref);
                payment.what = payee(None, text(0)).unwrap_or_default();
                payments.extend(payee(text(1), text(0)).map(|payee| (payee, payment)));
            }
        }
    }
    Ok(payments)
}

fn payment_of(row: &PgRow) -> Result<Payment, sqlx::Error> {
    fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        row: &PgRow,
        column: &str,
    ) -> Result<T, sqlx::Error> {
        row.try_get::<&str, _>(column)?.parse().map_err(|error: T::Err| sqlx::Error::Decode(Box::new(error)))
    }
    Ok(Payment {
        id: TransactionId::from_uuid(row.try_get("id")?),
        account: AccountId::from_uuid(row.try_get("account")?),
        day: row.try_get("day")?,
        amount: row.try_get("amount")?,
        currency: parsed(row, "currency")?,
        kind: parsed(row, "kind")?,
        category: row.try_get("category")?,
        what: String::new(),
        position: row.try_get("valid_from")?,
        place: row.try_get("place")?,
    })
}
