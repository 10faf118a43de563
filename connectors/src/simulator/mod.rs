//! A simulator of providers: Plaid, Stripe, QuickBooks and Shopify with their OAuth servers in one process, and one
//! company behind them all.
//!
//! Everything follows from a seed and a clock that may run faster or stand still; the answers have the documented
//! shapes, paging, errors, limits and signatures. Faults are asked for over `/control` or on the panel at `/`. Each
//! provider answers below its own path: `/plaid`, `/stripe`, `/quickbooks`, `/shopify/{shop}`.
//!
//! It is for tests, for the demo and for whoever writes a connector; it knows no secrets but made-up ones.

mod answer;
mod clock;
pub mod company;
mod control;
mod faults;
mod hooks;
mod memory;
mod oauth;
mod panel;
mod person;
mod plaid;
mod quickbooks;
mod requests;
mod scenario;
mod shopify;
mod stripe;
mod world;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

pub use clock::Clock;
pub use faults::{Fault, FaultKind};
pub use person::{NotAgreed, agree};
pub use scenario::{InvalidScenario, Scenario};
pub use world::{App, World};

use crate::demo::Seed;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Plaid,
    Stripe,
    QuickBooks,
    Shopify,
}

impl Provider {
    pub const ALL: [Self; 4] = [Self::Plaid, Self::Stripe, Self::QuickBooks, Self::Shopify];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plaid => "plaid",
            Self::Stripe => "stripe",
            Self::QuickBooks => "quickbooks",
            Self::Shopify => "shopify",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Options {
    pub seed: Seed,
    /// The simulated moment at which it begins; the company's history ends there.
    pub at: DateTime<Utc>,
    /// Simulated seconds a second; 0: time stands still until it is told to go on.
    pub speed: u32,
    /// Answers of one provider exactly as a file lists them.
    pub scenario: Option<Scenario>,
    /// Seconds between two sales that the company does not plan; `None`: there are none.
    pub bustle: Option<u32>,
    /// Where it keeps over a restart which company it is and whom it let in; `None`: it begins anew.
    pub memory: Option<PathBuf>,
}

impl Options {
    pub fn new(seed: u64, at: DateTime<Utc>) -> Self {
        Self { seed: Seed(seed), at, speed: 1, scenario: None, bustle: None, memory: None }
    }
}

/// A simulator that listens.
#[derive(Debug)]
pub struct Simulator {
    pub address: SocketAddr,
    pub world: Arc<World>,
    listener: TcpListener,
}

impl Simulator {
    pub async fn bind(address: SocketAddr, options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let world = Arc::new(World::try_new(options, format!("http://{address}"))?);
        Ok(Self { address, world, listener })
    }

    /// Serves until `stop` is ready.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let router = router(self.world.clone());
        let hooks = tokio::spawn(hooks::run(self.world.clone()));
        let served = axum::serve(self.listener, router).with_graceful_shutdown(stop).await;
        hooks.abort();
        served
    }
}

fn router(world: Arc<World>) -> Router {
    let behind = |provider: Provider, router: Router<Arc<World>>| {
        let state = (world.clone(), provider);
        router
            .layer(from_fn_with_state(state.clone(), scenario::replay))
            .layer(from_fn_with_state(state, faults::apply))
    };
    Router::new()
        .nest("/plaid", behind(Provider::Plaid, plaid::router()))
        .nest("/stripe", behind(Provider::Stripe, stripe::router()))
        .nest("/quickbooks", behind(Provider::QuickBooks, quickbooks::router()))
        .nest("/shopify/{shop}", behind(Provider::Shopify, shopify::router()))
        .nest("/control", control::router())
        .merge(panel::router())
        .layer(from_fn_with_state(world.clone(), memory::keep))
        .with_state(world)
}
