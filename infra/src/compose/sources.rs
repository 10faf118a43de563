//! Connections to providers as this installation is configured for them, and the worker that keeps them up.

use std::sync::Arc;
use std::time::Duration;

use connectors::connections::Connections;
use connectors::provider::{Patience, Registry, SealedVault};
use connectors::worker;
use streams::Commands;

use super::Platform;
use crate::config::Config;

/// `url`: where this process listens.
pub fn connections(config: &Config, platform: &Platform, commands: &Commands, url: &str) -> Connections {
    let page = config.identity.base_url.as_deref().unwrap_or(url).trim_end_matches('/').to_owned();
    let given = config.sources.webhook_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    let webhooks = given.or_else(|| page.starts_with("https://").then(|| page.clone()));
    Connections {
        commands: commands.clone(),
        pool: platform.app.clone(),
        vault: Arc::new(SealedVault::new(platform.app.clone(), platform.keys.clone())),
        registry: Registry::configured(&config.providers),
        page,
        webhooks,
        patience: Patience {
            first: Duration::from_millis(config.sources.first_wait_millis.into()),
            ..Patience::default()
        },
    }
}

pub fn worker(config: &Config, connections: &Connections) -> worker::Config {
    let mut budgets = worker::Budgets::default();
    budgets.of.extend(config.sources.budgets.clone());
    worker::Config {
        connections: connections.clone(),
        every: Duration::from_secs(config.sources.every_seconds.into()),
        at_most: config.sources.at_most,
        lease: Duration::from_secs(config.sources.lease_seconds.into()),
        budgets,
    }
}
