//! Statement formats with one folder each: `mod` says what a file of it is, `reader` turns its text into [`Part`]s as a
//! stream, `values` reads its dates, amounts and texts, `tests` holds its dialects.
//!
//! A reader knows nothing of accounts and identities of the business: [`reading`] makes rows of its lines. What cannot
//! be read refuses the whole file with its line. CSV, which has rows instead of statements, is read by a mapping.

pub mod camt;
pub mod mt940;
pub mod ofx;
pub mod qif;

mod amount;
mod overview;
mod reading;
mod recognise;
mod settle;
mod source;
#[cfg(test)]
mod testing;
mod texts;

use std::fmt;

use chrono::NaiveDate;
use domain::{Currency, Kind};
use rust_decimal::Decimal;

use super::error::ReadError;

pub use overview::{AccountOverview, Overview, Warning};
pub use reading::Reading;
pub use recognise::recognise;
pub use settle::{Settled, settle};
pub use source::Source;

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// Of either version, SGML or XML.
    Ofx,
    Qif,
    Camt(Message),
    Mt940,
    Mt942,
}

/// ISO 20022's messages to an account's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Within the day.
    Report052,
    Statement053,
    /// Of single entries.
    Notification054,
}

impl Format {
    /// As the report calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ofx => "ofx",
            Self::Qif => "qif",
            Self::Camt(Message::Report052) => "camt.052",
            Self::Camt(Message::Statement053) => "camt.053",
            Self::Camt(Message::Notification054) => "camt.054",
            Self::Mt940 => "mt940",
            Self::Mt942 => "mt942",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A file from its beginning to its end.
pub trait Statements {
    /// The next part; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<Part>, ReadError>;
}

/// What follows what: a statement begins, its lines and balances come in any order, it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Begin(Begin),
    /// Boxed: a line is much larger than the others.
    Line(Box<Line>),
    /// Announced but not booked: not money yet.
    Pending,
    /// No movement of money, such as a trade of securities.
    PassedOver,
    Balance(Balance),
    Period(Period),
    /// Something a person should know.
    Note(Warning),
    End,
}

/// A statement of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begin {
    pub line: u64,
    /// The account's number as printed.
    pub account: Option<String>,
    pub currency: Option<Currency>,
}

/// A booked movement as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line of the file, counted from 1.
    pub line: u64,
    pub day: NaiveDate,
    pub value_date: Option<NaiveDate>,
    /// Plus is money in.
    pub amount: Decimal,
    /// `None`: the statement's.
    pub currency: Option<Currency>,
    pub identity: Identity,
    pub description: Option<String>,
    pub counterparty: Option<String>,
    pub reference: Option<String>,
    /// A label of the bank or the person for what it is.
    pub category: Option<String>,
    /// The format's code for the kind of movement, e.g. `XFER` or `NTRF`.
    pub code: Option<String>,
    pub kind: Option<Kind>,
}

/// What the format says about who a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Unique within its account, and the same in every export.
    Id(String),
    /// The same in every export, but several lines may share it: it counts with day and amount.
    Shared(String),
    /// Nothing: a line is known by its facts.
    Facts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Opening,
    Closing,
}

/// The days that a statement says it is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// A balance of the booked lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub line: u64,
    pub side: Side,
    pub amount: Decimal,
    pub currency: Option<Currency>,
    /// Of which it is, as printed: an opening balance is of the day before by some banks.
    pub day: Option<NaiveDate>,
}

/// The whole file is refused, with the line.
pub(crate) fn fault(line: u64, reason: impl Into<String>) -> ReadError {
    ReadError::Fault { line, reason: reason.into() }
}
