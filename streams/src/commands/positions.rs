//! Waiting for the sequencer.

use std::sync::OnceLock;
use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{PgPool, Row};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{CommandError, Positions, Receipt};
use crate::sequencer::LOG_CHANNEL;

/// Asked again after this time even without a notification: one may be lost with its connection.
const RECHECK: Duration = Duration::from_millis(100);

const POSITIONS: &str = "
select min(log.position), max(log.position), count(*)
from store.events event join store.log log on log.event_id = event.id
where event.aggregate_type = $1 and event.aggregate_id = $2 and event.sequence between $3 and $4";

const CAUSATION: &str = "
select metadata ->> 'causation' from store.events
where aggregate_type = $1 and aggregate_id = $2 and sequence = $3";

#[derive(Debug)]
pub(crate) struct PositionWatch {
    pool: PgPool,
    /// Changes whenever positions were given; the task behind it ends when this is dropped.
    given: OnceLock<watch::Receiver<()>>,
}

impl PositionWatch {
    pub fn new(pool: PgPool) -> Self {
        Self { pool, given: OnceLock::new() }
    }

    /// Waits until all events of the receipt have positions, at most as long as `patience`.
    pub async fn of(&self, receipt: &Receipt, patience: Duration) -> Result<Positions, CommandError> {
        let deadline = Instant::now() + patience;
        let mut given = self.given.get_or_init(|| listen(self.pool.clone())).clone();
        loop {
            given.mark_unchanged();
            if let Some(positions) = self.find(receipt).await? {
                return Ok(positions);
            }
            if Instant::now() >= deadline {
                return Err(CommandError::NotSequenced);
            }
            let recheck = deadline.min(Instant::now() + RECHECK);
            tokio::select! {
                Ok(()) = given.changed() => {}
                () = tokio::time::sleep_until(recheck) => {}
            }
        }
    }

    pub async fn causation(&self, receipt: &Receipt) -> Result<Option<String>, CommandError> {
        let query = sqlx::query_scalar::<_, Option<String>>(CAUSATION)
            .bind(receipt.aggregate_type)
            .bind(receipt.aggregate_id.to_string())
            .bind(receipt.first_sequence);
        Ok(query.fetch_optional(&self.pool).await?.flatten())
    }

    async fn find(&self, receipt: &Receipt) -> Result<Option<Positions>, CommandError> {
        let row = sqlx::query(POSITIONS)
            .bind(receipt.aggregate_type)
            .bind(receipt.aggregate_id.to_string())
            .bind(receipt.first_sequence)
            .bind(receipt.last_sequence)
            .fetch_one(&self.pool)
            .await?;
        if row.try_get::<i64, _>(2)? < receipt.events() {
            return Ok(None);
        }
        Ok(Some(Positions { first: row.try_get(0)?, last: row.try_get(1)? }))
    }
}

/// One listener for all who wait. While its connection is away, they ask by themselves.
fn listen(pool: PgPool) -> watch::Receiver<()> {
    let (tell, given) = watch::channel(());
    tokio::spawn(async move {
        let listening = async {
            loop {
                if let Err(error) = forward(&pool, &tell).await {
                    if pool.is_closed() {
                        return;
                    }
                    tracing::warn!(%error, "no notifications of new positions, asking instead");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! {
            () = tell.closed() => {}
            () = listening => {}
        }
    });
    given
}

async fn forward(pool: &PgPool, tell: &watch::Sender<()>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(LOG_CHANNEL).await?;
    loop {
        listener.recv().await?;
        tell.send_replace(());
    }
}
