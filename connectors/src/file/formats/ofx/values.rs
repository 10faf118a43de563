//! Dates and codes of OFX.

use chrono::NaiveDate;

use crate::file::plan::shown;

/// `YYYYMMDD`, with a time and a zone behind it that are not used: the day is the bank's own, and most print noon or
/// midnight whatever the hour was. `2009-04-01` is taken as well.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let digits: String = text.chars().take(10).filter(|c| *c != '-').take(8).collect();
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok());
    let all = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let day = match (number(0..4), number(4..6), number(6..8)) {
        (Some(year), Some(month), Some(day)) if all && (1900..=2200).contains(&year) => {
            NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or_default(), month, day)
        }
        _ => None,
    };
    day.ok_or_else(|| format!("{} is not a date of OFX (YYYYMMDD)", shown(text)))
}

/// What the kinds of a movement that say enough are called as categories.
pub fn category(code: &str) -> Option<&'static str> {
    Some(match code {
        "INT" => "interest",
        "DIV" => "dividend",
        "FEE" | "SRVCHG" => "bank_fee",
        "ATM" | "CASH" => "cash_withdrawal",
        "XFER" => "transfer",
        _ => return None,
    })
}
