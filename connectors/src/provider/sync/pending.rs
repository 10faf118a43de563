//! Transactions that the provider told before they were booked: its balance does not hold them yet.
//!
//! Like aliases they are written before the page that needs them: a crash in between leaves rows that the next try
//! writes again.

use std::collections::BTreeMap;

use domain::{AccountId, SourceId, TransactionId};
use rust_decimal::Decimal;
use sqlx::PgPool;

/// The amount of what is pending; `None` for what is booked, or gone. In order, so that two who write the same do not
/// wait for each other.
pub(super) type Marks = BTreeMap<TransactionId, Option<Decimal>>;

pub(super) async fn write(
    pool: &PgPool,
    source: SourceId,
    account: AccountId,
    marks: &Marks,
) -> Result<(), sqlx::Error> {
    const SETTLED: &str = "delete from connectors.pending where account = $1 and transaction = any($2)";
    const PENDING: &str = "
        insert into connectors.pending (account, source, transaction, amount)
        select $1, $2, * from unnest($3::uuid[], $4::numeric[])
        on conflict (account, transaction) do update set amount = excluded.amount";
    let pending = marks.iter().filter_map(|(id, amount)| amount.map(|amount| (id.as_uuid(), amount)));
    let (ids, amounts): (Vec<_>, Vec<_>) = pending.unzip();
    let settled: Vec<_> = marks.iter().filter(|(_, amount)| amount.is_none()).map(|(id, _)| id.as_uuid()).collect();
    if !settled.is_empty() {
        sqlx::query(SETTLED).bind(account.as_uuid()).bind(settled).execute(pool).await?;
    }
    if !ids.is_empty() {
        let query = sqlx::query(PENDING).bind(account.as_uuid()).bind(source.as_uuid());
        query.bind(ids).bind(amounts).execute(pool).await?;
    }
    Ok(())
}
