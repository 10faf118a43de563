//! A period cut into buckets of one size for a series.

use chrono::{Datelike, Days, Months, NaiveDate};
use domain::FiscalMonth;
use serde::{Deserialize, Serialize};

use super::cells::Grain;
use super::period::{Period, month_start};

/// The size of a bucket as people ask for it. Fiscal quarters and years are made of month cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalQuarter,
    FiscalYear,
}

impl Bucket {
    pub const ALL: [Self; 7] =
        [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year, Self::FiscalQuarter, Self::FiscalYear];

    /// The kept roll-up of the same size.
    pub const fn grain(self) -> Option<Grain> {
        match self {
            Self::Day => Some(Grain::Day),
            Self::Week => Some(Grain::Week),
            Self::Month => Some(Grain::Month),
            Self::Quarter => Some(Grain::Quarter),
            Self::Year => Some(Grain::Year),
            Self::FiscalQuarter | Self::FiscalYear => None,
        }
    }

    /// First and last day of the bucket that `day` is in.
    pub fn around(self, day: NaiveDate, fiscal: FiscalMonth) -> Period {
        let (start, next) = match self.grain() {
            Some(grain) => (grain.start(day), grain.next(grain.start(day))),
            None => {
                let months = if self == Self::FiscalQuarter { 3 } else { 12 };
                let start = month_start(day) - Months::new((day.month() + 12 - u32::from(fiscal.get())) % months);
                (start, start + Months::new(months))
            }
        };
        Period::ordered(start, next - Days::new(1))
    }
}

/// One bucket as far as it lies in the asked period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    pub period: Period,
    /// The asked period holds the bucket from its first to its last day.
    pub whole: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The period has more than {0} buckets of this size; ask for a shorter period or larger buckets.")]
pub struct TooManyBuckets(pub usize);

/// Cuts `period` into at most `most` slices, in order of time.
pub fn slices(period: Period, bucket: Bucket, fiscal: FiscalMonth, most: usize) -> Result<Vec<Slice>, TooManyBuckets> {
    let mut slices = Vec::new();
    let mut day = period.from();
    while day <= period.to() {
        if slices.len() == most {
            return Err(TooManyBuckets(most));
        }
        let full = bucket.around(day, fiscal);
        let part = Period::ordered(day, full.to().min(period.to()));
        slices.push(Slice { period: part, whole: part == full });
        day = full.to() + Days::new(1);
    }
    Ok(slices)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::period::tests::{any_period, day, period};
    use super::*;

    proptest! {
        #[test]
        fn slices_follow_each_other_and_fill_the_period(period in any_period(), first in 1_u8..=12) {
            let fiscal = FiscalMonth::try_from(first).unwrap();
            for bucket in Bucket::ALL {
                let slices = slices(period, bucket, fiscal, 5000).unwrap();
                prop_assert_eq!(slices[0].period.from(), period.from());
                prop_assert_eq!(slices.last().unwrap().period.to(), period.to());
                for pair in slices.windows(2) {
                    prop_assert_eq!(pair[0].period.to() + Days::new(1), pair[1].period.from());
                }
                for inner in slices.iter().skip(1).rev().skip(1) {
                    prop_assert!(inner.whole);
                }
            }
        }
    }

    #[test]
    fn a_fiscal_year_and_its_quarters_begin_in_its_own_month() {
        let april = FiscalMonth::try_from(4).unwrap();
        assert_eq!(Bucket::FiscalYear.around(day("2026-03-31"), april), period("2025-04-01", "2026-03-31"));
        assert_eq!(Bucket::FiscalYear.around(day("2026-04-01"), april), period("2026-04-01", "2027-03-31"));
        let february = FiscalMonth::try_from(2).unwrap();
        assert_eq!(Bucket::FiscalQuarter.around(day("2026-01-31"), february), period("2025-11-01", "2026-01-31"));
        assert_eq!(Bucket::FiscalQuarter.around(day("2026-02-01"), february), period("2026-02-01", "2026-04-30"));
    }

    #[test]
    fn the_first_week_of_a_year_may_begin_in_the_year_before() {
        let week = Bucket::Week.around(day("2026-01-01"), FiscalMonth::JANUARY);
        assert_eq!(week, period("2025-12-29", "2026-01-04"));
        let cut = slices(period("2026-01-01", "2026-01-06"), Bucket::Week, FiscalMonth::JANUARY, 9).unwrap();
        assert_eq!(cut.iter().map(|slice| slice.whole).collect::<Vec<_>>(), [false, false]);
    }

    #[test]
    fn too_many_buckets_are_refused() {
        let century = period("1900-01-01", "1999-12-31");
        assert_eq!(slices(century, Bucket::Day, FiscalMonth::JANUARY, 4000), Err(TooManyBuckets(4000)));
    }
}
