//! The limit of writing rows: COPY of the same rows into the same indexed table.

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use projectors::Metrics;
use sqlx::PgPool;
use sqlx::postgres::{PgConnection, PgPoolCopyExt};
use streams::projection::Generation;

/// The table that the projection writes.
fn table() -> String {
    format!("{}.transaction", Generation::live(&Metrics::new()).schema)
}

/// The transaction rows as binary COPY data.
pub async fn rows(pool: &PgPool) -> Vec<Vec<u8>> {
    let statement = format!("copy (select * from {}) to stdout (format binary)", table());
    let mut stream = pool.copy_out_raw(&statement).await.unwrap();
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    while let Some(bytes) = stream.try_next().await.unwrap() {
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < 1 << 20 => chunk.extend_from_slice(&bytes),
            _ => chunks.push(bytes.to_vec()),
        }
    }
    chunks
}

/// Copies them into an empty table with the same columns, constraints and indexes.
pub async fn copy(pool: &PgPool, rows: &[Vec<u8>]) -> Duration {
    let mut connection = pool.acquire().await.unwrap();
    execute(&mut connection, "drop table if exists copied").await;
    execute(&mut connection, &format!("create table copied (like {} including all)", table())).await;
    execute(&mut connection, "checkpoint").await;
    let begun = Instant::now();
    let mut copy = connection.copy_in_raw("copy copied from stdin (format binary)").await.unwrap();
    for chunk in rows {
        copy.send(chunk.as_slice()).await.unwrap();
    }
    copy.finish().await.unwrap();
    let took = begun.elapsed();
    execute(&mut connection, "drop table copied").await;
    took
}

async fn execute(connection: &mut PgConnection, statement: &str) {
    sqlx::query(statement).execute(connection).await.unwrap();
}
