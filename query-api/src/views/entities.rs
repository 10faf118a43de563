//! Businesses, accounts and sources. Rows name the events that hold their names; the reader opens them.

use chrono::NaiveDate;
use domain::{AccountId, BusinessId, Currency, FiscalMonth, SourceId, TimeZone};
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};
use uuid::Uuid;

use super::row::parsed;
use super::sql;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessRow {
    pub id: BusinessId,
    /// Empty until it is opened.
    pub name: String,
    pub(crate) named_at: i64,
    pub base_currency: Currency,
    pub time_zone: TimeZone,
    pub fiscal_year_first_month: FiscalMonth,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub id: AccountId,
    /// Empty until it is opened, like `external_id`.
    pub name: String,
    pub(crate) named_at: i64,
    pub(crate) opened_at: i64,
    pub currency: Currency,
    pub source: Option<SourceId>,
    pub closed: bool,
    /// From this day on its balances are said to differ from what is counted.
    pub differs_from: Option<NaiveDate>,
    /// The event that said the last of it; 0 before the first.
    pub checked_at: i64,
    pub external_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    pub id: SourceId,
    /// Empty until it is opened.
    pub name: String,
    pub(crate) named_at: i64,
    /// `file`, `demo`, …
    pub kind: String,
    pub connected: bool,
}

pub(super) fn business_of(row: &PgRow) -> Result<BusinessRow, Error> {
    let month: i32 = row.try_get("fiscal_first_month")?;
    let month = u8::try_from(month).ok().and_then(|month| FiscalMonth::try_from(month).ok());
    Ok(BusinessRow {
        id: BusinessId::from_uuid(row.try_get("id")?),
        name: String::new(),
        named_at: row.try_get("named_at")?,
        base_currency: parsed(row, "base_currency")?,
        time_zone: parsed(row, "time_zone")?,
        fiscal_year_first_month: month.unwrap_or_default(),
    })
}

/// All businesses by id.
pub async fn businesses(pool: &PgPool) -> Result<Vec<BusinessRow>, Error> {
    sqlx::query(sql::businesses).fetch_all(pool).await?.iter().map(business_of).collect()
}

/// A business's accounts by id, without those that were opened after `position`.
pub async fn accounts(pool: &PgPool, business: BusinessId, position: i64) -> Result<Vec<AccountRow>, Error> {
    let rows = sqlx::query(sql::accounts).bind(business.as_uuid()).bind(position).fetch_all(pool).await?;
    let account = |row: &PgRow| {
        Ok(AccountRow {
            id: AccountId::from_uuid(row.try_get("id")?),
            name: String::new(),
            named_at: row.try_get("named_at")?,
            opened_at: row.try_get("opened_at")?,
            currency: parsed(row, "currency")?,
            source: row.try_get::<Option<Uuid>, _>("source")?.map(SourceId::from_uuid),
            closed: row.try_get("closed")?,
            differs_from: row.try_get("differs_from")?,
            checked_at: row.try_get("checked_at")?,
            external_id: None,
        })
    };
    rows.iter().map(account).collect()
}

/// A business's sources by id, without those that were connected after `position`.
pub async fn sources(pool: &PgPool, business: BusinessId, position: i64) -> Result<Vec<SourceRow>, Error> {
    let rows = sqlx::query(sql::sources).bind(business.as_uuid()).bind(position).fetch_all(pool).await?;
    let source = |row: &PgRow| {
        Ok(SourceRow {
            id: SourceId::from_uuid(row.try_get("id")?),
            name: String::new(),
            named_at: row.try_get("named_at")?,
            kind: row.try_get("kind")?,
            connected: row.try_get("connected")?,
        })
    };
    rows.iter().map(source).collect()
}
