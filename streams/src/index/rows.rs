//! Statements on the index's tables.

use domain::account::{KnownRevision, LookupError};
use domain::{AccountId, TransactionId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::changes::Rows;
use super::unavailable;

/// A row of a lookup: `None` where only the head is in it.
pub(super) fn known_row(row: &PgRow) -> Result<Option<(TransactionId, KnownRevision)>, sqlx::Error> {
    let Some(id) = row.try_get::<Option<Uuid>, _>(1)? else { return Ok(None) };
    let version: i64 = row.try_get(3)?;
    let version = u64::try_from(version).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Some((TransactionId::from_uuid(id), KnownRevision { content: row.try_get(2)?, version })))
}

/// The version of the account's rows, which nobody else changes until the transaction ends.
pub(super) async fn lock_head(tx: &mut PgConnection, account: AccountId) -> Result<i64, LookupError> {
    let insert = "insert into store.account_head (account, sequence) values ($1, 0) on conflict do nothing";
    let select = "select sequence from store.account_head where account = $1 for update";
    let head =
        sqlx::query_scalar(select).bind(account.as_uuid()).fetch_optional(&mut *tx).await.map_err(unavailable)?;
    if let Some(head) = head {
        return Ok(head);
    }
    sqlx::query(insert).bind(account.as_uuid()).execute(&mut *tx).await.map_err(unavailable)?;
    sqlx::query_scalar(select).bind(account.as_uuid()).fetch_one(tx).await.map_err(unavailable)
}

pub(super) async fn move_head(tx: &mut PgConnection, account: AccountId, to: i64) -> Result<(), LookupError> {
    let update = "update store.account_head set sequence = $2 where account = $1";
    sqlx::query(update).bind(account.as_uuid()).bind(to).execute(tx).await.map_err(unavailable)?;
    Ok(())
}

pub(super) async fn write_rows(tx: &mut PgConnection, account: AccountId, rows: Rows) -> Result<(), LookupError> {
    if !rows.removed.is_empty() {
        let removed: Vec<_> = rows.removed.into_iter().map(TransactionId::as_uuid).collect();
        let delete = "delete from store.account_known where account = $1 and id = any($2)";
        sqlx::query(delete).bind(account.as_uuid()).bind(removed).execute(&mut *tx).await.map_err(unavailable)?;
    }
    // Half the work of an upsert, and nearly all of an import.
    put(tx, account, &rows.fresh, INSERT).await?;
    put(tx, account, &rows.known, UPSERT).await
}

const INSERT: &str = "
insert into store.account_known (account, id, content, sequence)
select $1, id, content, sequence from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as known(id, content, sequence)";

const UPSERT: &str = "
insert into store.account_known (account, id, content, sequence)
select $1, id, content, sequence from unnest($2::uuid[], $3::bigint[], $4::bigint[]) as known(id, content, sequence)
on conflict (account, id) do update set content = excluded.content, sequence = excluded.sequence";

async fn put(
    tx: &mut PgConnection,
    account: AccountId,
    known: &[(TransactionId, KnownRevision)],
    statement: &str,
) -> Result<(), LookupError> {
    if known.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = known.iter().map(|(id, _)| id.as_uuid()).collect();
    let contents: Vec<_> = known.iter().map(|(_, revision)| revision.content).collect();
    let versions: Vec<_> = known.iter().map(|(_, revision)| revision.version.cast_signed()).collect();
    let statement = sqlx::query(statement).bind(account.as_uuid()).bind(ids).bind(contents).bind(versions);
    statement.execute(tx).await.map_err(unavailable)?;
    Ok(())
}
