//! Parts of a history that stand in files.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use sqlx::{Error, PgPool, Row};

use super::sql;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRow {
    /// Of the event with which it left the history.
    pub position: i64,
    pub at: DateTime<Utc>,
    pub file: String,
    pub first_position: i64,
    pub last_position: i64,
    pub events: i64,
    pub before: DateTime<Utc>,
    /// Of the file, in hexadecimal digits.
    pub sha256: String,
    pub bytes: i64,
}

/// Newest first: one run a month, so few that a page holds all.
pub async fn archives(pool: &PgPool, business: BusinessId) -> Result<Vec<ArchiveRow>, Error> {
    let rows = sqlx::query(sql::archives).bind(business.as_uuid()).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            Ok(ArchiveRow {
                position: row.try_get("position")?,
                at: row.try_get("at")?,
                file: row.try_get("file")?,
                first_position: row.try_get("first_position")?,
                last_position: row.try_get("last_position")?,
                events: row.try_get("events")?,
                before: row.try_get("before")?,
                sha256: row.try_get("sha256")?,
                bytes: row.try_get("bytes")?,
            })
        })
        .collect()
}
