//! What is remembered between batches so that it need not be read again. All of it can be forgotten at any time.

use std::num::NonZeroUsize;

use chrono::NaiveDate;
use domain::{AccountId, BusinessId, Cause, Currency, Kind, Sums};
use lru::LruCache;

use super::cell::{Cell, Dim, Grain};
use super::scope::Scope;

/// At most this many cells are remembered, at some 200 bytes each.
const MOST_CELLS: NonZeroUsize = NonZeroUsize::new(200_000).unwrap();

/// A stored cell and its newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    pub id: i64,
    pub sums: Sums,
}

#[derive(Debug)]
pub(super) struct Memory {
    pub scope: Scope,
    cells: LruCache<OwnedCell, Stored>,
    /// Whether every stored cell is remembered, so that an unknown one is new. `None`: not asked yet.
    pub complete: Option<bool>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { scope: Scope::default(), cells: LruCache::unbounded(), complete: None }
    }
}

impl Memory {
    pub(super) fn recall(&mut self, cell: &Cell<'_>) -> Option<Stored> {
        self.cells.get(&OwnedCell::from(cell)).copied()
    }

    pub(super) fn remember(&mut self, cell: &Cell<'_>, stored: Stored) {
        self.cells.put(OwnedCell::from(cell), stored);
        if self.cells.len() > MOST_CELLS.get() {
            self.cells.pop_lru();
            self.complete = Some(false);
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OwnedCell {
    business: BusinessId,
    grain: Grain,
    bucket: NaiveDate,
    dim: OwnedDim,
    kind: Kind,
    currency: Currency,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum OwnedDim {
    All,
    Category(Box<str>),
    Account(AccountId),
    Cause(Cause),
}

impl From<&Cell<'_>> for OwnedCell {
    fn from(cell: &Cell<'_>) -> Self {
        let Cell { business, grain, bucket, dim, kind, currency } = *cell;
        let dim = match dim {
            Dim::All => OwnedDim::All,
            Dim::Category(category) => OwnedDim::Category(category.into()),
            Dim::Account(account) => OwnedDim::Account(account),
            Dim::Cause(cause) => OwnedDim::Cause(cause),
        };
        Self { business, grain, bucket, dim, kind, currency }
    }
}
