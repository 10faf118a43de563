//! How a person said that files are read.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use sqlx::{Error, FromRow, PgPool};

use super::sql;

/// To be opened with [`streams::mappings`].
#[derive(Debug, Clone, FromRow)]
pub struct MappingRow {
    /// A hash of its name.
    pub account: String,
    pub format: String,
    pub sealed: String,
    pub kept_at: DateTime<Utc>,
}

/// Oldest first.
pub async fn mappings(pool: &PgPool, business: BusinessId) -> Result<Vec<MappingRow>, Error> {
    sqlx::query_as(sql::mappings).bind(business.as_uuid()).fetch_all(pool).await
}
