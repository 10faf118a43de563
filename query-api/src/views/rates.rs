//! Exchange rates, and the amounts that need them.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::rates::{KnownRate, REACH, RateBook, RateSource};
use domain::{BusinessId, Currency, Kind, Sums};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};

use super::row::{parsed, sums_of};
use super::sql;
use super::sums::{Dim, Question};

/// A cell of another currency as known at a position.
#[derive(Debug, Clone)]
pub struct ForeignCell {
    pub seen: usize,
    pub slot: i32,
    /// First day of the bucket where rows are by bucket.
    pub bucket: Option<NaiveDate>,
    pub id: i64,
    pub grain: String,
    /// First day of the cell.
    pub first: NaiveDate,
    pub dim: String,
    pub key: String,
    pub kind: Kind,
    pub currency: Currency,
    /// What changed it last: with its id, this names its content for ever.
    pub position: i64,
    pub sums: Sums,
}

/// `cells`: dimension and key of each run, as for sums.
pub async fn foreign_cells(
    pool: &PgPool,
    business: BusinessId,
    question: &Question,
    cells: &[(Dim, Option<String>)],
    (positions, own): (&[i64], Currency),
) -> Result<Vec<ForeignCell>, Error> {
    let runs = &question.runs;
    let rows = sqlx::query(sql::foreign_cells)
        .bind(business.as_uuid())
        .bind(runs.iter().map(|run| run.slot).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.grain.as_str()).collect::<Vec<_>>())
        .bind(cells.iter().map(|(dim, _)| dim.as_str()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.first).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.run.last).collect::<Vec<_>>())
        .bind(cells.iter().map(|(_, key)| key.as_deref()).collect::<Vec<_>>())
        .bind(runs.iter().map(|run| run.by_bucket).collect::<Vec<_>>())
        .bind(positions)
        .bind(own.code())
        .fetch_all(pool)
        .await?;
    rows.iter().map(foreign_cell).collect()
}

fn foreign_cell(row: &PgRow) -> Result<ForeignCell, Error> {
    let nth: i32 = row.try_get("seen")?;
    Ok(ForeignCell {
        seen: usize::try_from(nth - 1).unwrap_or_default(),
        slot: row.try_get("slot")?,
        bucket: row.try_get("bucket")?,
        id: row.try_get("id")?,
        grain: row.try_get("grain")?,
        first: row.try_get("first")?,
        dim: row.try_get("dim")?,
        key: row.try_get("key")?,
        kind: parsed(row, "kind")?,
        currency: parsed(row, "currency")?,
        position: row.try_get("position")?,
        sums: sums_of(row)?,
    })
}

/// What moved on one day of a larger cell.
#[derive(Debug, Clone, Copy)]
pub struct CellDay {
    /// Index into the cells that were asked for.
    pub cell: usize,
    pub day: NaiveDate,
    pub sums: Sums,
}

/// The days of cells, each from its first to the given last day.
pub async fn cell_days(
    pool: &PgPool,
    business: BusinessId,
    cells: &[(&ForeignCell, NaiveDate)],
) -> Result<Vec<CellDay>, Error> {
    let numbers: Vec<i32> = (0..).take(cells.len()).collect();
    let rows = sqlx::query(sql::cell_days)
        .bind(business.as_uuid())
        .bind(numbers)
        .bind(cells.iter().map(|cell| cell.0.first).collect::<Vec<_>>())
        .bind(cells.iter().map(|cell| cell.1).collect::<Vec<_>>())
        .bind(cells.iter().map(|cell| cell.0.dim.as_str()).collect::<Vec<_>>())
        .bind(cells.iter().map(|cell| cell.0.key.as_str()).collect::<Vec<_>>())
        .bind(cells.iter().map(|cell| cell.0.kind.as_str()).collect::<Vec<_>>())
        .bind(cells.iter().map(|cell| cell.0.currency.code()).collect::<Vec<_>>())
        .bind(cells.iter().map(|cell| cell.0.position).collect::<Vec<_>>())
        .fetch_all(pool)
        .await?;
    let day = |row: &PgRow| {
        let nth: i32 = row.try_get("nth")?;
        Ok(CellDay { cell: usize::try_from(nth).unwrap_or_default(), day: row.try_get("day")?, sums: sums_of(row)? })
    };
    rows.iter().map(day).collect()
}

