//! A calendar month.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months as Count, NaiveDate};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Written `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(NaiveDate);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no month; write 2026-03")]
pub struct InvalidMonth(String);

impl Month {
    pub fn of(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    pub const fn first_day(self) -> NaiveDate {
        self.0
    }

    pub fn last_day(self) -> NaiveDate {
        let next = self.0.checked_add_months(Count::new(1));
        next.and_then(|next| next.checked_sub_days(Days::new(1))).unwrap_or(NaiveDate::MAX)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let invalid = || InvalidMonth(text.to_owned());
        // chrono also reads 2026-3, and years with a sign.
        let is_plain = text.len() == 7 && text.bytes().enumerate().all(|(at, byte)| at == 4 || byte.is_ascii_digit());
        let month = format!("{text}-01").parse().ok().filter(|_| is_plain);
        month.map(Self).ok_or_else(invalid)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Month {
    fn schema_name() -> Cow<'static, str> {
        "Month".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A calendar month", "type": "string", "pattern": r"^\d{4}-\d{2}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_as_it_was_written() {
        for text in ["2024-02", "2025-12"] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), text);
        }
        for wrong in ["2024", "2024-2", "2024-13", "2024-02-01", "+024-02", "-024-02", "20240-2", ""] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong:?}");
        }
        let last = |text: &str| text.parse::<Month>().unwrap().last_day().to_string();
        assert_eq!((last("2024-02"), last("2025-12")), ("2024-02-29".to_owned(), "2025-12-31".to_owned()));
    }
}
