//! One of many does the work: the others stand by until it is gone.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

/// How long to wait after a failure, and between two tries to lead.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Who does the work, one step after the other.
pub(crate) trait Worker: Send {
    type Failure: Display + From<sqlx::Error>;

    /// Whether there was anything to do.
    fn step(&mut self) -> impl Future<Output = Result<bool, Self::Failure>> + Send;
}

/// What is done again and again by the one that leads.
pub(crate) struct Work {
    /// Held by the connection of whoever works, per database.
    pub lock: i64,
    /// How long to wait where there was nothing to do.
    pub idle: Duration,
    /// What a failure puts off, for the log.
    pub late: &'static str,
}

impl Work {
    /// Takes one step after the other until shutdown, as long as the lock is held. After a failure a worker that knows
    /// nothing begins anew.
    pub async fn run<W: Worker>(self, pool: &PgPool, shutdown: CancellationToken, begin: impl Fn() -> W + Send + Sync) {
        let work = async {
            loop {
                if let Err(error) = self.lead(pool, begin()).await {
                    tracing::warn!(%error, "{}", self.late);
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = work => {}
        }
    }

    /// Works as long as the lock is held and nothing fails.
    async fn lead<W: Worker>(&self, pool: &PgPool, mut worker: W) -> Result<(), W::Failure> {
        let mut lock = PgConnection::connect_with(&pool.connect_options()).await?;
        let mut leads = false;
        while !leads {
            let query = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(self.lock);
            leads = query.fetch_one(&mut lock).await?;
            if !leads {
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
        loop {
            if !worker.step().await? {
                tokio::time::sleep(self.idle).await;
                lock.ping().await?;
            }
        }
    }
}
