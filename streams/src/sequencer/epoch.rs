//! Stores that were restored on another server.

use sqlx::PgConnection;

/// Events whose transaction ids are of one server, as a range of identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Epoch {
    pub first: i64,
    /// Identities from here on are of the next epoch; the greatest number while this one runs.
    pub end: i64,
}

impl Epoch {
    /// The epoch that is to be positioned now. It is over where it has events of transactions that this server has
    /// not begun yet: they were written elsewhere, and all of them are committed.
    pub async fn current(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let first = "select coalesce(max(first_id), 0) from store.epochs";
        let first: i64 = sqlx::query_scalar(first).fetch_one(&mut *connection).await?;
        let foreign = "select max(id) from store.events
                       where id >= $1 and txid >= pg_snapshot_xmax(pg_current_snapshot())";
        let foreign: Option<i64> = sqlx::query_scalar(foreign).bind(first).fetch_one(&mut *connection).await?;
        let Some(foreign) = foreign else { return Ok(Self { first, end: i64::MAX }) };
        let positioned = "select coalesce(max(event_id), 0) from store.log";
        let positioned: i64 = sqlx::query_scalar(positioned).fetch_one(connection).await?;
        tracing::info!("the store was restored from another server");
        Ok(Self { first, end: foreign.max(positioned) + 1 })
    }

    pub fn is_over(self) -> bool {
        self.end < i64::MAX
    }

    pub async fn begin_next(self, connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        sqlx::query("insert into store.epochs (first_id) values ($1)").bind(self.end).execute(connection).await?;
        Ok(Self { first: self.end, end: i64::MAX })
    }
}
