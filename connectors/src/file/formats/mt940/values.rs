//! The two fields with money in them: `:61:` and the balances.

use chrono::{Datelike, NaiveDate};
use domain::Currency;
use rust_decimal::Decimal;

use crate::file::formats::amount::{self, Single};
use crate::file::formats::texts::{is_no_reference, tidy};
use crate::file::plan::shown;

/// A `:61:` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub day: NaiveDate,
    /// Set where the value date is no day of the calendar.
    pub bent: Option<String>,
    pub amount: Decimal,
    /// Announced by an MT942, not booked.
    pub is_expected: bool,
    pub code: Option<String>,
    pub reference: Option<String>,
    pub supplement: Option<String>,
}

/// `6!n[4!n]2a[1!a]15d1!a3!c16x[//16x]`, and a further line for the account's owner.
pub fn entry(text: &str) -> Result<Entry, String> {
    let (first, supplement) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim();
    let (date, rest) = first.split_at_checked(6).ok_or("the line of a movement is too short")?;
    let booked = rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let rest = rest[booked.map_or(0, str::len)..].trim_start();
    let (sign, is_expected, rest) = mark(rest)?;
    // Behind the mark may stand the third letter of the currency.
    let rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest).trim_start();
    let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.')).count();
    let value = amount::read(&rest[..length], Single::Decimal)?;
    let rest = &rest[length..];
    let code = rest.get(..4).map(str::trim).filter(|code| !code.is_empty());
    let references = rest.get(4..).unwrap_or_default();
    let (own, banks) = references.split_once("//").unwrap_or((references, ""));
    let known = |text: &str| tidy(text).filter(|text| !is_no_reference(text));
    let (day, bent) = value_day(date, booked)?;
    Ok(Entry {
        day,
        bent,
        amount: if sign < 0 && !value.is_zero() { -value } else { value },
        is_expected,
        code: code.map(str::to_owned),
        reference: known(own).or_else(|| known(banks)),
        supplement: tidy(supplement),
    })
}

/// Debit or credit, a reversal of either, or an expected one: the sign, whether it is only expected, and the rest. A
/// reversed credit is money out.
fn mark(text: &str) -> Result<(i8, bool, &str), String> {
    const MARKS: [(&str, i8, bool); 6] =
        [("RC", -1, false), ("RD", 1, false), ("EC", 1, true), ("ED", -1, true), ("C", 1, false), ("D", -1, false)];
    let found =
        MARKS.iter().find(|(mark, ..)| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)));
    match found {
        Some((mark, sign, expected)) => Ok((*sign, *expected, &text[mark.len()..])),
        None => Err(format!("{} has neither C nor D behind its date", shown(text))),
    }
}

/// `YYMMDD`; 80 to 99 are of the last century. Banks that count 30 days to every month print days that no calendar
/// has: then the day of booking is taken, or the last one of the month.
fn value_day(text: &str, booked: Option<&str>) -> Result<(NaiveDate, Option<String>), String> {
    let (year, month, day) = digits(text)?;
    if let Some(day) = NaiveDate::from_ymd_opt(year, month, day) {
        return Ok((day, None));
    }
    let last = month_end(year, month).filter(|_| (29..=31).contains(&day));
    let Some(last) = last else { return Err(format!("{} is not a date (YYMMDD)", shown(text))) };
    let booked = booked.and_then(|booked| near(last, booked)).unwrap_or(last);
    Ok((booked, Some(format!("{} is no day of the calendar; {booked} is taken", shown(text)))))
}

/// The `MMDD` that is nearest to a day.
fn near(day: NaiveDate, text: &str) -> Option<NaiveDate> {
    let (month, of_month) = (text.get(..2)?.parse().ok()?, text.get(2..4)?.parse().ok()?);
    let years = [day.year() - 1, day.year(), day.year() + 1];
    let days = years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, month, of_month));
    days.min_by_key(|other| (*other - day).num_days().abs())
}

fn digits(text: &str) -> Result<(i32, u32, u32), String> {
    let wrong = || format!("{} is not a date (YYMMDD)", shown(text));
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let part = |at: usize| text[at..at + 2].parse::<u32>().map_err(|_| wrong());
    let year = i32::try_from(part(0)?).unwrap_or_default();
    Ok((if year >= 80 { 1900 + year } else { 2000 + year }, part(2)?, part(4)?))
}

fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    NaiveDate::from_ymd_opt(year, month, 1)?;
    NaiveDate::from_ymd_opt(next.0, next.1, 1)?.pred_opt()
}

/// A balance: `C110522EUR3236,28`.
pub fn balance(text: &str) -> Result<(Decimal, Currency, Option<NaiveDate>), String> {
    let text: String = text.split_whitespace().collect();
    let wrong = || format!("{} is not a balance such as C240131EUR1234,56", shown(&text));
    let negative = match text.bytes().next() {
        Some(b'C' | b'c') => false,
        Some(b'D' | b'd') => true,
        _ => return Err(wrong()),
    };
    let code = text.get(7..10).ok_or_else(wrong)?;
    let (year, month, day) = digits(text.get(1..7).ok_or_else(wrong)?).map_err(|_| wrong())?;
    let currency = code.parse::<Currency>().map_err(|error| error.to_string())?;
    let amount = amount::read(text.get(10..).unwrap_or_default(), Single::Decimal)?;
    let amount = if negative && !amount.is_zero() { -amount } else { amount };
    Ok((amount, currency, NaiveDate::from_ymd_opt(year, month, day)))
}

/// The currency of a floor limit: `EURD0,00`.
pub fn floor_currency(text: &str) -> Option<Currency> {
    text.trim().get(..3)?.parse().ok()
}
