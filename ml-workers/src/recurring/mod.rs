//! Finds payments that come again and again, as a base for forecasts.
//!
//! **Guarantee.** Within [`Config::rest`] and some seconds of a change, what is found is what [`domain::recurring::detect_named`]
//! finds in the newest [`gather::MOST`] transactions of the last [`gather::DAYS`] days. Settlements and transfers between
//! own accounts are left out: they are no payments of anybody.
//!
//! **Bounded.** A business is looked through as a whole, but never its history, and at most once in [`Config::rest`]: what a
//! payment changes in a rhythm needs the others of it, and texts stand nowhere but in their events.
//!
//! **One at a time**, by an advisory lock. **On failure** it is tried again from the last position; an erased business is left
//! alone.

mod follow;
mod gather;
mod store;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::recurring::{Paid, detect_named};
use domain::{AccountId, BusinessId, Currency};
use sqlx::PgPool;
use streams::sealing::{Keys, SealError};
use tokio_util::sync::CancellationToken;

use crate::leader::{Work, Worker};
use gather::Payment;
use store::Series;

/// Held by the connection of whoever works, per database.
const LOCK: i64 = 0x5245_4355_5252_4931;
const IDLE: Duration = Duration::from_millis(500);
/// What a keyed hash of a payee is for.
const DIGEST: &str = "recurring.series";

#[derive(Debug, Clone)]
pub struct Config {
    pub pool: PgPool,
    pub keys: Keys,
    /// Between two looks through one business.
    pub rest: Duration,
}

/// Works until shutdown. What is cut off is done again at the next start.
pub async fn run(config: Config, shutdown: CancellationToken) {
    let work = Work { lock: LOCK, idle: IDLE, late: "payments that come again are looked for later" };
    work.run(&config.pool, shutdown, || Finder(&config)).await;
}

struct Finder<'c>(&'c Config);

impl Worker for Finder<'_> {
    type Failure = Failure;

    async fn step(&mut self) -> Result<bool, Failure> {
        let followed = follow::step(&self.0.pool).await?;
        Ok(settle(self.0).await? || followed)
    }
}

/// Looks through one business, where one waits.
async fn settle(config: &Config) -> Result<bool, Failure> {
    let Some((business, asked_at)) = store::next_asked(&config.pool).await? else { return Ok(false) };
    let series = match find(config, business).await {
        Ok(series) => series,
        Err(Failure::Seal(SealError::Erased(_))) => {
            store::forget(&config.pool, business).await?;
            return Ok(true);
        }
        Err(failure) => return Err(failure),
    };
    store::put(&config.pool, business, asked_at, &series, config.rest).await?;
    Ok(true)
}

/// What is compared with each other: one account, one direction, one payee.
type Group = (AccountId, Currency, bool, String);

async fn find(config: &Config, business: BusinessId) -> Result<Vec<Series>, Failure> {
    let payments = gather::payments(&config.pool, &config.keys, business).await?;
    let mut groups: BTreeMap<Group, Vec<Payment>> = BTreeMap::new();
    for (payee, payment) in payments {
        let group = (payment.account, payment.currency, payment.amount.is_sign_negative(), payee);
        groups.entry(group).or_default().push(payment);
    }
    let sealer = config.keys.of_business(business);
    let mut series = Vec::new();
    for ((account, currency, is_out, payee), payments) in groups {
        let paid: Vec<_> = payments.iter().map(|one| Paid { day: one.day, amount: one.amount }).collect();
        let names: Vec<_> = payments.iter().map(|one| one.what.as_str()).collect();
        for (nth, found) in detect_named(&paid, &names).into_iter().enumerate() {
            let name = format!("{account}|{currency}|{is_out}|{nth}|{payee}");
            let digest = sealer.digest(DIGEST, name.as_bytes()).await?;
            series.extend(Series::new(digest, &found, &payments));
        }
    }
    Ok(series)
}

/// Why it goes no further now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Open(#[from] streams::OpenError),
    #[error(transparent)]
    Seal(#[from] SealError),
}
