//! Dates of QIF, and how a file prints what it holds.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::file::date::DateFormat;
use crate::file::mapping::{DecimalMark, Thousands};
use crate::file::number::Numbers;
use crate::file::plan::shown;

/// What the survey found.
#[derive(Debug, Clone)]
pub struct Print {
    pub dates: Option<DateFormat>,
    pub numbers: Numbers,
    /// Accounts of the file: a category that is one of them is a transfer.
    pub accounts: BTreeSet<String>,
}

impl Default for Print {
    fn default() -> Self {
        let numbers = Numbers { decimal: DecimalMark::Point, thousands: Thousands::Comma };
        Self { dates: None, numbers, accounts: BTreeSet::new() }
    }
}

impl Print {
    pub fn day(&self, text: &str) -> Result<NaiveDate, String> {
        let read = self.dates.as_ref().and_then(|format| format.read(&usual_date(text)));
        read.map(|printed| printed.day())
            .ok_or_else(|| format!("{} is not a date as the file prints them", shown(text)))
    }

    pub fn amount(&self, text: &str) -> Result<Decimal, String> {
        let number = self.numbers.read(text).map_err(|error| format!("the amount {} {error}", shown(text)))?;
        Ok(crate::file::plan::unsigned_zero(number.value))
    }
}

/// `2/14'2020`, ` 6/ 1/94` and `1/2' 4` as `2/14/2020`, `6/1/1994` and `1/2/2004`: an apostrophe is before the years
/// from 2000 on; other two-digit years are 1970 to 2069.
pub fn usual_date(text: &str) -> String {
    let apostrophe = text.contains(['\'', '\u{2019}']);
    let mut parts = text.split(['/', '-', '.', '\'', '\u{2019}']).map(str::trim);
    let mark = text.chars().find(|c| matches!(c, '/' | '-' | '.')).unwrap_or('/');
    let (Some(first), Some(second), Some(year), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return text.trim().to_owned();
    };
    let mut usual = format!("{first}{mark}{second}{mark}");
    let written = match year.parse::<u32>() {
        Ok(short) if year.len() <= 2 && first.len() <= 2 => {
            let century = if apostrophe && short < 80 || !apostrophe && short < 70 { 2000 } else { 1900 };
            write!(usual, "{}", century + short)
        }
        _ => write!(usual, "{year}"),
    };
    debug_assert!(written.is_ok(), "a String takes all");
    usual
}
