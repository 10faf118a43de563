//! How far a demo account has been delivered, as its events keep it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// `demo 2024-11-01 2026-11-24T00:00:00Z`: the history's first day, and the moment before which all is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub start: NaiveDate,
    pub through: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a cursor of the demo source")]
pub struct InvalidCursor(String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "demo {} {}", self.start, self.through.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidCursor(text.to_owned());
        let rest = text.strip_prefix("demo ").ok_or_else(invalid)?;
        let (start, through) = rest.split_once(' ').ok_or_else(invalid)?;
        let start = start.parse().map_err(|_| invalid())?;
        let through = DateTime::parse_from_rfc3339(through).map_err(|_| invalid())?.to_utc();
        Ok(Self { start, through })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let text = "demo 2024-11-01 2026-11-24T08:31:00.250Z";
        assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        assert!("row:500".parse::<Cursor>().is_err());
    }
}
