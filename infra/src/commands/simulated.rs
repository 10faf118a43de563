//! Providers to connect to, beside a demo: configured like real ones, by their addresses and clients.

use std::net::Ipv4Addr;

use anyhow::Context;
use chrono::Utc;
use connectors::provider::{Registry, Secret, plaid, stripe};
use connectors::simulator::{App, Options, Provider, Simulator};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::config::Config;

/// Runs until it is dropped.
pub struct Beside {
    /// Its panel.
    pub url: String,
    _stop: DropGuard,
}

/// Starts a simulator and makes it the providers of `config`, unless it names some of its own.
pub async fn start(config: &mut Config, seed: u64) -> anyhow::Result<Option<Beside>> {
    if Registry::configured(&config.providers).names().next().is_some() {
        return Ok(None);
    }
    let simulator = Simulator::bind((Ipv4Addr::LOCALHOST, 0).into(), Options::new(seed, Utc::now()))
        .await
        .context("the simulated providers find no port")?;
    let url = format!("http://{}", simulator.address);
    let app = App::simulated(Provider::Plaid);
    config.providers.plaid = Some(plaid::Config {
        base: format!("{url}/plaid"),
        client_id: app.client_id,
        secret: Secret::new(app.secret),
        countries: vec!["GB".to_owned()],
        days: 366,
    });
    let app = App::simulated(Provider::Stripe);
    config.providers.stripe = Some(stripe::Config {
        base: format!("{url}/stripe"),
        connect: format!("{url}/stripe"),
        client_id: Some(app.client_id),
        secret: Some(Secret::new(app.secret)),
        webhook_secrets: vec![Secret::new(app.webhook_secret)],
        limit: 100,
        accept_test: false,
    });
    if config.sources.webhook_url.is_none() && config.http.port != 0 && config.http.tls.is_none() {
        config.sources.webhook_url = Some(format!("http://127.0.0.1:{}", config.http.port));
    }
    let stop = CancellationToken::new();
    let until = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        if let Err(error) = simulator.run(until).await {
            tracing::error!(%error, "the simulated providers ended");
        }
    });
    Ok(Some(Beside { url, _stop: stop.drop_guard() }))
}
