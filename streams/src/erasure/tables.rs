//! Rows of a business in every table beside the log and the projections.
//!
//! Tables are found by their column `business`, so that a new one cannot be forgotten; those that name a business by
//! what belongs to it stand in [`OTHERS`].

use std::collections::BTreeMap;

use domain::{BusinessId, UserId};
use sqlx::{Connection, PgConnection, PgPool};

/// The log, which is ciphertext and figures; the tombstones of keys; and what is kept of the erasure itself.
const KEPT: &[&str] = &["store", "keys", "erasure", "proof", "information_schema"];

/// `$1`: the business.
const OTHERS: &[(&str, &str)] = &[
    (
        "store.snapshots",
        "(aggregate_type, aggregate_id) in (select aggregate_type, aggregate_id from store.log where business = $1)",
    ),
    (
        "store.account_known",
        "account in (select aggregate_id::uuid from store.log where business = $1 and aggregate_type = 'account')",
    ),
    (
        "store.account_head",
        "account in (select aggregate_id::uuid from store.log where business = $1 and aggregate_type = 'account')",
    ),
    (
        "connectors.pending",
        "account in (select aggregate_id::uuid from store.log where business = $1 and aggregate_type = 'account')",
    ),
    (
        "connectors.alias",
        "source in (select aggregate_id::uuid from store.log where business = $1 and aggregate_type = 'source')",
    ),
];

/// Views and chunks of TimescaleDB are none: their hypertables are.
const WITH_BUSINESS: &str = "
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where c.relkind in ('r', 'p') and not c.relispartition and a.attname = 'business' and not a.attisdropped
  and a.atttypid = 'uuid'::regtype and n.nspname <> all($1)
  and n.nspname not like 'pg\\_%' and n.nspname not like '\\_timescaledb%'
  and n.nspname not in (select schema from streams.checkpoint)
order by 1";

const OF_PROJECTIONS: &str = "
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace join streams.checkpoint on schema = n.nspname
where c.relkind in ('r', 'p') order by 1";

async fn with_business(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(WITH_BUSINESS).bind(KEPT).fetch_all(connection).await
}

/// Deletes them in one transaction; how many from which table. Where one row is held by another, the other goes first.
pub(super) async fn clear(pool: &PgPool, business: BusinessId) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let found = with_business(&mut tx).await?;
    let found = found.into_iter().map(|table| (table, "business = $1"));
    let others = OTHERS.iter().map(|(table, condition)| ((*table).to_owned(), *condition));
    let mut waiting: Vec<_> = found.chain(others).collect();
    let mut rows = BTreeMap::new();
    while !waiting.is_empty() {
        let mut held = Vec::new();
        let before = waiting.len();
        for (table, condition) in waiting {
            let mut savepoint = tx.begin().await?;
            let delete = format!("delete from {table} where {condition}");
            match sqlx::query(&delete).bind(business.as_uuid()).execute(&mut *savepoint).await {
                Ok(deleted) => {
                    savepoint.commit().await?;
                    rows.insert(table, i64::try_from(deleted.rows_affected()).unwrap_or(i64::MAX));
                }
                Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() && held.len() + 1 < before => {
                    savepoint.rollback().await?;
                    held.push((table, condition));
                }
                Err(error) => return Err(error),
            }
        }
        waiting = held;
    }
    tx.commit().await?;
    Ok(rows)
}

/// Rows that projections still have, by table: what a certificate must not be given with.
pub(super) async fn left_in_projections(pool: &PgPool, business: BusinessId) -> Result<Vec<String>, sqlx::Error> {
    const WITH_COLUMN: &str = "
select format('%I.%I', n.nspname, c.relname), n.nspname like 'audit\\_%'
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    join streams.checkpoint on schema = n.nspname
where c.relkind in ('r', 'p') and a.attname = 'business' and not a.attisdropped order by 1";
    let tables: Vec<(String, bool)> = sqlx::query_as(WITH_COLUMN).fetch_all(pool).await?;
    let mut left = Vec::new();
    for (table, is_audit) in tables {
        // That it was erased is no secret, and stays in the history.
        let but = if is_audit && table.ends_with(".event") {
            "and position < (select position from erasure.ended where business = $1)"
        } else {
            ""
        };
        let any = format!("select exists (select from {table} where business = $1 {but})");
        if sqlx::query_scalar(&any).bind(business.as_uuid()).fetch_one(pool).await? {
            left.push(table);
        }
    }
    Ok(left)
}

/// Makes PostgreSQL forget deleted rows. Small tables are written anew, so that nothing is left in their pages; those of
/// projections and of what accounts know hold figures and hashes, and their space is given free.
pub(super) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    for table in with_business(&mut connection)
        .await?
        .iter()
        .map(String::as_str)
        .chain(["connectors.alias", "connectors.pending"])
    {
        sqlx::query(&format!("vacuum full {table}")).execute(&mut *connection).await?;
    }
    let projections: Vec<String> = sqlx::query_scalar(OF_PROJECTIONS).fetch_all(&mut *connection).await?;
    let of_store = ["store.snapshots", "store.account_known", "store.account_head"].map(str::to_owned);
    for table in projections.into_iter().chain(of_store) {
        sqlx::query(&format!("vacuum {table}")).execute(&mut *connection).await?;
    }
    checkpoint(&mut connection).await
}

/// The same for what was held of a person: all tables of accounts are small.
pub(super) async fn sweep_people(pool: &PgPool) -> Result<(), sqlx::Error> {
    const OF_ACCOUNTS: &str = "
select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = 'access' order by 1";
    let mut connection = pool.acquire().await?;
    for table in sqlx::query_scalar::<_, String>(OF_ACCOUNTS).fetch_all(&mut *connection).await? {
        sqlx::query(&format!("vacuum full {table}")).execute(&mut *connection).await?;
    }
    for table in histories(pool).await? {
        sqlx::query(&format!("vacuum {table}")).execute(&mut *connection).await?;
    }
    checkpoint(&mut connection).await
}

/// Where histories are, one that is being filled too.
async fn histories(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    const HISTORIES: &str = "
select format('%I.event', schema) from streams.checkpoint
where schema like 'audit\\_%' and to_regclass(format('%I.event', schema)) is not null order by 1";
    sqlx::query_scalar(HISTORIES).fetch_all(pool).await
}

/// Histories that still show where a person was before the end.
pub(super) async fn left_of_person(pool: &PgPool, person: UserId, end: i64) -> Result<Vec<String>, sqlx::Error> {
    let mut left = Vec::new();
    for table in histories(pool).await? {
        let any = format!(
            "select exists (select from {table} where (address is not null or agent is not null)
             and (actor = $1 or subject = $2) and position <= $3)"
        );
        let any = sqlx::query_scalar(&any).bind(format!("user:{person}")).bind(person.as_uuid()).bind(end);
        if any.fetch_one(pool).await? {
            left.push(table);
        }
    }
    Ok(left)
}

/// The pages as they were are in the write-ahead log until it is recycled, which a checkpoint allows.
async fn checkpoint(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    match sqlx::query("checkpoint").execute(connection).await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {
            tracing::info!("checkpoints are the server's own business here; its write-ahead log is recycled later");
            Ok(())
        }
        done => done.map(drop),
    }
}
