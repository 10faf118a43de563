//! Dates and amounts of ISO 20022.

use chrono::NaiveDate;
use domain::Currency;
use rust_decimal::Decimal;

use crate::file::formats::amount::{self, Single};
use crate::file::plan::shown;

/// The day of an ISODate or an ISODateTime, as printed: the bank's own day.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let date = text.get(..10).unwrap_or(text);
    let rest = text.get(10..).unwrap_or_default();
    let timed = rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-', ' ']);
    let day = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|_| timed);
    day.ok_or_else(|| format!("{} is not a date (YYYY-MM-DD)", shown(text)))
}

/// An amount without sign, whose direction stands beside it.
pub fn amount(text: &str, is_credit: Option<bool>) -> Result<Decimal, String> {
    let amount = amount::read(text, Single::Unclear)?;
    let is_credit = is_credit.ok_or("it has no direction (CdtDbtInd)")?;
    if amount < Decimal::ZERO {
        return Err(format!("the amount {} has a minus beside its direction", shown(text)));
    }
    Ok(if is_credit || amount.is_zero() { amount } else { -amount })
}

pub fn is_credit(text: &str) -> Result<bool, String> {
    match text {
        "CRDT" => Ok(true),
        "DBIT" => Ok(false),
        other => Err(format!("the direction {} is neither CRDT nor DBIT", shown(other))),
    }
}

pub fn currency(text: &str) -> Result<Currency, String> {
    text.parse().map_err(|error| format!("{error}"))
}
