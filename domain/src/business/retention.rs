//! How long the history of a business is kept where people read it. What is older is archived, and then leaves it.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whole months. The log itself, and what is proven of it, stays whatever this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Retention(u16);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a history is kept for {} to {} months: under three months nobody could still ask about a quarter",
    Retention::LEAST.0,
    Retention::MOST.0
)]
pub struct InvalidRetention;

impl Default for Retention {
    fn default() -> Self {
        Self(24)
    }
}

impl Retention {
    pub const LEAST: Self = Self(3);
    pub const MOST: Self = Self(240);

    pub fn try_new(months: u16) -> Result<Self, InvalidRetention> {
        let this = Self(months);
        if (Self::LEAST..=Self::MOST).contains(&this) { Ok(this) } else { Err(InvalidRetention) }
    }

    pub const fn months(self) -> u16 {
        self.0
    }

    /// What was known before this moment is past it: the beginning of a month, in UTC, so that a business has one run of
    /// archives a month and never a file for every hour.
    pub fn ends_before(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let then = now.checked_sub_months(Months::new(u32::from(self.0))).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let first = NaiveDate::from_ymd_opt(then.year(), then.month(), 1).unwrap_or(NaiveDate::MIN);
        first.and_time(chrono::NaiveTime::MIN).and_utc()
    }
}

/// A part of a history that stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub file: String,
    pub first_position: i64,
    pub last_position: i64,
    /// Numbers among the events of the business.
    pub first_sequence: i64,
    pub last_sequence: i64,
    /// All of it was known before.
    pub before: DateTime<Utc>,
    /// Of the file, in hexadecimal digits.
    pub sha256: String,
    pub bytes: i64,
}
