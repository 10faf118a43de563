//! What is there already is decided anew, newest first.

use super::brain::Brains;
use super::record::{Decisions, Seen};
use super::tables::{self, Pass};
use super::{Config, Failure};

/// Transactions that are looked at between two looks at what is new.
pub(super) const STEP: i64 = 2_000;

/// Goes on with one pass; whether there was any.
pub(super) async fn step(config: &Config, brains: &mut Brains) -> Result<bool, Failure> {
    let Some(pass) = tables::ready_pass(&config.pool).await? else { return Ok(false) };
    if pass.after.is_none() {
        // What it was asked for changed what is known.
        brains.forget(pass.business);
    }
    let brain = brains.of(pass.business).await?;
    let limit = pass.rest.map_or(STEP, |rest| rest.min(STEP));
    let rows = tables::rows(&config.pool, &pass, limit).await?;
    let words = brains.words(&rows).await?;
    let mut decisions = Decisions::default();
    for (row, words) in rows.iter().zip(&words) {
        let seen = Seen {
            id: row.id,
            account: row.account,
            amount: row.amount,
            currency: row.currency,
            meaning: &row.meaning,
            decided: row.decided.as_ref(),
            words,
        };
        decisions.look(&brain, &seen);
    }
    decisions.record(&config.commands, pass.business, pass.asked_at).await?;
    let seen = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let rest = pass.rest.map(|rest| rest - seen);
    let is_last = seen < limit || rest.is_some_and(|rest| rest <= 0);
    let next =
        rows.last().filter(|_| !is_last).map(|row| Pass { after: Some((row.day, row.id.as_uuid())), rest, ..pass });
    tables::advance_pass(&config.pool, &pass, next.as_ref()).await?;
    Ok(true)
}
