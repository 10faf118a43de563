//! What a fold lays up: revisions, deltas and changes of cells.

use chrono::NaiveDate;
use domain::rates::{Quoted, RateSource};
use domain::{AccountId, BusinessId, Cause, Currency, Kind, Sums, Transaction, TransactionId};
use streams::projection::Notice;

use super::cell::Cell;

/// `valid_to` of a revision that stands.
pub const CURRENT: i64 = i64::MAX;

/// A revision of a transaction, valid from one position until before another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision<'a> {
    pub business: BusinessId,
    pub account: AccountId,
    pub day: NaiveDate,
    pub transaction: &'a Transaction,
    /// Its number among the transactions of its event, in the order of their texts
    /// ([`domain::personal::Personal`]).
    pub place: i32,
    pub cause: Cause,
    pub valid_from: i64,
    pub valid_to: i64,
}

/// The end of a revision that an earlier batch wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    pub id: TransactionId,
    pub day: NaiveDate,
    pub position: i64,
}

/// What one event changed in one day of one account, by category, kind, currency and cause. What came and what went
/// are two deltas, also where a correction moves an amount within one day: `taken` ones are negative in all sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta<'a> {
    pub business: BusinessId,
    pub key: DeltaKey<'a>,
    pub account: AccountId,
    pub position: i64,
    pub sums: Sums,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeltaKey<'a> {
    pub day: NaiveDate,
    pub category: &'a str,
    pub kind: Kind,
    pub currency: Currency,
    pub cause: Cause,
    pub taken: bool,
}

/// What one event changed in one cell; never nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Index into [`Folded::cells`].
    pub cell: usize,
    pub position: i64,
    pub sums: Sums,
}

/// A recorded exchange rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub business: BusinessId,
    pub quoted: Quoted,
    pub source: RateSource,
    pub position: i64,
}

/// What a run of events laid up.
#[derive(Debug, Default)]
pub struct Folded<'a> {
    pub revisions: Vec<Revision<'a>>,
    pub closings: Vec<Closing>,
    pub deltas: Vec<Delta<'a>>,
    pub cells: Vec<Cell<'a>>,
    /// By position; those of one event in the order in which it touched the cells.
    pub changes: Vec<Change>,
    pub rates: Vec<Rate>,
    /// One for each business whose figures changed.
    pub notices: Vec<Notice>,
}
