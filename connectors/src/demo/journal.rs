//! What the sources report, and when it becomes known.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{Booked, Category, Kind, Transaction, TransactionId};
use rust_decimal::Decimal;

use super::calendar::moment;
use super::{Ledger, Seed, settings};

/// A line of an account, before it has an identity.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub ledger: Ledger,
    /// What makes it the same line through all its revisions.
    pub key: String,
    pub booked: Booked,
    /// Minor units; plus is money in.
    pub pence: i64,
    pub kind: Kind,
    pub category: &'static str,
    pub description: String,
    pub counterparty: String,
    pub reference: Option<String>,
}

impl Line {
    pub fn day(&self) -> NaiveDate {
        self.booked.day(settings().time_zone)
    }

    /// When its source usually shows it: the processor at once, the bank in the morning, the card a day later.
    pub fn usually_known(&self) -> DateTime<Utc> {
        match (self.ledger, self.booked) {
            (_, Booked::Instant(moment)) => moment,
            (Ledger::Card, Booked::Day(day)) => morning(day + Days::new(1)),
            (_, Booked::Day(day)) => morning(day),
        }
    }

    pub fn into_transaction(self, seed: Seed) -> Transaction {
        let Some(category) = Category::from_label(self.category) else {
            unreachable!("categories of the demo business are written in this crate")
        };
        Transaction {
            id: seed.transaction(self.ledger, &self.key),
            booked: self.booked,
            value_date: None,
            pending: false,
            amount: Decimal::new(self.pence, 2),
            currency: settings().currency,
            kind: self.kind,
            category,
            provider_category: None,
            decided: None,
            description: Some(self.description),
            counterparty: Some(self.counterparty),
            reference: self.reference,
            line: None,
        }
    }
}

/// The moment at which banks have posted a day's lines.
pub(crate) fn morning(day: NaiveDate) -> DateTime<Utc> {
    moment(day, 6, 0, 0)
}

#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub known_at: DateTime<Utc>,
    pub ledger: Ledger,
    /// The line's, see [`Line::key`].
    pub key: String,
    pub what: What,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are lines")]
pub(crate) enum What {
    /// A new line, or a new revision of a known one.
    Line(Transaction),
    Gone(TransactionId),
}

impl What {
    pub const fn id(&self) -> TransactionId {
        match self {
            Self::Line(transaction) => transaction.id,
            Self::Gone(id) => *id,
        }
    }
}

/// The reports that follow from one day. Some become known only days later.
#[derive(Debug)]
pub(crate) struct Journal {
    pub seed: Seed,
    pub reports: Vec<Report>,
}

impl Journal {
    pub fn report(&mut self, line: Line, known_at: DateTime<Utc>) {
        let (ledger, key) = (line.ledger, line.key.clone());
        let what = What::Line(line.into_transaction(self.seed));
        self.reports.push(Report { known_at, ledger, key, what });
    }

    pub fn withdraw(&mut self, ledger: Ledger, key: &str, known_at: DateTime<Utc>) {
        let what = What::Gone(self.seed.transaction(ledger, key));
        self.reports.push(Report { known_at, ledger, key: key.to_owned(), what });
    }
}
