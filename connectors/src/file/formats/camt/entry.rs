//! An entry and a balance while their elements come in.

use chrono::NaiveDate;
use domain::Currency;
use rust_decimal::Decimal;

use super::values;
use crate::file::error::ReadError;
use crate::file::formats::texts::{is_no_reference, joined, tidy};
use crate::file::formats::{Balance, Identity, Line, Part, Side, Warning, fault};

/// Texts of the parts of a batch that are kept.
const MOST_TEXT: usize = 4_000;

/// A `Ntry`.
#[derive(Debug, Default)]
pub struct Entry {
    pub line: u64,
    pub amount: Option<String>,
    pub currency: Option<Currency>,
    pub is_credit: Option<bool>,
    pub status: Option<String>,
    pub booked: Option<NaiveDate>,
    pub value: Option<NaiveDate>,
    pub bank_reference: Option<String>,
    pub info: Option<String>,
    pub code: Option<String>,
    /// The parts of a batch, and what they come to where all say so.
    pub parts: u64,
    pub part: Details,
    parts_sum: Option<Decimal>,
    parts_with_amount: u64,
    first: Details,
}

/// A `TxDtls`.
#[derive(Debug, Default, Clone)]
pub struct Details {
    pub amount: Option<String>,
    pub currency: Option<Currency>,
    pub is_credit: Option<bool>,
    pub end_to_end: Option<String>,
    pub bank_reference: Option<String>,
    pub debtor: Option<String>,
    pub creditor: Option<String>,
    pub text: String,
    pub creditor_reference: Option<String>,
    pub info: Option<String>,
}

impl Details {
    pub fn add_text(&mut self, text: &str) {
        if self.text.len() < MOST_TEXT {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(text);
        }
    }
}

impl Entry {
    pub fn at(line: u64) -> Self {
        Self { line, ..Self::default() }
    }

    pub fn end_part(&mut self) {
        let part = std::mem::take(&mut self.part);
        self.parts += 1;
        let credit = part.is_credit.or(self.is_credit);
        if let Some(amount) = part.amount.as_deref().and_then(|text| values::amount(text, credit).ok())
            && part.currency == self.currency
        {
            self.parts_with_amount += 1;
            self.parts_sum = self.parts_sum.unwrap_or_default().checked_add(amount);
        }
        if self.parts == 1 {
            self.first = part;
        }
    }

    /// What becomes of it: a line, or nothing where it is only announced.
    ///
    /// `made` is the day of the statement: the standard lets an entry have no date at all.
    pub fn finish(self, account: Option<Currency>, made: Option<NaiveDate>) -> Result<Vec<Part>, ReadError> {
        let line = self.line;
        let wrong = |reason: String| fault(line, reason);
        // Only booked ones move money: others are pending, future or for information.
        if self.status.as_deref().is_some_and(|status| !status.eq_ignore_ascii_case("BOOK")) {
            return Ok(vec![Part::Pending]);
        }
        let text = self.amount.as_deref().ok_or_else(|| fault(line, "the entry has no amount"))?;
        let amount = values::amount(text, self.is_credit).map_err(wrong)?;
        let dated = self.booked.or(self.value);
        let day = dated.or(made).ok_or_else(|| fault(line, "the entry has no date of booking"))?;
        let mut made = Vec::new();
        if dated.is_none() {
            let text = "the entry has no date; that of the statement is taken".to_owned();
            made.push(Part::Note(Warning { line: Some(line), text }));
        }
        if let Some(sum) = self.parts_sum.filter(|_| self.parts_with_amount == self.parts)
            && sum != amount
        {
            let text = format!("the parts of the entry come to {sum}, the entry to {amount}; the entry is taken");
            made.push(Part::Note(Warning { line: Some(line), text }));
        }
        made.push(Part::Line(Box::new(self.into_line(day, amount, account))));
        Ok(made)
    }

    fn into_line(self, day: NaiveDate, amount: Decimal, account: Option<Currency>) -> Line {
        let first = self.first;
        let known = |text: Option<String>| text.filter(|text| !is_no_reference(text));
        let reference = known(self.bank_reference).or_else(|| known(first.bank_reference));
        let end_to_end = known(first.end_to_end);
        let other = if amount < Decimal::ZERO { first.creditor } else { first.debtor };
        let text = tidy(&first.text).or(first.creditor_reference).or(first.info);
        let description = match self.parts {
            // What the parts of a batch have in common is what the bank says of the whole.
            2.. => {
                let parts = format!("({} payments)", self.parts);
                joined([self.info.as_deref().or(text.as_deref()), Some(&parts)])
            }
            _ => text.or(self.info),
        };
        Line {
            line: self.line,
            day,
            value_date: self.value,
            amount,
            currency: self.currency.or(account),
            identity: reference.clone().map_or(Identity::Facts, Identity::Shared),
            description,
            counterparty: other.filter(|_| self.parts <= 1),
            reference: reference.or(end_to_end),
            category: None,
            code: self.code,
            kind: None,
        }
    }
}

/// A `Bal`.
#[derive(Debug, Default)]
pub struct Held {
    pub line: u64,
    pub code: String,
    pub amount: Option<String>,
    pub currency: Option<Currency>,
    pub is_credit: Option<bool>,
    pub day: Option<NaiveDate>,
}

impl Held {
    /// Of booked money only; others are of what is available or expected.
    pub fn finish(self) -> Result<Option<Balance>, ReadError> {
        let side = match self.code.as_str() {
            "OPBD" | "PRCD" => Side::Opening,
            "CLBD" => Side::Closing,
            _ => return Ok(None),
        };
        let line = self.line;
        let text = self.amount.ok_or_else(|| fault(line, "the balance has no amount"))?;
        // A balance of zero is printed without a direction by some banks.
        let is_credit = self.is_credit.or(Some(true));
        let amount = values::amount(&text, is_credit).map_err(|reason| fault(line, reason))?;
        Ok(Some(Balance { line, side, amount, currency: self.currency, day: self.day }))
    }
}
