//! With which payouts transactions were paid out, as their providers say ([`domain::account::PaidOut`]).
//!
//! The rows are kept from the events of accounts in the transaction that appends them, so they are never behind the log.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use domain::{AccountId, BusinessId, TransactionId};
use sqlx::{Error, PgPool};
use uuid::Uuid;

/// Those of these transactions of an account that were said to be in a payout, with it.
pub async fn paid_out_with(
    pool: &PgPool,
    account: AccountId,
    ids: &[TransactionId],
) -> Result<HashMap<TransactionId, TransactionId>, Error> {
    of_accounts(pool, &[account], ids).await
}

/// The same of transactions of several accounts.
pub async fn of_accounts(
    pool: &PgPool,
    accounts: &[AccountId],
    ids: &[TransactionId],
) -> Result<HashMap<TransactionId, TransactionId>, Error> {
    let select = "select transaction, payout from meaning.paid_out where account = any($1) and transaction = any($2)";
    let accounts: Vec<Uuid> = accounts.iter().map(|id| id.as_uuid()).collect();
    let query = sqlx::query_as(select).bind(accounts).bind(uuids(ids));
    let rows: Vec<(Uuid, Uuid)> = query.fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(id, payout)| (TransactionId::from_uuid(id), TransactionId::from_uuid(payout))).collect())
}

/// Days of the payouts that these transactions of an account are in.
pub async fn days_of(pool: &PgPool, account: AccountId, ids: &[TransactionId]) -> Result<BTreeSet<NaiveDate>, Error> {
    let select = "select distinct day from meaning.paid_out where account = $1 and transaction = any($2)";
    let days: Vec<NaiveDate> =
        sqlx::query_scalar(select).bind(account.as_uuid()).bind(uuids(ids)).fetch_all(pool).await?;
    Ok(days.into_iter().collect())
}

/// Those of these payouts whose contents were told.
pub async fn told(
    pool: &PgPool,
    business: BusinessId,
    payouts: &[TransactionId],
) -> Result<HashSet<TransactionId>, Error> {
    let select = "select distinct payout from meaning.paid_out where business = $1 and payout = any($2)";
    let told: Vec<Uuid> =
        sqlx::query_scalar(select).bind(business.as_uuid()).bind(uuids(payouts)).fetch_all(pool).await?;
    Ok(told.into_iter().map(TransactionId::from_uuid).collect())
}

fn uuids(ids: &[TransactionId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.as_uuid()).collect()
}
