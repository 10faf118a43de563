//! What statement files said of accounts as a whole: rows that each import keeps.

use chrono::NaiveDate;
use domain::completeness::Span;
use domain::{AccountId, BusinessId};
use sqlx::{Error, FromRow, PgPool};
use uuid::Uuid;

use super::sql;

/// What one file said of one account.
#[derive(Debug, Clone)]
pub struct StatementRow {
    pub account: Uuid,
    pub spans: Vec<Span>,
    /// Lines of the file that were refused.
    pub refused: i64,
}

#[derive(FromRow)]
struct Kept {
    account: Uuid,
    spans: String,
    refused: i64,
}

/// Of all accounts of a business in the order in which the files came; of each span the last balance alone.
pub async fn statement_ends(pool: &PgPool, business: BusinessId) -> Result<Vec<StatementRow>, Error> {
    rows(sqlx::query_as(sql::statement_ends).bind(business.as_uuid()).fetch_all(pool).await?)
}

/// Of one account, with the balances of all days.
pub async fn statements(pool: &PgPool, business: BusinessId, account: AccountId) -> Result<Vec<StatementRow>, Error> {
    let query = sqlx::query_as(sql::statements).bind(business.as_uuid()).bind(account.as_uuid());
    rows(query.fetch_all(pool).await?)
}

fn rows(kept: Vec<Kept>) -> Result<Vec<StatementRow>, Error> {
    let row = |Kept { account, spans, refused }: Kept| {
        let spans = serde_json::from_str(&spans).map_err(|error| Error::Decode(error.into()))?;
        Ok(StatementRow { account, spans, refused })
    };
    kept.into_iter().map(row).collect()
}

/// The first and the last day of an account's transactions as known at a position.
pub async fn account_days(
    pool: &PgPool,
    business: BusinessId,
    account: AccountId,
    position: i64,
) -> Result<Option<(NaiveDate, NaiveDate)>, Error> {
    let query = sqlx::query_as(sql::account_days).bind(business.as_uuid()).bind(account.as_uuid());
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) = query.bind(position).fetch_one(pool).await?;
    Ok(first.zip(last))
}
