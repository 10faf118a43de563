//! One row of a file as a transaction without identity.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::{Booked, Category, Currency, Kind, SourceId, Transaction, TransactionId};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::date::Printed;

/// What is read from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// What the account is called in the file or the mapping.
    pub account: Arc<str>,
    pub key: Key,
    /// Of id and facts, where the id may stand on several rows of the file: the same again is one transaction,
    /// another movement under the same id is another transaction.
    pub repeat: Option<Key>,
    pub booked: Booked,
    pub value_date: Option<NaiveDate>,
    pub amount: Decimal,
    pub currency: Currency,
    pub kind: Kind,
    pub category: Category,
    /// As the file words it, where that is another word.
    pub provider_category: Option<String>,
    pub description: Option<String>,
    pub counterparty: Option<String>,
    pub reference: Option<String>,
    /// Of the account behind the row, where the file prints it.
    pub balance: Option<Decimal>,
}

/// What makes a row itself within a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// Of account and provider id: a second row with it in the file is an error.
    Id([u8; 32]),
    /// Of account and facts: equal rows are told apart by their occurrence.
    Facts([u8; 32]),
}

/// The facts that make a row. Category and kind are not among them, so that another rule recategorises a transaction
/// instead of doubling it; the moment is taken as printed, so that another time zone of the business moves a
/// transaction instead of doubling it.
#[derive(Debug)]
pub struct Facts<'a> {
    pub account: &'a str,
    pub printed: Printed,
    pub amount: Decimal,
    pub currency: Currency,
    pub texts: [Option<&'a str>; 3],
}

impl Key {
    pub fn of_id(account: &str, id: &str) -> Self {
        Self::Id(Sha256::new().chain_update(length(account)).chain_update(account).chain_update(id).finalize().into())
    }

    /// `buffer` is scratch space.
    pub fn of_facts(facts: &Facts<'_>, buffer: &mut Vec<u8>) -> Self {
        buffer.clear();
        let mut part = |bytes: &[u8]| {
            buffer.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            buffer.extend_from_slice(bytes);
        };
        part(facts.account.as_bytes());
        let (tag, at) = match facts.printed {
            Printed::Day(day) => (b'd', day.and_time(chrono::NaiveTime::MIN).and_utc()),
            Printed::Local(local) => (b'l', local.and_utc()),
            Printed::Moment(moment) => (b'm', moment),
        };
        part(&[tag]);
        part(&at.timestamp_micros().to_be_bytes());
        part(&facts.amount.normalize().serialize());
        part(facts.currency.code().as_bytes());
        for text in facts.texts {
            part(text.unwrap_or_default().as_bytes());
        }
        Self::Facts(Sha256::digest(&buffer).into())
    }

    /// Enough of it to count occurrences by.
    pub fn short(&self) -> u128 {
        let (Self::Id(digest) | Self::Facts(digest)) = self;
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        u128::from_be_bytes(first)
    }

    /// The identity of its n-th occurrence in a file, n from 1.
    pub fn transaction(&self, source: SourceId, occurrence: u32) -> TransactionId {
        let source = source.as_uuid();
        match self {
            Self::Id(digest) => TransactionId::derive([source.as_bytes().as_slice(), b"id", digest]),
            Self::Facts(digest) => {
                let parts: [&[u8]; 4] = [source.as_bytes(), b"row", digest, &occurrence.to_be_bytes()];
                TransactionId::derive(parts)
            }
        }
    }
}

fn length(text: &str) -> [u8; 8] {
    (text.len() as u64).to_be_bytes()
}

impl Row {
    pub fn into_transaction(self, source: SourceId, occurrence: u32) -> Transaction {
        Transaction {
            id: self.key.transaction(source, occurrence),
            booked: self.booked,
            value_date: self.value_date,
            // What a file announces and has not booked is left out.
            pending: false,
            amount: self.amount,
            currency: self.currency,
            kind: self.kind,
            category: self.category,
            provider_category: self.provider_category,
            decided: None,
            description: self.description,
            counterparty: self.counterparty,
            reference: self.reference,
            line: u32::try_from(self.line).ok(),
        }
    }
}
