//! A log, a stream and projections that follow them.

use std::sync::Arc;
use std::time::Duration;

use domain::{AccountId, BusinessId};
use sqlx::PgPool;
use streams::projection::{Config, Generation, Health, Projection, Step, Writer, run, wait_for};
use streams::testing::{Database, Nats};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::books::{Books, businesses, create_stream, publish};
use super::ledger::{Ledger, rows};

const PATIENCE: Duration = Duration::from_secs(120);

pub struct World {
    pub database: Database,
    pub nats: Nats,
    pub pool: PgPool,
    pub books: Books,
    pub businesses: Vec<(BusinessId, AccountId)>,
}

pub struct Following {
    pub health: Health,
    shutdown: CancellationToken,
    pub task: JoinHandle<()>,
}

impl World {
    /// A database and a stream, both empty.
    pub async fn new() -> Self {
        let world = Self::without_stream().await;
        create_stream(&world.nats.client(), world.nats.prefix()).await;
        world
    }

    pub async fn without_stream() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let pool = database.pool();
        Self { books: Books::new(pool.clone()), businesses: businesses(3), pool, database, nats }
    }

    pub fn config(&self) -> Config {
        Config::new(self.pool.clone(), self.nats.client(), self.nats.prefix())
    }

    pub fn follow(&self, projection: Arc<Ledger>) -> Following {
        let (config, shutdown) = (self.config(), CancellationToken::new());
        let health = config.health.clone();
        let task = tokio::spawn(run(config, vec![projection as Arc<dyn Projection>], shutdown.clone()));
        Following { health, shutdown, task }
    }

    /// Appends to the log and publishes in order.
    pub async fn live(&self, count: i64) -> i64 {
        let last = self.books.append_many(&self.businesses, count).await;
        publish(&self.nats.client(), self.nats.prefix(), &self.books.events(last - count).await).await;
        last
    }

    pub async fn reached(&self, position: i64) {
        wait_for(&self.pool, "ledger", position, PATIENCE).await.unwrap();
    }

    /// What a fold of the whole log in one piece gives.
    pub async fn expected(&self) -> Vec<String> {
        let generation = Generation { label: "expected".into(), version: 1, schema: "expected".into() };
        let mut tx = self.pool.begin().await.unwrap();
        generation.drop_in_tx(&mut tx).await.unwrap();
        generation.create_in_tx(&mut tx, &*Ledger::new()).await.unwrap();
        tx.commit().await.unwrap();
        let mut writer = Writer::new(self.pool.clone(), Ledger::mended(), generation);
        let events = self.books.events(0).await;
        assert!(matches!(writer.write(&events).await.unwrap(), Step::Written(_)));
        rows(&self.pool, "expected").await
    }

    pub async fn check(&self) {
        assert_eq!(rows(&self.pool, "ledger_v1").await, self.expected().await);
    }
}

impl Following {
    pub async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("it does not stop").unwrap();
    }
}

/// Waits until it holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let holds = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, holds).await.is_ok(), "not in time: {what}");
}
