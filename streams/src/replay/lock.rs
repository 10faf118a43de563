//! One replay of a projection at a time.

use sqlx::{Connection, PgConnection, PgPool};

use super::ReplayError;
use crate::projection::Projection;

/// Held by a session of its own: it ends with the process, however that ends.
pub(super) struct ReplayLock(PgConnection);

impl ReplayLock {
    pub async fn take(pool: &PgPool, projection: &dyn Projection) -> Result<Self, ReplayError> {
        let mut connection = pool.acquire().await?.detach();
        let taken: bool =
            sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('streams.replay:' || $1, 0))")
                .bind(projection.name())
                .fetch_one(&mut connection)
                .await?;
        match taken {
            true => Ok(Self(connection)),
            false => Err(ReplayError::Busy { projection: projection.name() }),
        }
    }

    /// Returns once another may take it: the end of the session alone would free it a moment later.
    pub async fn release(mut self) -> Result<(), sqlx::Error> {
        sqlx::query("select pg_advisory_unlock_all()").execute(&mut self.0).await?;
        self.0.close().await
    }
}
