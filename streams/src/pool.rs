//! Connections to PostgreSQL.

use sqlx::Row;
use sqlx::postgres::PgPoolOptions;

/// Options of every pool. A task that is dropped while it begins a transaction gives its connection back with that
/// transaction open, since sqlx 0.8 counts a transaction only when the server has answered: the next statements would
/// be lost in it, and wait for nobody. Such a connection is closed, which rolls back.
pub fn options() -> PgPoolOptions {
    PgPoolOptions::new().after_release(|connection, _| {
        Box::pin(async move {
            // Within a transaction the clock stands where that began.
            let row = sqlx::query("select now() = statement_timestamp()").fetch_one(connection).await?;
            row.try_get(0)
        })
    })
}
