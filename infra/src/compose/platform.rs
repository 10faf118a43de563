//! Connections to PostgreSQL and NATS, each with the least rights its use needs.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use projectors::{Audit, Entities, Metrics};
use sqlx::PgPool;
use streams::Commands;
use streams::projection::{self, Projection};
use streams::sealing::Keys;

use crate::config::Config;
use crate::postgres::Server;
use crate::servers::Addresses;

/// What every role is given.
#[derive(Debug, Clone)]
pub struct Platform {
    /// As `workdock`: events may be read and appended, never changed.
    pub app: PgPool,
    /// As `workdock`, without a test before each use: queries are short and many.
    pub query: PgPool,
    /// As `workdock_owner`: migrations, and the projections, which create and swap their tables.
    pub owner: PgPool,
    pub nats: async_nats::Client,
    /// What texts and secrets are sealed with.
    pub keys: Keys,
    /// Of the whole process, so that its refusals are counted in one place.
    pub commands: Commands,
    /// First part of the names of streams and subjects.
    pub prefix: String,
}

impl Platform {
    pub async fn connect(addresses: &Addresses, config: &Config) -> anyhow::Result<Self> {
        let nats =
            crate::nats::connect(&addresses.nats, config.nats.tls.as_ref()).await.context("NATS does not answer")?;
        let (app, owner) = (Server::at(&addresses.app)?, Server::at(&addresses.owner)?);
        app.check().await?;
        let pool = app.pool(24, true);
        let keys = Keys::new(&pool, crate::keys::open(config)?);
        Ok(Self {
            commands: Commands::new(pool.clone(), keys.clone()),
            keys,
            app: pool,
            query: app.pool(24, false),
            owner: owner.pool(12, true),
            nats,
            prefix: config.nats.prefix.clone(),
        })
    }

    /// Brings every table up to date. Any number of processes may do so at once.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        streams::migrate(&self.owner).await.context("the store cannot be migrated")?;
        projection::prepare(&self.owner, &projections()).await.context("the projections' tables cannot be made")?;
        Ok(())
    }

    /// Closes the pools, so that the servers have nobody to wait for.
    pub async fn close(&self) {
        let all = async {
            for pool in [&self.query, &self.app, &self.owner] {
                pool.close().await;
            }
            self.keys.close().await;
        };
        if tokio::time::timeout(Duration::from_secs(6), all).await.is_err() {
            tracing::debug!("connections are still in use; they are dropped");
        }
    }
}

/// Every projection of this program, new instances each time: one instance serves one schema.
pub fn projections() -> Vec<Arc<dyn Projection>> {
    vec![Arc::new(Entities::new()), Arc::new(Metrics::new()), Arc::new(Audit::new())]
}
