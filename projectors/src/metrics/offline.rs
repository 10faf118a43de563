//! Figures from events alone, without a database: what an auditor computes from an exported log.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::{Booked, Currency, Kind, Sums, TransactionId};
use streams::Event;
use streams::projection::ProjectionError;

use super::cell::Grain;
use super::ends_run;
use super::fold::{self, Fold};
use super::folded::{CURRENT, Folded};
use super::scope::Scope;
use super::sums::{add, canonical};
use crate::decode::{Decoded, poison};

/// The sums of each month, of one business or of several that are not told apart.
///
/// The fold is the one that fills the metric views; here its deltas are summed at once, and the days of transactions
/// that name a moment are remembered instead of read.
#[derive(Debug, Default)]
pub struct Months {
    scope: Scope,
    days: HashMap<TransactionId, NaiveDate>,
    sums: BTreeMap<(NaiveDate, Currency, Kind), Sums>,
}

/// One month's sums of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub month: NaiveDate,
    pub currency: Currency,
    pub kind: Kind,
    pub sums: Sums,
}

impl Months {
    /// Folds the next events.
    ///
    /// # Errors
    /// Poison, as the projection would dead-letter it.
    pub fn apply(&mut self, events: &[Event]) -> Result<(), ProjectionError> {
        let events: Vec<_> = events.iter().map(Decoded::try_new).collect::<Result<_, _>>()?;
        for run in events.split_inclusive(ends_run) {
            self.apply_run(run)?;
        }
        Ok(())
    }

    fn apply_run(&mut self, run: &[Decoded]) -> Result<(), ProjectionError> {
        let asked = fold::ambiguous(run, &self.scope);
        let days = asked.iter().filter_map(|id| Some((*id, *self.days.get(id)?))).collect();
        let mut fold = Fold::new(&mut self.scope, run, days, true);
        for event in run {
            fold.apply(event)?;
        }
        let folded = fold.finish();
        remember(&mut self.days, &folded);
        for delta in &folded.deltas {
            let key = (Grain::Month.bucket_of(delta.key.day), delta.key.currency, delta.key.kind);
            let sums = self.sums.entry(key).or_default();
            *sums = add(*sums, delta.sums).ok_or_else(|| poison(delta.position, "a sum does not fit 28 digits"))?;
        }
        Ok(())
    }

    /// Months in which a transaction stands, in order.
    pub fn figures(&self) -> Vec<Month> {
        let standing = self.sums.iter().filter(|(_, sums)| !sums.is_zero());
        standing
            .map(|(&(month, currency, kind), sums)| Month { month, currency, kind, sums: canonical(*sums) })
            .collect()
    }
}

/// A plain day is the same in every zone; only moments must be remembered.
fn remember(days: &mut HashMap<TransactionId, NaiveDate>, folded: &Folded<'_>) {
    for closing in &folded.closings {
        days.remove(&closing.id);
    }
    for revision in folded.revisions.iter().filter(|revision| revision.valid_to == CURRENT) {
        if matches!(revision.transaction.booked, Booked::Instant(_)) {
            days.insert(revision.transaction.id, revision.day);
        }
    }
}
