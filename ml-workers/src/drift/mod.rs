//! Holds balances that were told against what is counted, and says from which day on they differ.
//!
//! **Guarantee.** Within seconds of a balance, of a statement file and of whatever changes an account with files, the
//! account's history says whether they agree (`account.drift_found`, `account.drift_ended`), once for each day from
//! which on they do not. A balance of a provider is held against what was recorded when it was told, so that what comes
//! late is late on both sides; one of a file against the days that it is of, as they stand now.
//!
//! **Bounded.** Each balance is counted once, at its own position; files are looked at again only where their account
//! changed.
//!
//! **One at a time**, by an advisory lock. **On failure** it is tried again; accounts that were closed or erased are left
//! alone.

mod balances;
mod statements;

use std::time::Duration;

use domain::account::{AccountCommand, Drift};
use domain::{AccountId, BusinessId};
use sqlx::PgPool;
use streams::{CommandError, Commands, Meta};
use tokio_util::sync::CancellationToken;

use crate::leader::{Work, Worker};

/// Held by the connection of whoever works, per database.
const LOCK: i64 = 0x4452_4946_5446_4e31;
const IDLE: Duration = Duration::from_millis(500);
/// Who says it, as the log names it.
const ACTOR: &str = "system:drift";

#[derive(Debug, Clone)]
pub struct Config {
    pub pool: PgPool,
    pub commands: Commands,
}

/// Works until shutdown. What is cut off is done again at the next start.
pub async fn run(config: Config, shutdown: CancellationToken) {
    let work = Work { lock: LOCK, idle: IDLE, late: "balances are held against what is counted later" };
    work.run(&config.pool, shutdown, || Checker(&config)).await;
}

struct Checker<'c>(&'c Config);

impl Worker for Checker<'_> {
    type Failure = Failure;

    async fn step(&mut self) -> Result<bool, Failure> {
        let followed = statements::follow(&self.0.pool).await?;
        let checked = statements::check_next(self.0).await?;
        Ok(balances::check_next(self.0).await? || checked || followed)
    }
}

/// An account whose balances are to be held against what is counted.
#[derive(Debug, Clone, Copy)]
struct Due {
    account: AccountId,
    business: BusinessId,
}

/// Says how an account stands.
///
/// # Errors
/// What may succeed later. What an account refuses, because it is closed or erased, is passed over.
async fn say(config: &Config, due: Due, drift: Option<Drift>) -> Result<(), Failure> {
    let command = AccountCommand::Check { drift };
    match config.commands.account(due.account, command, &Meta::new(due.business, ACTOR)).await {
        Ok(_) => Ok(()),
        Err(error) if crate::may_pass(error.code()) => Err(error.into()),
        Err(error) => {
            tracing::debug!(account = %due.account, %error, "an account takes no check");
            Ok(())
        }
    }
}

/// Why it goes no further now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("what a file said of an account cannot be read")]
    Unreadable(#[from] serde_json::Error),
}
