//! A transaction as an event carries it.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

impl Transaction {
    /// A fingerprint of everything that makes a revision: all fields but identity and line, which says where a
    /// revision was read, not what it says.
    pub fn content(&self) -> i64 {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        part(&self.booked.to_string());
        part(&self.amount.normalize().to_string());
        part(self.currency.code());
        part(self.kind.as_str());
        part(self.category.as_str());
        for text in [&self.description, &self.counterparty, &self.reference] {
            part(text.as_deref().unwrap_or_default());
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
}

impl Amended {
    /// Recategorised where nothing but kind or category differs, else corrected.
    pub fn cause(&self) -> Cause {
        let mut was = self.was.clone();
        was.kind = self.now.kind;
        was.category = self.now.category.clone();
        if was.content() == self.now.content() { Cause::Recategorised } else { Cause::Corrected }
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
