//! Waiting until what was recorded is shown.

use std::time::{Duration, Instant};

use streams::log;
use streams::projection::{self, WaitError};

use super::platform::{Platform, projections};

/// How long nothing may move before we say that nobody seems to work on it.
const PATIENCE: Duration = Duration::from_secs(60);

const UNSEQUENCED: &str = "
select count(*) from store.events event
where not exists (select from store.log log where log.event_id = event.id)";

impl Platform {
    /// Waits until every projection shows `position`.
    pub async fn shown(&self, position: i64) -> anyhow::Result<()> {
        for projection in projections() {
            let (name, mut before) = (projection.name(), -1);
            loop {
                match projection::wait_for(&self.app, name, position, PATIENCE).await {
                    Ok(_) => break,
                    // It gets on: a long import is shown bit by bit.
                    Err(WaitError::Timeout { at, .. }) if at > before => before = at,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Waits until everything that is recorded is shown; returns the newest position.
    pub async fn caught_up(&self) -> anyhow::Result<i64> {
        let (mut before, mut since) = (-1, Instant::now());
        loop {
            let waiting: i64 = sqlx::query_scalar(UNSEQUENCED).fetch_one(&self.app).await?;
            if waiting == 0 {
                break;
            }
            if waiting != before {
                (before, since) = (waiting, Instant::now());
            }
            anyhow::ensure!(
                since.elapsed() < PATIENCE,
                "{waiting} recorded events wait for a sequencer; is one running?"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let head = log::head(&self.app).await?.position;
        self.shown(head).await?;
        Ok(head)
    }
}
