//! Where in the log a view stands.

use chrono::{DateTime, NaiveDate, Utc};
use domain::BusinessId;
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};

use super::entities::{BusinessRow, business_of};
use super::sql;

/// A state of knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AsOf {
    /// The end of a day of the business.
    Date(NaiveDate),
    Moment(DateTime<Utc>),
    Position(i64),
}

/// A business and the position that is looked at.
#[derive(Debug, Clone)]
pub struct Place {
    pub business: BusinessRow,
    /// Generation of the tables.
    pub generation: i32,
    /// Rises where rows changed other than by the next events.
    pub epoch: i64,
    /// Newest position that the tables show.
    pub head: i64,
    /// Whether nothing of this business came after `position`.
    pub newest: bool,
    /// The position looked at, 0 before the first event.
    pub position: i64,
    /// When `position` was known.
    pub known_at: Option<DateTime<Utc>>,
    /// This business's newest event up to `position`, 0 where there is none: the version of its figures.
    pub changed: i64,
    /// Where nothing gets further.
    pub stands_still: Option<Standstill>,
}

/// An event could not be folded: neither it nor anything later of its business is in the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standstill {
    /// Everything up to here is in the figures.
    pub position: i64,
    /// When the first event that they lack was known.
    pub since: DateTime<Utc>,
    /// The event that cannot be folded.
    pub stopped_by: i64,
    pub event_type: String,
}

/// `None` where there is no such business. `as_of` beyond what the tables show is what they show.
pub async fn place(pool: &PgPool, business: BusinessId, as_of: Option<AsOf>) -> Result<Option<Place>, Error> {
    let (date, moment, position) = match as_of {
        None => (None, None, None),
        Some(AsOf::Date(date)) => (Some(date), None, None),
        Some(AsOf::Moment(moment)) => (None, Some(moment), None),
        Some(AsOf::Position(position)) => (None, None, Some(position)),
    };
    let row = sqlx::query(sql::view)
        .bind(business.as_uuid())
        .bind(date)
        .bind(moment)
        .bind(position)
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Place {
        business: business_of(&row)?,
        generation: row.try_get("generation")?,
        epoch: row.try_get("epoch")?,
        head: row.try_get("head")?,
        newest: row.try_get("newest")?,
        position: row.try_get("position")?,
        known_at: row.try_get("known_at")?,
        changed: row.try_get("changed")?,
        stands_still: standstill_of(&row)?,
    }))
}

fn standstill_of(row: &PgRow) -> Result<Option<Standstill>, Error> {
    let Some(stopped_by) = row.try_get("stopped_by")? else { return Ok(None) };
    Ok(Some(Standstill {
        position: row.try_get("head")?,
        since: row.try_get("stopped_at")?,
        stopped_by,
        event_type: row.try_get("stopped_by_type")?,
    }))
}
