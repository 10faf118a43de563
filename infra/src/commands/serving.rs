//! What `up`, `demo` and `serve` share: a port that answers from the first moment, a system behind it, and a clean
//! end.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::context::Interrupted;
use crate::compose::{System, Work};
use crate::config::Config;
use crate::http::{self, Gate, Gateway, Readiness};
use crate::shutdown::Signals;

/// What a serving command runs.
pub struct Plan {
    /// As `run.json` names it.
    pub command: &'static str,
    pub work: Work,
    /// Whether the page and the interfaces are served, or health alone.
    pub api: bool,
}

/// Serves until a signal. `ready` runs beside it once everything is open, with the base address; when it fails, all
/// ends with its error.
pub async fn serve(
    config: &Config,
    plan: &Plan,
    ready: impl AsyncFnOnce(&System, &str, CancellationToken) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let metrics = http::install_metrics()?;
    let mut door = Door::open(config).await?;
    let mut system = tokio::select! {
        system = System::start(config, plan.command, plan.work, &door.url, &door.readiness) => system?,
        signal = signals.received() => return Err(Interrupted(signal).into()),
    };
    let url = door.url.clone();
    let stop = CancellationToken::new();
    if plan.api {
        let (nats, prefix) = (system.platform.nats.clone(), system.platform.prefix.clone());
        tokio::spawn(door.gateway.limiter().clone().share(nats, prefix, stop.clone()));
        door.gate.open(http::router(&system, &door.gateway, metrics));
    } else {
        door.gate.open(http::metrics_router(metrics));
    }
    system.announce(&url)?;
    let ended = {
        let beside = async {
            ready(&system, &url, stop.clone()).await?;
            std::future::pending().await
        };
        tokio::select! {
            ended = beside => ended,
            ended = door.ended() => ended,
            error = system.failed() => Err(anyhow::anyhow!("{error}")),
            _ = signals.received() => Ok(()),
        }
    };
    stop.cancel();
    close(door, system, &mut signals).await?;
    ended.map(|()| ExitCode::SUCCESS)
}

/// A second signal while stopping ends at once; the servers notice and end by themselves.
async fn close(door: Door, system: System, signals: &mut Signals) -> anyhow::Result<()> {
    eprintln!("Stopping.");
    let stopping = async {
        door.close().await;
        system.stop().await;
    };
    tokio::select! {
        () = stopping => Ok(()),
        signal = signals.received() => Err(Interrupted(signal).into()),
    }
}

/// The listening port.
struct Door {
    url: String,
    gateway: Gateway,
    gate: Gate,
    readiness: Readiness,
    stop: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Door {
    async fn open(config: &Config) -> anyhow::Result<Self> {
        let address = SocketAddr::new(config.http.listen, config.http.port);
        let listener = http::bind(address).await?;
        let bound = listener.local_addr().context("the address that was bound")?;
        // What listens everywhere is reached here too.
        let host = if bound.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], bound.port())) } else { bound };
        let (gate, readiness, stop) = (Gate::default(), Readiness::starting(), CancellationToken::new());
        let gateway = Gateway::new(&config.http, config.http.tls.is_some());
        let router = gateway.around(gate.router(readiness.clone()));
        let server = tokio::spawn(http::serve(listener, config.http.tls.clone(), router, stop.clone()));
        let scheme = if config.http.tls.is_some() { "https" } else { "http" };
        Ok(Self { url: format!("{scheme}://{host}"), gateway, gate, readiness, stop, server })
    }

    /// Waits for an end that nobody asked for.
    async fn ended(&mut self) -> anyhow::Result<()> {
        (&mut self.server).await.map_err(|_| anyhow::anyhow!("the HTTP server panicked"))?
    }

    async fn close(self) {
        self.stop.cancel();
        if let Err(error) = self.server.await {
            tracing::error!(panicked = error.is_panic(), "the HTTP server ended badly");
        }
    }
}
