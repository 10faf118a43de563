//! Which earlier period a period is compared with.
//!
//! A period is read as (the beginning of) a calendar unit where it can be: the smallest of month, quarter, calendar
//! year and fiscal year that begins on its first day and holds its last. 1 to 24 November is a running November,
//! whether or not today is the 24th, and is compared with equal days: 1 to 24 October, or 1 to 24 November a year
//! before. Rules for days that the other month lacks:
//!
//! - A whole unit is compared with a whole unit: February 2025 with 1 to 29 February 2024.
//! - A cut unit keeps its day of the month, at most the last: 1 to 30 March with 1 to 28 February; 29 February with
//!   28 February a year before.
//! - Other whole months (two, five, …) are compared with as many months right before them.
//! - An ISO week a year before is 52 weeks before, so that equal weekdays are compared.
//! - Any other range is compared with as many days right before it, or with the same dates a year before.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use domain::FiscalMonth;
use serde::{Deserialize, Serialize};

use super::buckets::Bucket;
use super::period::{Period, month_end, plus_months};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    PreviousPeriod,
    SamePeriodLastYear,
}

/// The period that `period` is compared with.
pub fn compared_period(period: Period, comparison: Comparison, fiscal: FiscalMonth) -> Period {
    match comparison {
        Comparison::SamePeriodLastYear if is_iso_week(period) => days_earlier(period, 364),
        Comparison::SamePeriodLastYear => months_earlier(period, 12, period.is_whole_months()),
        Comparison::PreviousPeriod => previous(period, fiscal),
    }
}

/// The period that a bucket, or what was asked of it, is compared with: the bucket before, or that of a year before. One
/// that is cut is compared with equal days.
pub fn compared_bucket(part: Period, bucket: Bucket, comparison: Comparison, fiscal: FiscalMonth) -> Period {
    use Comparison::{PreviousPeriod, SamePeriodLastYear};
    let to_month_end = part.to() == bucket.around(part.from(), fiscal).to();
    match (bucket, comparison) {
        (Bucket::Day, PreviousPeriod) => days_earlier(part, 1),
        (Bucket::Day, SamePeriodLastYear) => months_earlier(part, 12, false),
        (Bucket::Week, PreviousPeriod) => days_earlier(part, 7),
        (Bucket::Week, SamePeriodLastYear) => days_earlier(part, 364),
        (Bucket::Month, PreviousPeriod) => months_earlier(part, 1, to_month_end),
        (Bucket::Quarter | Bucket::FiscalQuarter, PreviousPeriod) => months_earlier(part, 3, to_month_end),
        (Bucket::Year | Bucket::FiscalYear, PreviousPeriod) | (_, SamePeriodLastYear) => {
            months_earlier(part, 12, to_month_end)
        }
    }
}

fn previous(period: Period, fiscal: FiscalMonth) -> Period {
    if let Some((unit, months)) = unit_of(period, fiscal) {
        return months_earlier(period, months, period.to() == unit.to());
    }
    if period.is_whole_months() {
        return months_earlier(period, months_in(period), true);
    }
    days_earlier(period, period.days())
}

/// The smallest calendar unit that begins with the period and holds it, and its months.
fn unit_of(period: Period, fiscal: FiscalMonth) -> Option<(Period, i32)> {
    let units = [
        (Bucket::Month, 1),
        (Bucket::Quarter, 3),
        (Bucket::FiscalQuarter, 3),
        (Bucket::Year, 12),
        (Bucket::FiscalYear, 12),
    ];
    units
        .into_iter()
        .map(|(bucket, months)| (bucket.around(period.from(), fiscal), months))
        .find(|(unit, _)| unit.from() == period.from() && period.to() <= unit.to())
}

fn months_earlier(period: Period, months: i32, to_month_end: bool) -> Period {
    let from = plus_months(period.from(), -months);
    let to = plus_months(period.to(), -months);
    Period::ordered(from, if to_month_end { month_end(to) } else { to })
}

fn days_earlier(period: Period, days: u64) -> Period {
    Period::ordered(period.from() - Days::new(days), period.to() - Days::new(days))
}

fn months_in(period: Period) -> i32 {
    let month = |day: NaiveDate| day.year() * 12 + day.month().cast_signed();
    month(period.to()) - month(period.from()) + 1
}

