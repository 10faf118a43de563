//! A transaction as an event carries it.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::meaning::{By, Decided, Meaning};
use crate::personal::{Personal, Text};
use crate::{Booked, Category, Cause, Currency, Kind, TimeZone, TransactionId};

/// One revision of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transaction {
    pub id: TransactionId,
    pub booked: Booked,
    /// An exact decimal; plus means money in.
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub amount: Decimal,
    pub currency: Currency,
    pub kind: Kind,
    pub category: Category,
    /// What stands over what the source says; kind and category are then its.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<String>,
    /// The source's own id or document number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The line of the file it was read from, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl Personal for Transaction {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        visit(Text::Optional(&mut self.description));
        visit(Text::Optional(&mut self.counterparty));
        visit(Text::Optional(&mut self.reference));
    }
}

impl Personal for Amended {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        self.was.each_text(visit);
        self.now.each_text(visit);
    }
}

impl Transaction {
    pub fn meaning(&self) -> Meaning {
        Meaning { kind: self.kind, category: self.category.clone() }
    }

    /// What the source says that it means.
    pub fn reported(&self) -> (Kind, &Category) {
        match &self.decided {
            Some(Decided { reported, .. }) => (reported.kind, &reported.category),
            None => (self.kind, &self.category),
        }
    }

    /// The same with another meaning.
    #[must_use]
    pub fn redecided(self, to: Option<(Meaning, By)>) -> Self {
        let (kind, category) = self.reported();
        let reported = Meaning { kind, category: category.clone() };
        match to {
            Some((Meaning { kind, category }, by)) => {
                Self { kind, category, decided: Some(Decided { by, reported }), ..self }
            }
            None => Self { kind: reported.kind, category: reported.category, decided: None, ..self },
        }
    }

    /// Empty texts say as much as absent ones, as in [`Self::content`].
    fn texts(&self) -> [&str; 3] {
        [&self.description, &self.counterparty, &self.reference].map(|text| text.as_deref().unwrap_or_default())
    }

    /// A fingerprint of everything that a source says of a transaction: all fields but identity and line, which says
    /// where a revision was read, not what it says. What stands over its meaning is none of the source's.
    pub fn content(&self) -> i64 {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        part(&self.booked.to_string());
        part(&self.amount.normalize().to_string());
        part(self.currency.code());
        let (kind, category) = self.reported();
        part(kind.as_str());
        part(category.as_str());
        self.texts().into_iter().for_each(&mut part);
        let digest: [u8; 32] = hash.finalize().into();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        i64::from_be_bytes(first)
    }
}

/// A known transaction and what it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amended {
    pub was: Transaction,
    pub now: Transaction,
    /// Whether any text differs: texts are sealed, and figures need to know without opening them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub texts_changed: bool,
}

impl Amended {
    pub fn new(was: Transaction, now: Transaction) -> Self {
        let texts_changed = was.texts() != now.texts();
        Self { was, now, texts_changed }
    }

    /// Recategorised where nothing but kind or category differs, else corrected.
    pub fn cause(&self) -> Cause {
        let mut was = self.was.clone();
        was.kind = self.now.kind;
        was.category = self.now.category.clone();
        was.decided.clone_from(&self.now.decided);
        if was.content() == self.now.content() && !self.texts_changed { Cause::Recategorised } else { Cause::Corrected }
    }
}

/// Late where the account already knew a newer day when the batch began, else new.
pub fn cause_of_addition(day: NaiveDate, known_until: Option<NaiveDate>) -> Cause {
    match known_until {
        Some(known) if day < known => Cause::Late,
        _ => Cause::New,
    }
}

/// The day by which an account's progress is counted. A moment counts by its UTC day: the account does not know its
/// business's zone, and one day more or less only shifts where "late" begins.
pub fn progress_day(booked: Booked) -> NaiveDate {
    booked.day(TimeZone::UTC)
}
