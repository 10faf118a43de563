//! What TimescaleDB does by itself where it is installed: it compresses old raw rows (`transaction`, `metric_delta`),
//! refreshes the second count, and drops raw rows where that is asked for. Elsewhere there is nothing to do.
//!
//! Figures do not depend on raw rows: they are read from cells and versions, which are never dropped. What goes is
//! the way down from a figure to its transactions, and past views of cross filters, of days older than asked. The
//! log still has them; a replay brings them back.

use sqlx::{Connection, Executor, PgConnection, PgPool};

use super::serving_schema;

#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    #[error("rows can be dropped by age only where TimescaleDB is installed")]
    NotSupported,
    #[error("raw rows are kept for {least} days at least, {0} is too short", least = LEAST_DAYS)]
    TooShort(i32),
    #[error("the projection metrics has not been built yet")]
    NotBuilt,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A comparison with the year before must find its transactions.
const LEAST_DAYS: i32 = 731;

/// Rows of older days are compressed: they are seldom corrected any more, and still can be.
const COMPRESSED_AFTER: &str = "365 days";

/// Sees to it that the tables which serve have their policies, and that raw rows are kept for `days` (`None`: for
/// ever). Called again it changes nothing; a rebuild, which makes new tables, wants it again.
///
/// # Errors
/// As [`keep_raw_rows`]; without `days` there are none of plain PostgreSQL, nor before the projection was built.
pub async fn tend(pool: &PgPool, days: Option<i32>) -> Result<(), RetentionError> {
    let mut connection = pool.acquire().await?;
    let (extension, schema) = (extension(&mut connection).await?, serving_schema(&mut connection).await?);
    let (Some(extension), Some(schema)) = (extension, schema) else {
        return if days.is_some() { keep_raw_rows(pool, days).await } else { Ok(()) };
    };
    let kept: Option<i32> = sqlx::query_scalar(&format!("select days from {schema}.raw_retention"))
        .fetch_optional(&mut *connection)
        .await?;
    // The pool may have this connection alone.
    drop(connection);
    if kept != days {
        keep_raw_rows(pool, days).await?;
    }
    let mut tx = pool.begin().await?;
    let added = add_policies_in_tx(&mut tx, &extension, &schema, days).await;
    match added {
        Ok(()) => Ok(tx.commit().await?),
        // The Apache edition has none of it.
        Err(error) if error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("0A000")) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What is there stays as it is. Where rows are dropped the refresh is that of [`keep_raw_rows`], which does not reach
/// as far back.
async fn add_policies_in_tx(
    tx: &mut PgConnection,
    extension: &str,
    schema: &str,
    days: Option<i32>,
) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('metrics.policies', 0))").execute(&mut *tx).await?;
    // In one piece: in several, the second count would show part of a sum between two of them.
    let whole: bool = sqlx::query_scalar(
        "select exists (select from pg_proc where proname = 'add_continuous_aggregate_policy'
            and 'buckets_per_batch' = any(proargnames))",
    )
    .fetch_one(&mut *tx)
    .await?;
    let whole = if whole { ", buckets_per_batch => 0" } else { "" };
    let mut sql = String::new();
    for table in ["transaction", "metric_delta"] {
        sql += &format!(
            "select {extension}.add_compression_policy('{schema}.{table}',
                compress_after => interval '{COMPRESSED_AFTER}', if_not_exists => true);"
        );
    }
    if days.is_none() {
        sql += &format!(
            "select {extension}.add_continuous_aggregate_policy('{schema}.metric_monthly_check', start_offset => null,
                end_offset => interval '31 days', schedule_interval => interval '1 day', if_not_exists => true{whole});"
        );
    }
    tx.execute(sql.as_str()).await.map(drop)
}

async fn extension(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("select extnamespace::regnamespace::text from pg_extension where extname = 'timescaledb'")
        .fetch_optional(connection)
        .await
}

/// Drops raw rows of days older than `days`, by TimescaleDB's scheduler from now on; `None` keeps all again.
///
/// The second count is filled before the first row goes, and later refreshed only where no row can be gone: a refresh
/// over dropped rows would erase it.
///
/// # Errors
/// On plain PostgreSQL, for fewer than two years, and before the projection was built.
pub async fn keep_raw_rows(pool: &PgPool, days: Option<i32>) -> Result<(), RetentionError> {
    if let Some(days) = days.filter(|days| *days < LEAST_DAYS) {
        return Err(RetentionError::TooShort(days));
    }
    let mut connection = pool.acquire().await?;
    let extension = extension(&mut connection).await?.ok_or(RetentionError::NotSupported)?;
    let schema = serving_schema(&mut connection).await?.ok_or(RetentionError::NotBuilt)?;
    if days.is_some() {
        // Not possible inside a transaction.
        let refresh =
            format!("call {extension}.refresh_continuous_aggregate('{schema}.metric_monthly_check', null, null)");
        connection.execute(refresh.as_str()).await?;
    }
    let mut tx = connection.begin().await?;
    set_in_tx(&mut tx, &extension, &schema, days).await?;
    Ok(tx.commit().await?)
}

async fn set_in_tx(tx: &mut PgConnection, extension: &str, schema: &str, days: Option<i32>) -> Result<(), sqlx::Error> {
    let mut sql = format!("delete from {schema}.raw_retention;");
    for table in ["transaction", "metric_delta"] {
        sql += &format!("select {extension}.remove_retention_policy('{schema}.{table}', if_exists => true);");
    }
    let check = format!("{schema}.metric_monthly_check");
    sql += &format!("select {extension}.remove_continuous_aggregate_policy('{check}', if_exists => true);");
    if let Some(days) = days {
        sql += &format!("insert into {schema}.raw_retention values ({days});");
        for table in ["transaction", "metric_delta"] {
            sql += &format!(
                "select {extension}.add_retention_policy('{schema}.{table}', drop_after => interval '{days} days');"
            );
        }
        // A chunk of 90 days goes as a whole, and a bucket is a month.
        let refreshed = days - 150;
        sql += &format!(
            "select {extension}.add_continuous_aggregate_policy('{check}', start_offset => interval '{refreshed} days',
                end_offset => interval '31 days', schedule_interval => interval '1 day');"
        );
    }
    tx.execute(sql.as_str()).await.map(drop)
}
