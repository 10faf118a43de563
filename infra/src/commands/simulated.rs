//! Providers to connect to, beside a demo: configured like real ones, by their addresses and clients.

use std::net::Ipv4Addr;

use anyhow::Context;
use chrono::Utc;
use connectors::provider::{Registry, Settings};
use connectors::simulator::{App, Options, Provider, Simulator};
use serde_json::json;
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
    config.providers = providers(&url)?;
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

/// As an operator would write them down.
fn providers(url: &str) -> anyhow::Result<Settings> {
    let [plaid, stripe, shopify, quickbooks] =
        [Provider::Plaid, Provider::Stripe, Provider::Shopify, Provider::QuickBooks].map(App::simulated);
    let settings = json!({
        "plaid": {
            "base": format!("{url}/plaid"),
            "client_id": plaid.client_id,
            "secret": plaid.secret,
            "countries": ["GB"],
            "days": 366,
        },
        "stripe": {
            "base": format!("{url}/stripe"),
            "connect": format!("{url}/stripe"),
            "client_id": stripe.client_id,
            "secret": stripe.secret,
            "webhook_secrets": [stripe.webhook_secret],
        },
        "shopify": {
            "base": format!("{url}/shopify/{{shop}}"),
            "client_id": shopify.client_id,
            "secret": shopify.secret,
        },
        "quickbooks": {
            "base": format!("{url}/quickbooks"),
            "discovery": format!("{url}/quickbooks/.well-known/openid_configuration"),
            "client_id": quickbooks.client_id,
            "secret": quickbooks.secret,
            "verifier_tokens": [quickbooks.webhook_secret],
        },
    });
    serde_json::from_value(settings).context("the settings of the simulated providers")
}
