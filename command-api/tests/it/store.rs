//! A store with a running sequencer.

use sqlx::PgPool;
use streams::testing::{Database, Nats};
use streams::{Commands, sequencer};
use tokio_util::sync::CancellationToken;

pub struct App {
    pub commands: Commands,
    database: Database,
    _nats: Nats,
    stop: CancellationToken,
}

impl App {
    pub async fn start() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let stop = CancellationToken::new();
        let config = sequencer::Config::new(database.pool(), nats.client(), nats.prefix());
        let until = stop.clone();
        tokio::spawn(async move { sequencer::run(config, until).await });
        Self { commands: streams::testing::commands(database.pool()), database, _nats: nats, stop }
    }

    pub fn pool(&self) -> PgPool {
        self.database.pool()
    }

    /// Without those that tell of refusals.
    pub async fn events(&self) -> i64 {
        let query = "select count(*) from store.events where aggregate_type <> 'security'";
        sqlx::query_scalar(query).fetch_one(&self.pool()).await.unwrap()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
