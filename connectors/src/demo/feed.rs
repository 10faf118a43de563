//! Everything that becomes known, in order, cut into pages as a source would deliver it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::account::Synced;
use domain::{BatchId, Transaction, TransactionId};

use super::calendar::midnight;
use super::company::Company;
use super::journal::{Report, What};
use super::{Cursor, Ledger, Seed};

/// What one account reports at once: what an `AccountCommand::Sync` carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub ledger: Ledger,
    pub batch: BatchId,
    /// Everything before it is delivered once this page is.
    pub cursor: Cursor,
    pub reported: Vec<Transaction>,
    pub removed: Vec<TransactionId>,
}

impl Page {
    pub fn is_empty(&self) -> bool {
        self.reported.is_empty() && self.removed.is_empty()
    }

    pub fn len(&self) -> usize {
        self.reported.len() + self.removed.len()
    }
}

/// The reports of a company from its first day on.
#[derive(Debug)]
pub struct Feed {
    seed: Seed,
    start: NaiveDate,
    company: Company,
    /// What days that were lived have in store, by the moment at which it becomes known.
    coming: BinaryHeap<Reverse<Coming>>,
    count: u64,
    known_through: DateTime<Utc>,
    /// What accounts have had already: it is left out.
    delivered: HashMap<Ledger, DateTime<Utc>>,
}

#[derive(Debug)]
struct Coming {
    order: (DateTime<Utc>, u64),
    report: Report,
}

impl PartialEq for Coming {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Coming {}

impl PartialOrd for Coming {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Coming {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}

impl Feed {
    pub fn from(seed: Seed, start: NaiveDate) -> Self {
        let company = Company::founded(seed, start);
        let known_through = midnight(start);
        Self { seed, start, company, coming: BinaryHeap::new(), count: 0, known_through, delivered: HashMap::new() }
    }

    /// Leaves out what became known before the moment that an account's cursor names.
    pub fn after(mut self, delivered: HashMap<Ledger, DateTime<Utc>>) -> Self {
        self.delivered = delivered;
        self
    }

    /// The pages of what became known since the last call and before a moment.
    pub fn until(&mut self, moment: DateTime<Utc>) -> Vec<Page> {
        while midnight(self.company.next_day()) < moment {
            for report in self.company.live_a_day() {
                self.count += 1;
                self.coming.push(Reverse(Coming { order: (report.known_at, self.count), report }));
            }
        }
        let mut by_ledger: BTreeMap<Ledger, Vec<Report>> = BTreeMap::new();
        while let Some(Reverse(next)) = self.coming.peek()
            && next.order.0 < moment
        {
            if let Some(Reverse(next)) = self.coming.pop()
                && self.delivered.get(&next.report.ledger).is_none_or(|through| next.report.known_at >= *through)
            {
                by_ledger.entry(next.report.ledger).or_default().push(next.report);
            }
        }
        let since = std::mem::replace(&mut self.known_through, moment);
        by_ledger.into_iter().flat_map(|(ledger, reports)| self.pages(ledger, reports, since)).collect()
    }

    fn pages(&self, ledger: Ledger, reports: Vec<Report>, since: DateTime<Utc>) -> Vec<Page> {
        let words = last_words(reports.into_iter().map(|report| report.what).collect());
        let batch = self.seed.batch(ledger, &self.known_through.to_rfc3339());
        let count = words.len().div_ceil(Synced::MOST);
        let chunks = words.chunks(Synced::MOST).enumerate();
        chunks
            .map(|(n, chunk)| {
                // Until the last page is delivered, all of them are asked for again.
                let through = if n + 1 == count { self.known_through } else { since };
                page(ledger, batch, Cursor { start: self.start, through }, chunk)
            })
            .collect()
    }
}

/// Of each transaction only its last word counts within one delivery.
pub(super) fn last_words(words: Vec<What>) -> Vec<What> {
    let last: HashMap<_, _> = words.iter().enumerate().map(|(n, word)| (word.id(), n)).collect();
    let is_last = |(n, word): &(usize, What)| last.get(&word.id()) == Some(n);
    words.into_iter().enumerate().filter(is_last).map(|(_, word)| word).collect()
}

pub(super) fn page(ledger: Ledger, batch: BatchId, cursor: Cursor, words: &[What]) -> Page {
    let mut page = Page { ledger, batch, cursor, reported: Vec::new(), removed: Vec::new() };
    for word in words {
        match word {
            What::Line(transaction) => page.reported.push(transaction.clone()),
            What::Gone(id) => page.removed.push(*id),
        }
    }
    page
}