fn is_iso_week(period: Period) -> bool {
    period.from().weekday() == Weekday::Mon && period.days() == 7
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::period::tests::{any_period, period};
    use super::*;

    fn before(from: &str, to: &str, comparison: Comparison) -> Period {
        compared_period(period(from, to), comparison, FiscalMonth::try_from(4).unwrap())
    }

    #[test]
    fn a_running_unit_is_compared_with_equal_days() {
        use Comparison::{PreviousPeriod, SamePeriodLastYear};
        let cases = [
            ("2026-11-01", "2026-11-24", PreviousPeriod, "2026-10-01", "2026-10-24"),
            ("2026-11-01", "2026-11-24", SamePeriodLastYear, "2025-11-01", "2025-11-24"),
            ("2026-10-01", "2026-11-24", PreviousPeriod, "2026-07-01", "2026-08-24"), // a running quarter
            ("2026-01-01", "2026-11-24", PreviousPeriod, "2025-01-01", "2025-11-24"), // a running year
            ("2026-04-01", "2026-11-24", PreviousPeriod, "2025-04-01", "2025-11-24"), // a running fiscal year
            ("2026-03-01", "2026-03-30", PreviousPeriod, "2026-02-01", "2026-02-28"),
            ("2024-02-01", "2024-02-29", SamePeriodLastYear, "2023-02-01", "2023-02-28"),
            ("2025-02-01", "2025-02-28", SamePeriodLastYear, "2024-02-01", "2024-02-29"),
            ("2024-02-10", "2024-02-29", SamePeriodLastYear, "2023-02-10", "2023-02-28"),
            ("2025-02-10", "2025-02-28", SamePeriodLastYear, "2024-02-10", "2024-02-28"),
            ("2026-11-01", "2026-12-31", PreviousPeriod, "2026-09-01", "2026-10-31"),
            ("2026-11-16", "2026-11-22", SamePeriodLastYear, "2025-11-17", "2025-11-23"), // an ISO week
            ("2026-11-10", "2026-11-12", PreviousPeriod, "2026-11-07", "2026-11-09"),
        ];
        for (from, to, comparison, before_from, before_to) in cases {
            assert_eq!(before(from, to, comparison), period(before_from, before_to), "{from}..{to} {comparison:?}");
        }
    }

    #[test]
    fn a_bucket_is_compared_with_the_one_before_it() {
        use Comparison::{PreviousPeriod, SamePeriodLastYear};
        let cases = [
            (Bucket::Day, "2024-02-29", "2024-02-29", SamePeriodLastYear, "2023-02-28", "2023-02-28"),
            (Bucket::Day, "2026-03-01", "2026-03-01", PreviousPeriod, "2026-02-28", "2026-02-28"),
            // The first week of June 2026 begins on the 1st, and is a week all the same.
            (Bucket::Week, "2026-06-01", "2026-06-07", PreviousPeriod, "2026-05-25", "2026-05-31"),
            (Bucket::Week, "2026-06-01", "2026-06-03", PreviousPeriod, "2026-05-25", "2026-05-27"),
            (Bucket::Week, "2026-06-01", "2026-06-07", SamePeriodLastYear, "2025-06-02", "2025-06-08"),
            (Bucket::Month, "2026-03-01", "2026-03-31", PreviousPeriod, "2026-02-01", "2026-02-28"),
            (Bucket::Month, "2026-11-01", "2026-11-24", PreviousPeriod, "2026-10-01", "2026-10-24"),
            (Bucket::Month, "2026-11-10", "2026-11-30", PreviousPeriod, "2026-10-10", "2026-10-31"),
            (Bucket::Month, "2025-02-01", "2025-02-28", SamePeriodLastYear, "2024-02-01", "2024-02-29"),
            (Bucket::Quarter, "2026-10-01", "2026-11-24", PreviousPeriod, "2026-07-01", "2026-08-24"),
            (Bucket::FiscalYear, "2025-04-01", "2026-03-31", PreviousPeriod, "2024-04-01", "2025-03-31"),
            (Bucket::FiscalQuarter, "2026-04-01", "2026-05-24", PreviousPeriod, "2026-01-01", "2026-02-24"),
            (Bucket::FiscalQuarter, "2026-04-01", "2026-06-30", SamePeriodLastYear, "2025-04-01", "2025-06-30"),
        ];
        for (bucket, from, to, comparison, before_from, before_to) in cases {
            let before = compared_bucket(period(from, to), bucket, comparison, FiscalMonth::try_from(4).unwrap());
            assert_eq!(before, period(before_from, before_to), "{bucket:?} {from}..{to} {comparison:?}");
        }
    }

    proptest! {
        #[test]
        fn the_previous_bucket_ends_where_this_one_begins(period in any_period(), first in 1_u8..=12) {
            let fiscal = FiscalMonth::try_from(first).unwrap();
            for bucket in Bucket::ALL {
                let whole = bucket.around(period.from(), fiscal);
                let before = compared_bucket(whole, bucket, Comparison::PreviousPeriod, fiscal);
                prop_assert_eq!(before, bucket.around(whole.from() - Days::new(1), fiscal));
            }
        }

        #[test]
        fn the_previous_period_is_over_before_this_one_begins(period in any_period(), first in 1_u8..=12) {
            let fiscal = FiscalMonth::try_from(first).unwrap();
            let before = compared_period(period, Comparison::PreviousPeriod, fiscal);
            prop_assert!(before.to() < period.from());
            prop_assert!(before.days().abs_diff(period.days()) <= 5, "{before:?}");
        }

        #[test]
        fn a_year_before_is_a_year_before(period in any_period()) {
            let before = compared_period(period, Comparison::SamePeriodLastYear, FiscalMonth::JANUARY);
            let distance = (period.from() - before.from()).num_days();
            prop_assert!((364..=366).contains(&distance));
            prop_assert!(before.days().abs_diff(period.days()) <= 1);
        }
    }
}
