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

use sqlx::PgPool;
use streams::Commands;
use tokio_util::sync::CancellationToken;

pub use learn::Model;

use crate::leader::{Work, Worker};
use brain::Brains;

/// Held by the connection of whoever works, per database.
const LOCK: i64 = 0x4d45_414e_494e_4731;
/// How long to wait where there was nothing to do.
const IDLE: Duration = Duration::from_millis(300);

#[derive(Debug, Clone)]
pub struct Config {
    pub pool: PgPool,
    pub commands: Commands,
}

/// Works until shutdown. What is cut off is done again at the next start.
pub async fn run(config: Config, shutdown: CancellationToken) {
    let work = Work { lock: LOCK, idle: IDLE, late: "what transactions mean is decided later" };
    work.run(&config.pool, shutdown, || Decider { config: &config, brains: Brains::new(&config) }).await;
}

struct Decider<'c> {
    config: &'c Config,
    brains: Brains,
}

impl Worker for Decider<'_> {
    type Failure = Failure;

    async fn step(&mut self) -> Result<bool, Failure> {
        let followed = follow::step(self.config, &mut self.brains).await?;
        Ok(pass::step(self.config, &mut self.brains).await? || followed)
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
