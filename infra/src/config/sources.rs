//! `[sources]`: how connected providers are kept up with. Who we are to each provider stands in `[providers.<name>]`.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sources {
    /// Seconds between two polls of a source, a tenth more or less.
    pub every_seconds: u32,
    /// Sources that one process works on at a time.
    pub at_most: usize,
    /// How long a source waits for a worker that died.
    pub lease_seconds: u32,
    /// The longest first wait before a request is tried again; doubled with each try, up to five.
    pub first_wait_millis: u32,
    /// Where providers reach this installation with webhooks (`https://workdock.example`); by default
    /// `identity.base_url`, where that is https. Without one the polls find everything.
    pub webhook_url: Option<String>,
    /// Requests a second by provider, for all workers together: `plaid = 25.0`.
    pub budgets: BTreeMap<String, f64>,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            every_seconds: 300,
            at_most: 16,
            lease_seconds: 30,
            first_wait_millis: 500,
            webhook_url: None,
            budgets: BTreeMap::new(),
        }
    }
}

impl Sources {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.every_seconds > 0, "sources.every_seconds must be at least 1");
        anyhow::ensure!(self.at_most > 0, "sources.at_most must be at least 1");
        anyhow::ensure!(self.lease_seconds > 0, "sources.lease_seconds must be at least 1");
        anyhow::ensure!(
            self.budgets.values().all(|rate| *rate > 0.0),
            "sources.budgets are requests a second, above 0"
        );
        Ok(())
    }
}
