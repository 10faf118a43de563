//! The worker: keeps every connected source up with its provider.
//!
//! **Guarantee.** One source is worked on by one worker at a time: it holds a lease, which runs out by itself when the
//! worker dies and is taken away when the connection ends. Should two ever meet all the same, the accounts decide:
//! cursor and transactions are one event.
//!
//! **On failure.** A source that fails waits longer each time and holds up no other; one that waits for its user is not
//! asked at all until somebody repairs it, or asks for a try.

mod giving_back;
mod guard;
mod lease;
mod round;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::connections::{Connections, forget_old};
use crate::provider::Registry;

pub use guard::{Budgets, guarded};
use lease::Leases;
use round::Round;

/// How often it looks for what is due.
const LOOK: Duration = Duration::from_millis(250);
const TIDY: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone)]
pub struct Config {
    pub connections: Connections,
    /// Between two polls of a source; a tenth more or less.
    pub every: Duration,
    /// Sources at a time.
    pub at_most: usize,
    /// How long a lease outlives its worker.
    pub lease: Duration,
    pub budgets: Budgets,
}

/// Works until it is told to stop. What it is at then is given back, to be taken up by the next.
pub async fn run(config: Config, stop: CancellationToken) {
    let id = Uuid::now_v7();
    let mut connections = config.connections.clone();
    connections.registry = guarded(&config.connections.registry, &config.connections.pool, &config.budgets);
    let leases = Leases::new(connections.pool.clone(), id, config.lease);
    let round =
        Arc::new(Round { connections: connections.clone(), leases: leases.clone(), every: in_between(config.every) });
    let mut running = JoinSet::new();
    let mut giving_back = JoinSet::new();
    let mut tidied: Option<tokio::time::Instant> = None;
    while !stop.is_cancelled() {
        while running.try_join_next().is_some() {}
        if tidied.is_none_or(|at| at.elapsed() > TIDY) {
            tidied = Some(tokio::time::Instant::now());
            if let Err(error) = forget_old(&connections.pool).await {
                tracing::warn!(%error, "old records of syncs could not be forgotten");
            }
            if let Err(error) = giving_back::give_up(&connections.pool).await {
                tracing::warn!(%error, "old accesses could not be forgotten");
            }
        }
        while giving_back.try_join_next().is_some() {}
        if giving_back.is_empty() {
            let connections = connections.clone();
            giving_back.spawn(async move {
                if let Err(error) = giving_back::give_back(&connections).await {
                    tracing::warn!(%error, "what is to be given back cannot be read; it is tried again");
                }
            });
        }
        let free = config.at_most.saturating_sub(running.len());
        claim(&leases, &connections.registry, free, &round, &mut running).await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = running.join_next(), if running.len() >= config.at_most => {}
        }
    }
    running.shutdown().await;
    giving_back.shutdown().await;
    if let Err(error) = leases.give_back().await {
        tracing::debug!(%error, "leases could not be given back; they run out");
    }
}

async fn claim(leases: &Leases, registry: &Registry, free: usize, round: &Arc<Round>, running: &mut JoinSet<()>) {
    if free == 0 {
        return;
    }
    let names: Vec<_> = registry.names().map(ToOwned::to_owned).collect();
    match leases.claim(&names, free).await {
        Ok(due) => {
            for due in due {
                let round = Arc::clone(round);
                running.spawn(async move { round.run(due).await });
            }
        }
        Err(error) => tracing::warn!(%error, "what is due cannot be read; it is tried again"),
    }
}

fn in_between(every: Duration) -> TimeDelta {
    TimeDelta::from_std(every).unwrap_or(TimeDelta::minutes(5))
}
