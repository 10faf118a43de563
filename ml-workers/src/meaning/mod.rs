//! Decides what transactions mean: by the rules of their business, and by what was learned from its choices.
//!
//! **Guarantee.** Within seconds of its receipt every transaction means what [`domain::meaning::decide`] says. Where
//! rules or choices change, all transactions are decided anew, newest first, at most [`pass::STEP`] at once and 500 in
//! one event. Decisions are commands to the account: it lets nothing stand over a user's choice.
//!
//! **One at a time.** Whoever holds an advisory lock works; the others stand by. Working twice would change nothing: a
//! decision that stands already is no event.
//!
//! **On failure.** What cannot be read or recorded now is tried again from the last position; what an account refuses is
//! passed over, since it is decided anew when the account changes. An erased business is left alone.

mod brain;
mod follow;
mod learn;
mod pass;
mod record;
mod tables;

use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool};
use streams::Commands;
use tokio_util::sync::CancellationToken;

pub use learn::Model;

use brain::Brains;

/// Held by the connection of whoever works, per database.
const LOCK: i64 = 0x4d45_414e_494e_4731;
/// How long to wait where there was nothing to do, and after a failure.
const IDLE: Duration = Duration::from_millis(300);
const AFTER_FAILURE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone)]
pub struct Config {
    pub pool: PgPool,
    pub commands: Commands,
}

/// Works until shutdown. What is cut off is done again at the next start.
pub async fn run(config: Config, shutdown: CancellationToken) {
    let work = async {
        loop {
            if let Err(error) = work(&config).await {
                tracing::warn!(%error, "what transactions mean is decided later");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = work => {}
    }
}

/// Works as long as the lock is held and nothing fails.
async fn work(config: &Config) -> Result<(), Failure> {
    let mut lock = PgConnection::connect_with(&config.pool.connect_options()).await?;
    loop {
        let query = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK);
        if query.fetch_one(&mut lock).await? {
            break;
        }
        tokio::time::sleep(AFTER_FAILURE).await;
    }
    let mut brains = Brains::new(config);
    loop {
        let followed = follow::step(config, &mut brains).await?;
        let passed = pass::step(config, &mut brains).await?;
        if !followed && !passed {
            tokio::time::sleep(IDLE).await;
            lock.ping().await?;
        }
    }
}

/// Why it goes no further now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Open(#[from] streams::OpenError),
    #[error(transparent)]
    Rules(#[from] streams::rules::RulesUnreadable),
    #[error(transparent)]
    Command(#[from] streams::CommandError),
}
