//! Who works in a business.

use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::{BusinessId, UserId};
use sqlx::{Error, PgPool, Row};

use super::row::parsed;
use super::sql;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRow {
    pub user: UserId,
    pub role: Role,
    pub since: DateTime<Utc>,
}

/// Owners first.
pub async fn members(pool: &PgPool, business: BusinessId) -> Result<Vec<MemberRow>, Error> {
    let rows = sqlx::query(sql::members).bind(business.as_uuid()).fetch_all(pool).await?;
    let member = |row: &sqlx::postgres::PgRow| {
        let user = UserId::from_uuid(row.try_get("user_id")?);
        Ok(MemberRow { user, role: parsed(row, "role")?, since: row.try_get("since")? })
    };
    rows.iter().map(member).collect()
}
