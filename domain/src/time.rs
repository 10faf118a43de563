//! Days as a business counts them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An IANA time zone, e.g. `Europe/London`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "&'static str")]
pub struct TimeZone(chrono_tz::Tz);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an IANA time zone; write one such as Europe/London")]
pub struct UnknownTimeZone(pub String);

impl TimeZone {
    pub const UTC: Self = Self(chrono_tz::UTC);

    pub const fn tz(self) -> chrono_tz::Tz {
        self.0
    }

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The calendar day that a moment falls on here.
    pub fn day_of(self, moment: DateTime<Utc>) -> NaiveDate {
        moment.with_timezone(&self.0).date_naive()
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self::UTC
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| UnknownTimeZone(text.to_owned()))
    }
}

impl TryFrom<Cow<'_, str>> for TimeZone {
    type Error = UnknownTimeZone;

    fn try_from(text: Cow<'_, str>) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TimeZone> for &'static str {
    fn from(zone: TimeZone) -> Self {
        zone.name()
    }
}

impl JsonSchema for TimeZone {
    fn schema_name() -> Cow<'static, str> {
        "TimeZone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "IANA time zone name"})
    }
}

/// The first month of a fiscal year, 1 (January) to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
pub struct FiscalMonth(#[schemars(range(min = 1, max = 12))] u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a month; the first month of the fiscal year is 1 (January) to 12 (December)")]
pub struct InvalidFiscalMonth(pub u8);

impl FiscalMonth {
    pub const JANUARY: Self = Self(1);

    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for FiscalMonth {
    fn default() -> Self {
        Self::JANUARY
    }
}

impl TryFrom<u8> for FiscalMonth {
    type Error = InvalidFiscalMonth;

    fn try_from(month: u8) -> Result<Self, Self::Error> {
        if (1..=12).contains(&month) { Ok(Self(month)) } else { Err(InvalidFiscalMonth(month)) }
    }
}

impl From<FiscalMonth> for u8 {
    fn from(month: FiscalMonth) -> Self {
        month.0
    }
}

/// When a source booked a transaction: a calendar day as printed on a statement, or a moment.
///
/// JSON is a date (`2011-12-09`) or an RFC 3339 moment in UTC (`2011-12-09T12:50:00Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    Day(NaiveDate),
    Instant(DateTime<Utc>),
}

impl Booked {
    /// The business's own calendar day. A statement's day is already one.
    pub fn day(self, zone: TimeZone) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Instant(moment) => zone.day_of(moment),
        }
    }
}

impl fmt::Display for Booked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Instant(moment) => f.write_str(&moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}

impl FromStr for Booked {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == "2011-12-09".len() {
            return text.parse().map(Self::Day);
        }
        DateTime::parse_from_rfc3339(text).map(|moment| Self::Instant(moment.to_utc()))
    }
}

impl Serialize for Booked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Booked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Booked {
    fn schema_name() -> Cow<'static, str> {
        "Booked".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The booked day as printed, or the moment in UTC",
            "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_falls_on_the_business_own_day() {
        let booked: Booked = "2026-03-31T23:30:00Z".parse().unwrap();
        let day = |zone: &str| booked.day(zone.parse().unwrap()).to_string();
        assert_eq!(day("Europe/Berlin"), "2026-04-01");
        assert_eq!(day("America/New_York"), "2026-03-31");
    }

    #[test]
    fn booked_keeps_its_text_through_json() {
        for text in ["\"2011-12-09\"", "\"2011-12-09T12:50:00Z\"", "\"2011-12-09T12:50:00.125Z\""] {
            let booked: Booked = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&booked).unwrap(), text);
        }
        assert!(serde_json::from_str::<Booked>("\"2011-02-30\"").is_err());
    }
}
