use domain::account::AccountEvent;
use uuid::Uuid;

/// What a command recorded: events of one aggregate, counted from 1. Empty where nothing had to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// `business`, `source` or `account`.
    pub aggregate_type: &'static str,
    pub aggregate_id: Uuid,
    pub first_sequence: i64,
    /// Below `first_sequence` where the receipt is empty.
    pub last_sequence: i64,
    /// Of an account's pages, recategorisations and splits; nothing for other commands.
    pub counts: Counts,
}

/// Transactions that an account's events brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub added: u64,
    pub amended: u64,
    pub removed: u64,
}

impl Counts {
    pub(crate) fn of(events: &[AccountEvent]) -> Self {
        let mut counts = Self::default();
        for event in events {
            counts.amended += event.redecided().len() as u64;
            let AccountEvent::Synced(page) = event else { continue };
            counts.added += page.added.len() as u64;
            counts.amended += page.amended.len() as u64;
            counts.removed += page.removed.len() as u64;
        }
        counts
    }
}

impl Receipt {
    /// The receipt of `events` events after `sequence`.
    pub(crate) fn after(aggregate_type: &'static str, aggregate_id: Uuid, sequence: i64, events: usize) -> Self {
        let last_sequence = sequence + i64::try_from(events).unwrap_or(i64::MAX);
        Self { aggregate_type, aggregate_id, first_sequence: sequence + 1, last_sequence, counts: Counts::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.last_sequence < self.first_sequence
    }

    pub fn events(&self) -> i64 {
        (self.last_sequence - self.first_sequence + 1).max(0)
    }
}

/// Where a receipt's events stand in the log. Those of others may stand between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Positions {
    pub first: i64,
    pub last: i64,
}
