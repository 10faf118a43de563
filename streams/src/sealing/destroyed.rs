//! What is in memory of keys that were destroyed, here or in another process: the keys themselves, and what was opened with
//! them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{PgExecutor, PgPool};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Keys;

const CHANNEL: &str = "workdock_keys_destroyed";
const RETRY_AFTER: Duration = Duration::from_secs(1);

type Forget = Box<dyn Fn() + Send + Sync>;

/// Whoever keeps something that keys opened.
#[derive(Clone, Default)]
pub(super) struct Keepers(Arc<Mutex<Vec<Forget>>>);

impl fmt::Debug for Keepers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keepers")
    }
}

impl Keepers {
    pub fn add(&self, forget: impl Fn() + Send + Sync + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(forget));
    }

    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|forget| forget());
    }
}

/// Tells every process.
pub(super) async fn tell(pool: impl PgExecutor<'_>, business: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(business.to_string()).execute(pool).await?;
    Ok(())
}

/// Until `stop`: forgets what is to be forgotten as soon as keys are destroyed anywhere.
pub async fn hear(pool: PgPool, keys: Keys, stop: CancellationToken) {
    loop {
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            loop {
                // Whatever was told before the connection stood; and `None`: it was lost, and something may be missed.
                keys.forget();
                listener.try_recv().await?;
            }
        };
        let lost: sqlx::Result<()> = tokio::select! {
            () = stop.cancelled() => return,
            lost = listening => lost,
        };
        if let Err(error) = lost {
            tracing::warn!(%error, "destroyed keys are not heard of just now; what they opened is forgotten a little later");
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
}
