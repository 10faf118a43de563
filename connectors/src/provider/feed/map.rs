//! A row in our terms.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use domain::{Booked, Category, Currency, Kind, TimeZone};
use rust_decimal::Decimal;

use super::config::Config;
use super::rows::Row;
use crate::provider::{ProviderError, Reported};

const ENTITY: &str = "row";

fn unreadable(field: &str) -> ProviderError {
    ProviderError::unintelligible(format!("a row's \"{field}\""))
}

pub fn row(config: &Config, from: &Row<'_>) -> Result<Reported, ProviderError> {
    let fields = &config.fields;
    let said = |field: &Option<String>| field.as_ref().and_then(|field| from.get(field));
    let required = |field: &str| from.get(field).ok_or_else(|| unreadable(field));
    let currency = match (said(&fields.currency), &fields.currency) {
        (Some(code), Some(field)) => code.to_ascii_uppercase().parse().map_err(|_| unreadable(field))?,
        _ => config.currency,
    };
    let amount = amount(config, &required(&fields.amount)?, currency).ok_or_else(|| unreadable(&fields.amount))?;
    let at = |text: &str, field: &str| booked(config, text).ok_or_else(|| unreadable(field));
    let value_date = match (said(&fields.value_date), &fields.value_date) {
        (Some(text), Some(field)) => Some(at(&text, field)?.day(TimeZone::UTC)),
        _ => None,
    };
    let named = said(&fields.kind).and_then(|kind| config.kinds.get(&kind).copied());
    let by_sign = if amount.is_sign_negative() { Kind::Expense } else { Kind::Revenue };
    let own = said(&fields.category);
    let category = own.as_deref().and_then(Category::from_label);
    let category = category.or_else(|| Category::from_label("uncategorised")).ok_or_else(|| unreadable("category"))?;
    Ok(Reported {
        entity: ENTITY,
        id: required(&fields.id)?,
        replaces: None,
        pending: false,
        booked: at(&required(&fields.date)?, &fields.date)?,
        value_date,
        amount,
        currency,
        kind: named.unwrap_or(by_sign),
        provider_category: own.and_then(|label| category.worded(&label)),
        category,
        description: said(&fields.description),
        counterparty: said(&fields.counterparty),
        converted: None,
    })
}

fn amount(config: &Config, text: &str, currency: Currency) -> Option<Decimal> {
    let text = if config.decimal == '.' { text.to_owned() } else { text.replace(config.decimal, ".") };
    let text = text.trim_start_matches('+');
    let exact = if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) };
    let mut amount = exact.ok()?;
    if config.minor_units {
        let places = currency.exponent();
        amount = if amount.scale() == 0 {
            Decimal::try_new(i64::try_from(amount.mantissa()).ok()?, places).ok()?
        } else {
            return None;
        };
    }
    Some(if config.negated { -amount } else { amount })
}

/// A moment where there is one, else a day.
pub fn booked(config: &Config, text: &str) -> Option<Booked> {
    match config.date_format.as_deref() {
        Some("unix") => DateTime::from_timestamp(text.parse().ok()?, 0).map(Booked::Instant),
        Some(format) => NaiveDate::parse_from_str(text, format)
            .or_else(|_| NaiveDateTime::parse_from_str(text, format).map(|at| at.date()))
            .ok()
            .map(Booked::Day),
        None => DateTime::parse_from_rfc3339(text)
            .map(|at| Booked::Instant(at.to_utc()))
            .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Booked::Day))
            .ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &str) -> Config {
        let text = format!(
            "title = \"Till\"\nurl = \"http://127.0.0.1:9\"\nformat = \"json\"\ncurrency = \"GBP\"\n{more}\n\
             [fields]\nid = \"/id\"\ndate = \"/date\"\namount = \"/amount\""
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn amounts_are_exact_in_every_dress() {
        let read = |more: &str, text: &str| {
            amount(&config(more), text, "GBP".parse().unwrap()).map(|amount| amount.to_string())
        };
        assert_eq!(read("", "0.10").as_deref(), Some("0.10"));
        assert_eq!(read("decimal = \",\"", "-12,50").as_deref(), Some("-12.50"));
        assert_eq!(read("minor_units = true", "1250").as_deref(), Some("12.50"));
        assert_eq!(read("minor_units = true", "12.5"), None);
        assert_eq!(read("negated = true", "12").as_deref(), Some("-12"));
        assert_eq!(read("", "twelve"), None);
    }

    #[test]
    fn a_value_date_is_read_where_it_is_told_and_one_that_is_no_date_is_named() {
        let mut config = config("");
        config.fields.value_date = Some("/valued".to_owned());
        let read = |valued: &str| {
            let told = [("/id", "1"), ("/date", "2026-03-01"), ("/amount", "9.50"), ("/valued", valued)];
            row(&config, &Row::Csv(told.map(|(name, text)| (name.to_owned(), text.to_owned())).into()))
        };
        assert_eq!(read("2026-03-03").unwrap().value_date, NaiveDate::from_ymd_opt(2026, 3, 3));
        assert_eq!(read("").unwrap().value_date, None);
        assert_eq!(read("soon").unwrap_err(), unreadable("/valued"));
    }

    #[test]
    fn days_and_moments_are_told_apart() {
        let read = |more: &str, text: &str| booked(&config(more), text).map(|booked| booked.to_string());
        assert_eq!(read("", "2026-03-01").as_deref(), Some("2026-03-01"));
        assert_eq!(read("", "2026-03-01T23:30:00-02:00").as_deref(), Some("2026-03-02T01:30:00Z"));
        assert_eq!(read("date_format = \"%d/%m/%Y\"", "01/03/2026").as_deref(), Some("2026-03-01"));
        assert_eq!(read("date_format = \"unix\"", "0").as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(read("", "01/03/2026"), None);
    }
}
