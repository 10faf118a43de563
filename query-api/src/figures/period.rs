//! A range of days, both ends included.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::Serialize;

/// Days from `from` to `to`, both included; never empty, within the years 1000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeriod {
    #[error("The period ends on {to}, before it begins on {from}.")]
    Backwards { from: NaiveDate, to: NaiveDate },
    #[error("{0} is outside of the years 1000 to 9999.")]
    OutOfRange(NaiveDate),
}

impl Period {
    pub fn try_new(from: NaiveDate, to: NaiveDate) -> Result<Self, InvalidPeriod> {
        if let Some(day) = [from, to].into_iter().find(|day| !(1000..=9999).contains(&day.year())) {
            return Err(InvalidPeriod::OutOfRange(day));
        }
        if to < from {
            return Err(InvalidPeriod::Backwards { from, to });
        }
        Ok(Self { from, to })
    }

    /// For ends that calendar arithmetic has put in order already.
    pub(crate) fn ordered(from: NaiveDate, to: NaiveDate) -> Self {
        debug_assert!(from <= to);
        Self { from, to }
    }

    pub const fn from(self) -> NaiveDate {
        self.from
    }

    pub const fn to(self) -> NaiveDate {
        self.to
    }

    /// How many days it holds, at least 1.
    pub fn days(self) -> u64 {
        (self.to - self.from).num_days().unsigned_abs() + 1
    }

    pub fn contains(self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Cut after `day` where the period runs beyond it; unchanged where it is over by then or has not begun.
    pub fn running_until(self, day: NaiveDate) -> Self {
        if self.contains(day) { Self { to: day, ..self } } else { self }
    }

    /// Whether it is made of whole calendar months.
    pub fn is_whole_months(self) -> bool {
        self.from.day() == 1 && self.to == month_end(self.to)
    }
}

pub fn month_start(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.day0()))
}

pub fn month_end(day: NaiveDate) -> NaiveDate {
    month_start(day) + Months::new(1) - Days::new(1)
}

/// The same day `months` later (earlier where negative); the last day of that month where it has no such day, so
/// that 31 March less a month is 28 or 29 February, and 29 February less a year is 28 February.
pub fn plus_months(day: NaiveDate, months: i32) -> NaiveDate {
    let distance = Months::new(months.unsigned_abs());
    if months < 0 { day - distance } else { day + distance }
}

/// The last `count` calendar months that are over on `day` (a month whose last day is `day` is over).
pub fn last_full_months(day: NaiveDate, count: u32) -> Period {
    let end = if day == month_end(day) { day } else { month_start(day) - Days::new(1) };
    Period::ordered(month_start(end) - Months::new(count.max(1) - 1), end)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub(crate) fn period(from: &str, to: &str) -> Period {
        Period::try_new(day(from), day(to)).unwrap()
    }

    pub(crate) fn any_day() -> impl Strategy<Value = NaiveDate> {
        (0_u64..20_000).prop_map(|days| day("1990-01-01") + Days::new(days))
    }

    pub(crate) fn any_period() -> impl Strategy<Value = Period> {
        let length = prop_oneof![0_u64..70, 0_u64..800, 0_u64..4000];
        (any_day(), length).prop_map(|(from, days)| Period::ordered(from, from + Days::new(days)))
    }

    #[test]
    fn a_period_is_never_backwards_nor_out_of_the_calendar() {
        assert!(matches!(Period::try_new(day("2026-02-02"), day("2026-02-01")), Err(InvalidPeriod::Backwards { .. })));
        assert!(matches!(Period::try_new(day("0999-12-31"), day("2026-02-01")), Err(InvalidPeriod::OutOfRange(_))));
    }

    #[test]
    fn full_months_are_those_that_are_over() {
        assert_eq!(last_full_months(day("2026-11-24"), 3), period("2026-08-01", "2026-10-31"));
        assert_eq!(last_full_months(day("2026-11-30"), 3), period("2026-09-01", "2026-11-30"));
        assert_eq!(last_full_months(day("2024-02-29"), 1), period("2024-02-01", "2024-02-29"));
    }

    #[test]
    fn a_running_period_is_cut_and_others_are_not() {
        let november = period("2026-11-01", "2026-11-30");
        assert_eq!(november.running_until(day("2026-11-24")), period("2026-11-01", "2026-11-24"));
        assert_eq!(november.running_until(day("2026-12-24")), november);
        assert_eq!(november.running_until(day("2026-10-24")), november);
    }
}
