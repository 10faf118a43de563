use domain::{BusinessId, Kind};
use sqlx::{Error, PgPool, Row};

use super::row::parsed;
use super::sql;

/// Whether all transactions were decided anew since the rules were set at that position.
pub async fn is_settled(pool: &PgPool, business: BusinessId, set_at: i64) -> Result<bool, Error> {
    sqlx::query_scalar(sql::settled).bind(business.as_uuid()).bind(set_at).fetch_one(pool).await
}

/// The categories in which a business's transactions ever stood, with their kinds.
pub async fn categories(pool: &PgPool, business: BusinessId) -> Result<Vec<(String, Kind)>, Error> {
    let rows = sqlx::query(sql::categories).bind(business.as_uuid()).fetch_all(pool).await?;
    rows.iter().map(|row| Ok((row.try_get("category")?, parsed(row, "kind")?))).collect()
}
