//! Sums of whole months, and the months that were closed.

use chrono::{DateTime, NaiveDate, Utc};
use domain::business::{ReportCode, SealedFigure};
use domain::{BusinessId, Month};
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};

use super::row::{optional, parsed, sums_of};
use super::sql;

/// The newest closing or reopening of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingRow {
    pub month: Month,
    pub closed: bool,
    pub position: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    /// The event's fields as a JSON object.
    pub fields: String,
    pub hash: String,
    /// Of a closing.
    pub code: Option<ReportCode>,
}

pub async fn closings(pool: &PgPool, business: BusinessId) -> Result<Vec<ClosingRow>, Error> {
    let rows = sqlx::query(sql::closings).bind(business.as_uuid()).fetch_all(pool).await?;
    rows.iter().map(closing).collect()
}

pub async fn closing_by_code(pool: &PgPool, code: ReportCode) -> Result<Option<(BusinessId, ClosingRow)>, Error> {
    let row = sqlx::query(sql::closing_by_code).bind(code.to_string()).fetch_optional(pool).await?;
    row.map(|row| Ok((BusinessId::from_uuid(row.try_get("business")?), closing(&row)?))).transpose()
}

fn closing(row: &PgRow) -> Result<ClosingRow, Error> {
    Ok(ClosingRow {
        month: parsed(row, "month")?,
        closed: row.try_get("closed")?,
        position: row.try_get("position")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        fields: row.try_get("after")?,
        hash: row.try_get("hash")?,
        code: optional(row, "code")?,
    })
}

/// Figures by month, as known at a position; of one month or of all.
pub async fn month_sums(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    month: Option<Month>,
) -> Result<Vec<(Month, SealedFigure)>, Error> {
    let rows = sqlx::query(sql::month_sums)
        .bind(business.as_uuid())
        .bind(position)
        .bind(month.map(Month::first_day))
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| {
            let sums = sums_of(row)?;
            let figure = SealedFigure {
                currency: parsed(row, "currency")?,
                kind: parsed(row, "kind")?,
                inflow: sums.inflow.normalize(),
                outflow: sums.outflow.normalize(),
                count: sums.count,
            };
            Ok((Month::of(row.try_get::<NaiveDate, _>("month")?), figure))
        })
        .collect()
}
