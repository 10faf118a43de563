//! The audit history.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{BusinessId, Cause, Currency, Kind, Sums, TimeZone};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Error, PgPool, Postgres, Row, query::Query};
use uuid::Uuid;

use super::row::{parsed, sums_of};
use super::sql;
use super::transactions::cause_of;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub position: i64,
    pub at: DateTime<Utc>,
    /// The event's type, e.g. `business.renamed`.
    pub kind: String,
    pub actor: String,
    pub on_behalf_of: Option<String>,
    pub aggregate: String,
    pub subject: Uuid,
    pub summary: String,
    /// JSON objects.
    pub before: Option<String>,
    pub after: Option<String>,
    pub request: Option<String>,
    pub address: Option<String>,
    /// What the browser or program called itself.
    pub agent: Option<String>,
    pub trace: Option<String>,
    pub hash: String,
}

/// Which rows; absent parts do not restrict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// Positions after this one.
    pub after: i64,
    /// Positions up to this one.
    pub until: i64,
    pub actor: Option<String>,
    /// A type of event, or the aggregate that has several.
    pub kind: Option<String>,
    pub subject: Option<Uuid>,
    /// Words that must all stand in it.
    pub text: Option<String>,
    /// Rows in which they stand with the help of texts that are sealed.
    pub named: Vec<i64>,
}

/// Newest first, from before a position on.
pub async fn audit(
    pool: &PgPool,
    business: BusinessId,
    filter: &AuditFilter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditRow>, Error> {
    let rows = bound(sqlx::query(sql::audit), business, filter).bind(before.unwrap_or(i64::MAX)).bind(limit);
    rows.fetch_all(pool).await?.iter().map(row).collect()
}

/// How many rows there are up to the newest, and its position.
pub async fn audit_extent(pool: &PgPool, business: BusinessId, filter: &AuditFilter) -> Result<(i64, i64), Error> {
    let extent = bound(sqlx::query(sql::audit_extent), business, filter).fetch_one(pool).await?;
    Ok((extent.try_get("rows")?, extent.try_get("newest")?))
}

/// A row of the history whose fields point to sealed texts.
#[derive(Debug, Clone)]
pub struct SealedRow {
    pub position: i64,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The newest of them.
pub async fn audit_sealed(pool: &PgPool, business: BusinessId, limit: i64) -> Result<Vec<SealedRow>, Error> {
    let rows = sqlx::query(sql::audit_sealed).bind(business.as_uuid()).bind(limit).fetch_all(pool).await?;
    let row = |row: &PgRow| {
        Ok(SealedRow {
            position: row.try_get("position")?,
            before: row.try_get("before")?,
            after: row.try_get("after")?,
        })
    };
    rows.iter().map(row).collect()
}

/// Those rows in which the words that come with them stand in the clear.
pub async fn audit_saying(pool: &PgPool, business: BusinessId, rows: &[(i64, String)]) -> Result<Vec<i64>, Error> {
    let (positions, words): (Vec<i64>, Vec<&str>) =
        rows.iter().map(|(position, words)| (*position, words.as_str())).unzip();
    let query = sqlx::query_scalar(sql::audit_saying).bind(business.as_uuid()).bind(positions).bind(words);
    query.fetch_all(pool).await
}

/// The first eight parameters of a statement of the history.
fn bound<'q>(
    query: Query<'q, Postgres, PgArguments>,
    business: BusinessId,
    filter: &'q AuditFilter,
) -> Query<'q, Postgres, PgArguments> {
    query
        .bind(business.as_uuid())
        .bind(filter.after)
        .bind(filter.until)
        .bind(&filter.actor)
        .bind(&filter.kind)
        .bind(filter.subject)
        .bind(&filter.text)
        .bind(&filter.named)
}

/// Of one person, by their subject.
pub async fn sign_ins(pool: &PgPool, actor: &str, limit: i64) -> Result<Vec<AuditRow>, Error> {
    let rows = sqlx::query(sql::sign_ins).bind(actor).bind(limit).fetch_all(pool).await?;
    rows.iter().map(row).collect()
}

/// The last position that was known before a day began.
pub async fn day_begins(pool: &PgPool, day: NaiveDate, zone: TimeZone) -> Result<i64, Error> {
    sqlx::query_scalar(sql::day_begins).bind(day).bind(zone.name()).fetch_one(pool).await
}

fn row(row: &PgRow) -> Result<AuditRow, Error> {
    Ok(AuditRow {
        position: row.try_get("position")?,
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        actor: row.try_get("actor")?,
        on_behalf_of: row.try_get("on_behalf_of")?,
        aggregate: row.try_get("aggregate")?,
        subject: row.try_get("subject")?,
        summary: row.try_get("summary")?,
        before: row.try_get("before")?,
        after: row.try_get("after")?,
        request: row.try_get("request")?,
        address: row.try_get("address")?,
        agent: row.try_get("agent")?,
        trace: row.try_get("trace")?,
        hash: row.try_get("hash")?,
    })
}

/// What an event changed in the sums of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedRow {
    /// Its first day.
    pub month: NaiveDate,
    pub kind: Kind,
    pub currency: Currency,
    pub cause: Cause,
    pub sums: Sums,
}

pub async fn moved(pool: &PgPool, business: BusinessId, position: i64) -> Result<Vec<MovedRow>, Error> {
    let rows = sqlx::query(sql::moved).bind(business.as_uuid()).bind(position).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            Ok(MovedRow {
                month: row.try_get("month")?,
                kind: parsed(row, "kind")?,
                currency: parsed(row, "currency")?,
                cause: cause_of(row)?,
                sums: sums_of(row)?,
            })
        })
        .collect()
}