/// The newest event up to each position that recorded a rate.
pub async fn rates_changed(pool: &PgPool, business: BusinessId, positions: &[i64]) -> Result<Vec<i64>, Error> {
    sqlx::query_scalar(sql::rates_changed).bind(business.as_uuid()).bind(positions).fetch_all(pool).await
}

/// The first and the last day that an event recorded a rate for; `None` for one that recorded none.
pub async fn rated_days(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
) -> Result<Option<(NaiveDate, NaiveDate)>, Error> {
    let row = sqlx::query(sql::rated_days).bind(business.as_uuid()).bind(position).fetch_one(pool).await?;
    let (first, last): (Option<_>, Option<_>) = (row.try_get("first")?, row.try_get("last")?);
    Ok(first.zip(last))
}

/// Rates between these currencies as known at a position.
pub async fn rate_book(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    currencies: &[Currency],
) -> Result<RateBook, Error> {
    let codes: Vec<_> = currencies.iter().map(|currency| currency.code()).collect();
    let rows = sqlx::query(sql::rate_book).bind(business.as_uuid()).bind(position).bind(codes).fetch_all(pool).await?;
    let mut book = RateBook::default();
    for row in &rows {
        let known = KnownRate {
            rate: row.try_get("rate")?,
            source: parsed(row, "source")?,
            position: row.try_get("position")?,
        };
        book.put((parsed(row, "base")?, parsed(row, "quote")?), row.try_get("day")?, known);
    }
    Ok(book)
}

/// A recorded rate as it is listed.
#[derive(Debug, Clone)]
pub struct RateRow {
    pub day: NaiveDate,
    pub base: Currency,
    pub quote: Currency,
    pub rate: Decimal,
    pub source: RateSource,
    /// The event that recorded it.
    pub position: i64,
    pub known_at: DateTime<Utc>,
    /// What was known before it.
    pub replaced: Option<Decimal>,
    /// Filled from the event.
    pub note: Option<String>,
}

/// Of at most `days` days, the newest first.
pub async fn rates(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    currency: Option<Currency>,
    (before, days): (Option<NaiveDate>, i64),
) -> Result<Vec<RateRow>, Error> {
    let rows = sqlx::query(sql::rates)
        .bind(business.as_uuid())
        .bind(position)
        .bind(currency.map(Currency::code))
        .bind(before)
        .bind(days)
        .fetch_all(pool)
        .await?;
    let rate = |row: &PgRow| {
        Ok(RateRow {
            day: row.try_get("day")?,
            base: parsed(row, "base")?,
            quote: parsed(row, "quote")?,
            rate: row.try_get("rate")?,
            source: parsed(row, "source")?,
            position: row.try_get("position")?,
            known_at: row.try_get("known_at")?,
            replaced: row.try_get("replaced")?,
            note: None,
        })
    };
    rows.iter().map(rate).collect()
}

/// A day with money of another currency.
#[derive(Debug, Clone, Copy)]
pub struct ForeignDay {
    pub currency: Currency,
    pub day: NaiveDate,
    pub count: i64,
}

pub async fn foreign_days(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    own: Currency,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<ForeignDay>, Error> {
    let rows = sqlx::query(sql::foreign_days)
        .bind(business.as_uuid())
        .bind(position)
        .bind(own.code())
        .bind(from)
        .bind(to)
        .fetch_all(pool)
        .await?;
    let day = |row: &PgRow| {
        Ok(ForeignDay { currency: parsed(row, "currency")?, day: row.try_get("day")?, count: row.try_get("count")? })
    };
    rows.iter().map(day).collect()
}

/// The newest event up to a position that recorded a rate of these days, or of the week before them.
pub async fn last_rate(
    pool: &PgPool,
    business: BusinessId,
    (from, to): (NaiveDate, NaiveDate),
    position: i64,
) -> Result<Option<(i64, DateTime<Utc>)>, Error> {
    let from = from.checked_sub_days(Days::new(REACH)).unwrap_or(from);
    sqlx::query_as(sql::last_rate)
        .bind(business.as_uuid())
        .bind(position)
        .bind(from)
        .bind(to)
        .fetch_optional(pool)
        .await
}
