//! Cells: the buckets that figures are kept in.

use chrono::{Datelike, Days, NaiveDate};
use domain::{AccountId, BusinessId, Cause, Currency, Kind};

/// The length of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    Day,
    /// From Monday (ISO 8601).
    Week,
    Month,
    Quarter,
    Year,
}

impl Grain {
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The first day of the bucket that a day falls into.
    pub fn bucket_of(self, day: NaiveDate) -> NaiveDate {
        let first = |month| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        match self {
            Self::Day => day,
            Self::Week => {
                let since_monday = Days::new(u64::from(day.weekday().num_days_from_monday()));
                day.checked_sub_days(since_monday).unwrap_or(day)
            }
            Self::Month => first(day.month()),
            Self::Quarter => first(day.month0() / 3 * 3 + 1),
            Self::Year => first(1),
        }
    }
}

/// What a cell's sums are restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dim<'a> {
    All,
    Category(&'a str),
    Account(AccountId),
    /// Transactions that came, went or changed for this reason: the only cells whose count may fall below zero.
    Cause(Cause),
}

impl Dim<'_> {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Category(_) => "category",
            Self::Account(_) => "account",
            Self::Cause(_) => "cause",
        }
    }

    /// The column `key`.
    pub fn key(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Category(category) => (*category).to_owned(),
            Self::Account(account) => account.to_string(),
            Self::Cause(cause) => cause.as_str().to_owned(),
        }
    }
}

/// A cell's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell<'a> {
    pub business: BusinessId,
    pub grain: Grain,
    pub bucket: NaiveDate,
    pub dim: Dim<'a>,
    pub kind: Kind,
    pub currency: Currency,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_begin_where_calendars_say() {
        let buckets = |day: &str| {
            let day = day.parse().unwrap();
            Grain::ALL.map(|grain| grain.bucket_of(day).to_string())
        };
        assert_eq!(buckets("2026-01-01"), ["2026-01-01", "2025-12-29", "2026-01-01", "2026-01-01", "2026-01-01"]);
        assert_eq!(buckets("2024-02-29"), ["2024-02-29", "2024-02-26", "2024-02-01", "2024-01-01", "2024-01-01"]);
        assert_eq!(buckets("2026-12-31"), ["2026-12-31", "2026-12-28", "2026-12-01", "2026-10-01", "2026-01-01"]);
    }
}
