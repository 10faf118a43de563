//! Connections to PostgreSQL.

use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, Row};

/// Options of every pool. A task that is dropped while it begins a transaction gives its connection back with that
/// transaction open, since sqlx 0.8 counts a transaction only when the server has answered: the next statements would
/// be lost in it, and wait for nobody. Such a connection is closed, which rolls back.
pub fn options() -> PgPoolOptions {
    PgPoolOptions::new().after_release(|connection, _| {
        Box::pin(async move {
            // Within a transaction the clock stands where that began. As one message: the parts of a prepared
            // statement have times of their own.
            let row = connection.fetch_one("select now() = statement_timestamp()").await?;
            row.try_get(0)
        })
    })
}
