//! Finds transactions that are the same money, so that figures count it once.
//!
//! **Guarantee.** Within seconds of its receipt every transaction was looked at beside what the business's other
//! accounts say of the same days. What is certain is recorded with the accounts ([`domain::meaning::By::Match`]), what
//! is only likely waits in `meaning.match` for a user. What a user chose, accepted or refused is left as it is.
//!
//! What a payout is the sum of is what its provider says, from the moment that it is known; until then what comes to its
//! amount.
//!
//! **Bounded.** It reads days, never a history: those that a page touched and two weeks around them, a month at once,
//! and opens the texts only of transactions whose amount another account has too. Businesses take turns, and so do a
//! business's history and its newest days.
//!
//! **On failure.** What cannot be read or recorded now is tried again from the last position. A match of which some legs
//! are recorded is completed by the next look at its days; recording it twice changes nothing.

mod follow;
mod pass;
mod payouts;
mod tables;

use std::time::Duration;

use domain::BusinessId;
use sqlx::PgPool;
use streams::matches::{ByAccount, SayError, record};
use streams::{Commands, Meta};
use tokio_util::sync::CancellationToken;

use crate::leader::{Work, Worker};

/// Who decides, as the log names it.
pub const ACTOR: &str = "system:matching";

/// Held by the connection of whoever works, per database.
const LOCK: i64 = 0x4d41_5443_4849_4e31;
/// How long to wait where there was nothing to do.
const IDLE: Duration = Duration::from_millis(300);

#[derive(Debug, Clone)]
pub struct Config {
    pub pool: PgPool,
    pub commands: Commands,
}

/// Works until shutdown. What is cut off is done again at the next start.
pub async fn run(config: Config, shutdown: CancellationToken) {
    let work = Work { lock: LOCK, idle: IDLE, late: "what is the same money is found later" };
    work.run(&config.pool, shutdown, || Matcher(&config)).await;
}

struct Matcher<'c>(&'c Config);

impl Worker for Matcher<'_> {
    type Failure = Failure;

    async fn step(&mut self) -> Result<bool, Failure> {
        // What is new first: an import is looked at when its pages are there.
        Ok(follow::step(self.0).await? || pass::step(self.0).await?)
    }
}

/// The newest position of what it recorded. What an account refuses is passed over: it is looked at again when the
/// account changes.
async fn decide(config: &Config, business: BusinessId, decisions: ByAccount, cause: i64) -> Result<i64, Failure> {
    let mut position = 0;
    for (account, decisions) in decisions {
        let meta = Meta { causation: Some(format!("position:{cause}")), ..Meta::new(business, ACTOR) };
        match record(&config.commands, ByAccount::from([(account, decisions)]), &meta).await {
            Ok(recorded) => position = position.max(recorded),
            Err(error) if crate::may_pass(error.code()) => return Err(error.into()),
            Err(error) => tracing::debug!(%account, %error, "an account takes no match"),
        }
    }
    Ok(position)
}

/// Why it goes no further now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Open(#[from] streams::OpenError),
    #[error(transparent)]
    Decode(#[from] streams::DecodeError),
    #[error(transparent)]
    Command(#[from] streams::CommandError),
    #[error(transparent)]
    Say(#[from] SayError),
}
