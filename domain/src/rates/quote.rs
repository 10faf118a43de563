use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InvalidRate;
use crate::Currency;

/// Whose word a rate is. A later one in this list stands over an earlier one of the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// What a payment provider or the books converted with.
    Provider,
    /// The euro reference rates of the European Central Bank.
    Ecb,
    /// A person.
    Manual,
}

impl RateSource {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Ecb => "ecb",
            Self::Manual => "manual",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no source of exchange rates")]
pub struct UnknownRateSource(String);

impl FromStr for RateSource {
    type Err = UnknownRateSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Provider, Self::Ecb, Self::Manual];
        all.into_iter().find(|source| source.as_str() == text).ok_or_else(|| UnknownRateSource(text.to_owned()))
    }
}

impl fmt::Display for RateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One unit of `base` was worth `rate` units of `quote` on `day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted {
    pub day: NaiveDate,
    pub base: Currency,
    pub quote: Currency,
    pub rate: Decimal,
}

/// Between the least and the most that any currency was ever worth in another, with room.
const LEAST: Decimal = Decimal::from_parts(1, 0, 0, false, 9);
const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// Published rates have at most six decimals.
pub(super) const MOST_PLACES: u32 = 12;
/// Nothing that figures are asked of is older.
const FIRST_YEAR: i32 = 1900;

impl Quoted {
    /// Whether it can be meant, without what else is known. `now`: no day that has begun nowhere on earth has a rate.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), InvalidRate> {
        let latest = (now + TimeDelta::hours(14)).date_naive();
        if self.base == self.quote {
            Err(InvalidRate::SameCurrency(self.base))
        } else if self.day > latest {
            Err(InvalidRate::Future(self.day))
        } else if self.day.year() < FIRST_YEAR {
            Err(InvalidRate::TooEarly(self.day))
        } else if self.rate <= Decimal::ZERO {
            Err(InvalidRate::NotPositive(self.rate))
        } else if !(LEAST..=MOST).contains(&self.rate) {
            Err(InvalidRate::OutOfRange(self.rate))
        } else if self.rate.normalize().scale() > MOST_PLACES {
            Err(InvalidRate::TooPrecise(self.rate))
        } else {
            Ok(())
        }
    }
}
