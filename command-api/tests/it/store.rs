//! A store with a running sequencer.

use async_trait::async_trait;
use chrono::NaiveDate;
use command_api::books::Books;
use domain::business::{Salt, Seal};
use domain::{BusinessId, Month, Problem};
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

/// Books of a business without figures, on the fifteenth of April.
pub struct FixedBooks;

#[async_trait]
impl Books for FixedBooks {
    async fn seal(&self, _: BusinessId, _: Month, _: Option<i64>) -> Result<(Seal, NaiveDate), Problem> {
        let seal = Seal { figures: Vec::new(), position: 1, salt: Salt::from_bytes([1; 16]), checkpoint: None };
        Ok((seal, "2026-04-15".parse().unwrap()))
    }
}
