//! What searches go through, and what they found.

use chrono::NaiveDate;
use domain::{AccountId, BusinessId, Cause, Currency, TransactionId};
use sqlx::postgres::PgRow;
use sqlx::{Error, PgPool, Row};
use uuid::Uuid;

use super::sql;
use super::transactions::{Filter, Sign, TransactionRow, transaction_of};

/// Where the texts of a revision stand.
#[derive(Debug, Clone, Copy)]
pub struct Searchable {
    pub id: Uuid,
    pub day: NaiveDate,
    /// Of its event.
    pub position: i64,
    /// Its number among the event's transactions.
    pub place: i32,
}

/// Every revision that began by `position`.
pub async fn searchable(pool: &PgPool, business: BusinessId, position: i64) -> Result<Vec<Searchable>, Error> {
    let query = sqlx::query(sql::searchable).bind(business.as_uuid()).bind(position);
    query.fetch_all(pool).await?.iter().map(searchable_of).collect()
}

/// Those that began after one position and by another.
pub async fn searchable_since(
    pool: &PgPool,
    business: BusinessId,
    after: i64,
    position: i64,
) -> Result<Vec<Searchable>, Error> {
    let query = sqlx::query(sql::searchable_since).bind(business.as_uuid()).bind(after).bind(position);
    query.fetch_all(pool).await?.iter().map(searchable_of).collect()
}

fn searchable_of(row: &PgRow) -> Result<Searchable, Error> {
    Ok(Searchable {
        id: row.try_get("id")?,
        day: row.try_get("day")?,
        position: row.try_get("valid_from")?,
        place: row.try_get("place")?,
    })
}

/// These transactions as known at `position`, newest day first, whatever their texts say.
pub async fn transactions_named(
    pool: &PgPool,
    business: BusinessId,
    position: i64,
    filter: &Filter,
    ids: &[Uuid],
) -> Result<Vec<TransactionRow>, Error> {
    let sign = filter.sign.map(|sign| if sign == Sign::In { 1 } else { -1 });
    let query = sqlx::query(sql::transactions_named)
        .bind(business.as_uuid())
        .bind(position)
        .bind(ids)
        .bind(filter.period.from())
        .bind(filter.period.to())
        .bind(filter.currency.map(Currency::code))
        .bind(filter.scope.account.map(AccountId::as_uuid))
        .bind(filter.scope.category.as_deref())
        .bind(filter.kinds.as_ref().map(|kinds| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>()))
        .bind(filter.cause.map(Cause::as_str))
        .bind(sign)
        .bind(filter.payout.map(TransactionId::as_uuid));
    query.fetch_all(pool).await?.iter().map(transaction_of).collect()
}
