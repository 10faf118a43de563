//! Providers to connect to, beside a demo: configured like real ones, by their addresses and clients.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use chrono::Utc;
use connectors::provider::{Registry, Settings};
use connectors::simulator::{App, Options, Provider, Simulator, World};
use serde_json::json;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::config::Config;

/// Runs until it is dropped.
pub struct Beside {
    /// Its panel.
    pub url: String,
    _stop: DropGuard,
}

/// Starts a simulator and makes it the providers of `config`, unless it names some of its own.
/// `bustle`: seconds between two sales that its company does not plan.
pub async fn start(config: &mut Config, seed: u64, bustle: u32) -> anyhow::Result<Option<Beside>> {
    if Registry::configured(&config.providers).names().next().is_some() {
        return Ok(None);
    }
    let mut options = Options::new(seed, Utc::now());
    options.bustle = Some(bustle);
    let folder = config.data.join("simulated");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    options.memory = Some(folder.join(format!("{seed}.json")));
    let (world, address, stop) = apart(options).await.context("the simulated providers cannot begin")?;
    let url = format!("http://{address}");
    config.providers = providers(&url)?;
    if config.sources.webhook_url.is_none() && config.http.port != 0 && config.http.tls.is_none() {
        config.sources.webhook_url = Some(format!("http://127.0.0.1:{}", config.http.port));
    }
    // Plaid is told an address with each connection.
    if let Some(webhooks) = &config.sources.webhook_url {
        for provider in [Provider::Stripe, Provider::Shopify, Provider::QuickBooks] {
            world.subscribe(provider, &format!("{webhooks}/api/v1/webhooks/{}", provider.as_str()));
        }
    }
    Ok(Some(Beside { url, _stop: stop }))
}

/// On a thread of its own: what it computes for an answer takes nobody else's time.
async fn apart(options: Options) -> std::io::Result<(Arc<World>, SocketAddr, DropGuard)> {
    let stop = CancellationToken::new();
    let until = stop.clone().cancelled_owned();
    let (told, began) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = async move {
        match Simulator::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await {
            Ok(simulator) => {
                // Whoever began it may be gone already; then it ends by its token.
                drop(told.send(Ok((simulator.world.clone(), simulator.address))));
                if let Err(error) = simulator.run(until).await {
                    tracing::error!(%error, "the simulated providers ended");
                }
            }
            Err(error) => drop(told.send(Err(error))),
        }
    };
    std::thread::Builder::new().name("simulator".to_owned()).spawn(move || runtime.block_on(run))?;
    let (world, address) = began.await.map_err(std::io::Error::other)??;
    Ok((world, address, stop.drop_guard()))
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
