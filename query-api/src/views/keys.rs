//! Keys for machines, as their business sees them.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use sqlx::{Error, FromRow, PgPool};
use uuid::Uuid;

use super::sql;

#[derive(Debug, Clone, FromRow)]
pub struct KeyRow {
    pub id: Uuid,
    /// Of before names were sealed.
    pub name: String,
    pub name_sealed: Option<String>,
    /// How it begins.
    pub prefix: String,
    pub role: String,
    /// What it may do.
    pub scopes: Vec<String>,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub used_at: Option<DateTime<Utc>>,
}

/// Oldest first, those that were revoked too.
pub async fn keys(pool: &PgPool, business: BusinessId) -> Result<Vec<KeyRow>, Error> {
    sqlx::query_as(sql::keys).bind(business.as_uuid()).fetch_all(pool).await
}
