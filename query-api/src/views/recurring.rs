//! Payments that come again, as the worker found them last.

use chrono::NaiveDate;
use domain::recurring::Rhythm;
use domain::{AccountId, BusinessId, Currency, Kind, SeriesId};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};
use uuid::Uuid;

use super::row::parsed;
use super::sql;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurringRow {
    pub id: SeriesId,
    pub account: AccountId,
    pub currency: Currency,
    /// Of the newest payment.
    pub kind: Kind,
    pub category: String,
    pub rhythm: Rhythm,
    pub typical: Decimal,
    /// Of the newest payments, by size.
    pub low: Decimal,
    pub high: Decimal,
    pub count: i32,
    pub last: NaiveDate,
    /// In percent.
    pub certainty: i16,
    /// Transactions, the newest first.
    pub members: Vec<Uuid>,
    /// Somebody said that they are not recurring.
    pub ruled_out: bool,
}

pub async fn recurring(pool: &PgPool, business: BusinessId) -> Result<Vec<RecurringRow>, Error> {
    let rows = sqlx::query(sql::recurring).bind(business.as_uuid()).fetch_all(pool).await?;
    rows.iter().map(recurring_of).collect()
}

fn recurring_of(row: &PgRow) -> Result<RecurringRow, Error> {
    let phase: i16 = row.try_get("phase")?;
    Ok(RecurringRow {
        id: SeriesId::from_uuid(row.try_get("id")?),
        account: AccountId::from_uuid(row.try_get("account")?),
        currency: parsed(row, "currency")?,
        kind: parsed(row, "kind")?,
        category: row.try_get("category")?,
        rhythm: Rhythm {
            period: parsed(row, "period")?,
            anchor: parsed(row, "anchor")?,
            phase: u8::try_from(phase).map_err(|error| Error::Decode(Box::new(error)))?,
        },
        typical: row.try_get("typical")?,
        low: row.try_get("low")?,
        high: row.try_get("high")?,
        count: row.try_get("count")?,
        last: row.try_get("last")?,
        certainty: row.try_get("certainty")?,
        members: row.try_get("members")?,
        ruled_out: row.try_get("ruled_out")?,
    })
}
