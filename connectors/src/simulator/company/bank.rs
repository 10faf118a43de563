//! What the bank shows: lines, how they change and how they vanish.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{Kind, Transaction};
use serde::{Deserialize, Serialize};

use super::{day_of, pence};
use crate::demo::{self, Ledger, Report, What};

/// The bank shows a line, another revision of it, or takes it back.
#[derive(Debug, Clone)]
pub struct BankChange {
    pub known_at: DateTime<Utc>,
    pub ledger: Ledger,
    /// The same through all revisions.
    pub key: String,
    /// `None`: it is gone.
    pub line: Option<BankLine>,
}

impl BankChange {
    /// `paid`: what a payout brings in truth.
    pub(super) fn of(report: Report, paid: Option<i64>) -> Self {
        let Report { known_at, ledger, key, what } = report;
        let line = match what {
            What::Line(transaction) => Some(BankLine::of(transaction)),
            What::Gone(_) => None,
        };
        let line = line.map(|line| BankLine { pence: paid.unwrap_or(line.pence), ..line });
        Self { known_at, ledger, key, line }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    pub day: NaiveDate,
    /// Plus is money in.
    pub pence: i64,
    pub pending: bool,
    pub kind: Kind,
    pub category: String,
    pub description: String,
    pub counterparty: String,
    pub reference: Option<String>,
}

impl BankLine {
    pub fn of(transaction: Transaction) -> Self {
        let said = transaction.description.as_deref().unwrap_or_default();
        let pending = said.ends_with("(pending)") || said.ends_with("(hold)");
        let description = said.trim_end_matches("(pending)").trim_end_matches("(hold)").trim().to_owned();
        Self {
            day: transaction.booked.day(demo::settings().time_zone),
            pence: pence(&transaction),
            pending,
            kind: transaction.kind,
            category: transaction.category.to_string(),
            description,
            counterparty: transaction.counterparty.unwrap_or_default(),
            reference: transaction.reference,
        }
    }

    /// Whether the bank would show the same; it knows no categories of the accountant.
    pub fn looks_like(&self, other: &Self) -> bool {
        let face = |line: &Self| (line.day, line.pence, line.pending, line.description.clone());
        face(self) == face(other)
    }
}

/// A card payment that is first held and then settled otherwise, or never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// What makes it this one.
    pub key: String,
    /// Held at first; minus is money out.
    pub pence: i64,
    #[serde(default = "unnamed")]
    pub description: String,
    /// Simulated seconds until it settles.
    #[serde(default)]
    pub after_seconds: i64,
    /// What is taken in the end; without it the hold vanishes.
    #[serde(default)]
    pub settles_at: Option<i64>,
    /// Simulated seconds until what settled is taken back.
    #[serde(default)]
    pub taken_back_after_seconds: Option<i64>,
}

fn unnamed() -> String {
    "CARD PURCHASE".to_owned()
}

impl Held {
    pub(super) fn changes(&self, now: DateTime<Utc>) -> Vec<BankChange> {
        let later = now + TimeDelta::seconds(self.after_seconds.max(0));
        let line = |at: DateTime<Utc>, pence: i64, pending: bool| BankLine {
            day: day_of(at),
            pence,
            pending,
            kind: Kind::Expense,
            category: "other".to_owned(),
            description: self.description.clone(),
            counterparty: self.description.clone(),
            reference: None,
        };
        let change = |known_at, line| BankChange {
            known_at,
            ledger: Ledger::Card,
            key: format!("happening:{}", self.key),
            line,
        };
        let mut changes = vec![
            change(now, Some(line(now, self.pence, true))),
            change(later, self.settles_at.map(|pence| line(later, pence, false))),
        ];
        if let (Some(_), Some(after)) = (self.settles_at, self.taken_back_after_seconds) {
            changes.push(change(later + TimeDelta::seconds(after.max(0)), None));
        }
        changes
    }
}
