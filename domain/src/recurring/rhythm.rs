//! When a payment comes.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Weekly,
    Fortnightly,
    Monthly,
    Quarterly,
    Yearly,
}

impl Period {
    pub const ALL: [Self; 5] = [Self::Weekly, Self::Fortnightly, Self::Monthly, Self::Quarterly, Self::Yearly];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Fortnightly => "fortnightly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
        }
    }

    /// Weeks, where it is counted in weeks.
    pub(super) const fn weeks(self) -> Option<i64> {
        match self {
            Self::Weekly => Some(1),
            Self::Fortnightly => Some(2),
            _ => None,
        }
    }

    pub(super) const fn months(self) -> i32 {
        match self {
            Self::Weekly | Self::Fortnightly => 0,
            Self::Monthly => 1,
            Self::Quarterly => 3,
            Self::Yearly => 12,
        }
    }

    /// Days by which one may come early or late and still be this one: weekends, holidays, slow banks.
    pub const fn tolerance(self) -> i64 {
        match self {
            Self::Weekly => 2,
            Self::Fortnightly => 3,
            Self::Monthly => 5,
            Self::Quarterly => 8,
            Self::Yearly => 12,
        }
    }

    /// Working days in it: what a payment may fall on by chance.
    pub(super) const fn working_days(self) -> u32 {
        match self {
            Self::Weekly => 5,
            Self::Fortnightly => 10,
            Self::Monthly => 21,
            Self::Quarterly => 63,
            Self::Yearly => 250,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no period")]
pub struct UnknownPeriod(pub String);

impl FromStr for Period {
    type Err = UnknownPeriod;

    fn from_str(text: &str) -> Result<Self, UnknownPeriod> {
        Self::ALL.into_iter().find(|period| period.as_str() == text).ok_or_else(|| UnknownPeriod(text.to_owned()))
    }
}

/// On which day within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// Of the week, 0 is Monday.
    Weekday(u8),
    /// 1 to 31; in a shorter month its last day.
    Day(u8),
    /// Monday to Friday; holidays are within the tolerance.
    LastWorkingDay,
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weekday(day) => write!(f, "weekday:{day}"),
            Self::Day(day) => write!(f, "day:{day}"),
            Self::LastWorkingDay => f.write_str("last_working_day"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no day of a period")]
pub struct UnknownAnchor(pub String);

impl FromStr for Anchor {
    type Err = UnknownAnchor;

    fn from_str(text: &str) -> Result<Self, UnknownAnchor> {
        let unknown = || UnknownAnchor(text.to_owned());
        if text == "last_working_day" {
            return Ok(Self::LastWorkingDay);
        }
        let (what, day) = text.split_once(':').ok_or_else(unknown)?;
        let day: u8 = day.parse().map_err(|_| unknown())?;
        match (what, day) {
            ("weekday", 0..7) => Ok(Self::Weekday(day)),
            ("day", 1..=31) => Ok(Self::Day(day)),
            _ => Err(unknown()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rhythm {
    pub period: Period,
    pub anchor: Anchor,
    /// Which of the weeks or months: 0 below the period's length.
    pub phase: u8,
}

/// Expected, and not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// The day of the first one that did not come.
    pub since: NaiveDate,
    pub count: u32,
}

/// A Monday.
const EPOCH: NaiveDate = match NaiveDate::from_ymd_opt(1970, 1, 5) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

impl Rhythm {
    /// The day of the slot of this number.
    pub fn day(self, slot: i64) -> Option<NaiveDate> {
        if let (Some(weeks), Anchor::Weekday(weekday)) = (self.period.weeks(), self.anchor) {
            let days = 7 * (slot * weeks + i64::from(self.phase)) + i64::from(weekday);
            return EPOCH.checked_add_signed(chrono::TimeDelta::try_days(days)?);
        }
        let month = slot * i64::from(self.period.months()) + i64::from(self.phase);
        let first = NaiveDate::from_ymd_opt(
            i32::try_from(month.div_euclid(12)).ok()?,
            u32::try_from(month.rem_euclid(12) + 1).ok()?,
            1,
        )?;
        let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
        match self.anchor {
            Anchor::Day(day) => last.with_day(u32::from(day).min(last.day())),
            Anchor::LastWorkingDay => match last.weekday() {
                Weekday::Sat => last.checked_sub_days(Days::new(1)),
                Weekday::Sun => last.checked_sub_days(Days::new(2)),
                _ => Some(last),
            },
            Anchor::Weekday(_) => None,
        }
    }

    /// The slot that a day is nearest to, and by how many days it misses it.
    pub fn slot(self, day: NaiveDate) -> Option<(i64, i64)> {
        let near = match self.period.weeks() {
            Some(weeks) => ((day - EPOCH).num_days() / 7 - i64::from(self.phase)).div_euclid(weeks),
            None => {
                let month = i64::from(day.year()) * 12 + i64::from(day.month0());
                (month - i64::from(self.phase)).div_euclid(i64::from(self.period.months()))
            }
        };
        let around = (near - 1..=near + 1).filter_map(|slot| Some((slot, (day - self.day(slot)?).num_days())));
        around.min_by_key(|(slot, off)| (off.abs(), *slot))
    }

    /// When the one after a payment is to be expected.
    pub fn next_after(self, paid: NaiveDate) -> Option<NaiveDate> {
        self.day(self.slot(paid)?.0 + 1)
    }

    /// What did not come since the last payment, each with its days of grace.
    pub fn missed(self, last: NaiveDate, today: NaiveDate) -> Option<Missed> {
        let slot = self.slot(last)?.0;
        let is_past = |day: &NaiveDate| (today - *day).num_days() > self.period.tolerance();
        let since = self.day(slot + 1).filter(is_past)?;
        let count = (slot + 1..).map_while(|slot| self.day(slot).filter(is_past)).count();
        Some(Missed { since, count: u32::try_from(count).unwrap_or(u32::MAX) })
    }
}
