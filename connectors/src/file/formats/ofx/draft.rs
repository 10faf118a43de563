//! A transaction while its values come in.

use domain::Currency;
use rust_decimal::Decimal;

use super::values;
use crate::file::error::ReadError;
use crate::file::formats::amount::{self, Single};
use crate::file::formats::texts::{is_no_reference, joined, tidy};
use crate::file::formats::{Identity, Line, fault};

#[derive(Debug, Default)]
pub struct Draft {
    pub line: u64,
    code: Option<String>,
    day: Option<chrono::NaiveDate>,
    available: Option<chrono::NaiveDate>,
    amount: Option<Decimal>,
    id: Option<String>,
    name: Option<String>,
    memo: Option<String>,
    check: Option<String>,
    currency: Option<Currency>,
}

impl Draft {
    pub fn at(line: u64) -> Self {
        Self { line, ..Self::default() }
    }

    /// A value that stands directly in the transaction, or a payee's name.
    pub fn set(&mut self, name: &str, value: &str, line: u64) -> Result<(), ReadError> {
        match name {
            "TRNTYPE" => self.code = Some(value.to_ascii_uppercase()),
            "DTPOSTED" => self.day = Some(values::day(value).map_err(|reason| fault(line, reason))?),
            // Of a value date that cannot be read there is none: no figure counts by it.
            "DTAVAIL" => self.available = values::day(value).ok(),
            "TRNAMT" => {
                self.amount = Some(amount::read(value, Single::Unclear).map_err(|reason| fault(line, reason))?);
            }
            "FITID" => self.id = tidy(value),
            "NAME" => self.name = self.name.take().or_else(|| tidy(value)),
            "MEMO" => self.memo = joined([self.memo.as_deref(), Some(value)]),
            "CHECKNUM" => self.check = tidy(value).filter(|check| !is_no_reference(check)),
            _ => {}
        }
        Ok(())
    }

    /// `CURRENCY` says in which the amount is; `ORIGCURRENCY` only from which it was converted.
    pub fn set_currency(&mut self, value: &str, line: u64) -> Result<(), ReadError> {
        self.currency = Some(value.parse().map_err(|error| fault(line, format!("{error}")))?);
        Ok(())
    }

    /// Whether the kind of movement says another direction than the amount's sign.
    pub fn contradicts_itself(&self) -> bool {
        let sign = self.amount.map(|amount| amount.cmp(&Decimal::ZERO));
        match self.code.as_deref() {
            Some("CREDIT" | "DEP" | "DIRECTDEP") => sign == Some(std::cmp::Ordering::Less),
            Some("DEBIT" | "PAYMENT" | "CHECK" | "DIRECTDEBIT") => sign == Some(std::cmp::Ordering::Greater),
            _ => false,
        }
    }

    pub fn finish(self) -> Result<Line, ReadError> {
        let day = self.day.ok_or_else(|| fault(self.line, "the transaction has no DTPOSTED"))?;
        let amount = self.amount.ok_or_else(|| fault(self.line, "the transaction has no TRNAMT"))?;
        let identity = match self.id {
            Some(id) if !is_no_reference(&id) => Identity::Id(id),
            _ => Identity::Facts,
        };
        let check = self.check.map(|check| format!("check {check}"));
        let text = self.memo.clone().or_else(|| self.name.clone());
        let description = match (&text, &check) {
            (Some(text), Some(check)) if text.contains(check.trim_start_matches("check ").trim_start_matches('0')) => {
                Some(text.clone())
            }
            _ => joined([text.as_deref(), check.as_deref()]),
        };
        Ok(Line {
            line: self.line,
            day,
            value_date: self.available,
            amount,
            currency: self.currency,
            identity,
            description,
            counterparty: self.name,
            reference: None,
            category: self.code.as_deref().and_then(values::category).map(str::to_owned),
            code: self.code,
            kind: None,
        })
    }
}
