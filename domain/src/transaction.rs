//! A transaction as an event carries it.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::meaning::{self, By, Decided, Meaning, Part, Share, Split};
use crate::personal::{Personal, Text};
use crate::{Booked, Category, Cause, Currency, Kind, TimeZone, TransactionId};

/// One revision of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transaction {
    pub id: TransactionId,
    pub booked: Booked,
    /// From when on the bank counts it for interest, or the money can be used, where the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_date: Option<NaiveDate>,
    /// Told before it is booked: it may still change, or never come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// An exact decimal; plus means money in.
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub amount: Decimal,
    pub currency: Currency,
    pub kind: Kind,
    pub category: Category,
    /// What the source itself calls its category, letter by letter, where `category` is another word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_category: Option<String>,
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

    pub fn split(&self) -> Option<&Split> {
        self.decided.as_ref().and_then(|decided| match &decided.by {
            By::Split(split) => Some(split.as_ref()),
            _ => None,
        })
    }

    /// None where it is not split.
    pub fn parts(&self) -> &[Part] {
        self.split().map_or(&[], |split| &split.parts)
    }

    /// What it adds to figures.
    pub fn shares(&self) -> impl Iterator<Item = Share<'_>> {
        let whole = Share { amount: self.amount, kind: self.kind, category: &self.category, count: 1 };
        meaning::shares(self.parts(), whole)
    }

    /// The same in parts, in place of earlier ones, by the account's event of that number.
    #[must_use]
    pub fn divided(self, parts: Vec<Part>, event: u64) -> Self {
        let (kind, category) = self.reported();
        let reported = Meaning { kind, category: category.clone() };
        let under = match self.decided.map(|decided| decided.by) {
            Some(By::Split(split)) => split.under,
            by => by.map(Box::new),
        };
        Self { decided: Some(Decided { by: By::Split(Box::new(Split { parts, event, under })), reported }), ..self }
    }

    /// The same without parts: what they stood over stands again.
    #[must_use]
    pub fn undivided(self) -> Self {
        let Some(under) = self.split().map(|split| split.under.clone()) else { return self };
        let to = under.map(|by| (self.meaning(), *by));
        self.redecided(to)
    }

    /// A source's next word on a transaction, under what stood over its last one. Parts end where the amount is
    /// another: nobody but the user knows what of it changed.
    #[must_use]
    pub fn after(self, was: &Self) -> Self {
        let Some(standing) = &was.decided else { return self };
        let By::Split(split) = &standing.by else {
            return self.redecided(Some((was.meaning(), standing.by.clone())));
        };
        let beneath = self.redecided(split.under.as_deref().map(|by| (was.meaning(), by.clone())));
        if (beneath.amount, beneath.currency) == (was.amount, was.currency) {
            beneath.divided(split.parts.clone(), split.event)
        } else {
            beneath
        }
    }

    /// Empty texts say as much as absent ones, as in [`Self::content`].
    fn texts(&self) -> [&str; 3] {
        [&self.description, &self.counterparty, &self.reference].map(|text| text.as_deref().unwrap_or_default())
    }

    /// A fingerprint of everything that a source says of a transaction: all fields but identity and line, which says
    /// where a revision was read, not what it says. What stands over its meaning is none of the source's. What came
    /// to the fields later counts where it is said, so that fingerprints of before stand.
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
        if let Some(day) = self.value_date {
            part("value_date");
            part(&day.to_string());
        }
        if self.pending {
            part("pending");
        }
        if let Some(label) = &self.provider_category {
            part("provider_category");
            part(label);
        }
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
        was.provider_category.clone_from(&self.now.provider_category);
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
