//! What the answer to a field weighs, told from its arguments before anything is read: a value weighs one, a question
//! to the database [`READ`].
//!
//! A list weighs as long as it is asked to be, and at most what its resolver gives: that refuses more by itself, in
//! words of its own. How many accounts, categories or legs there are is known only when it runs; they weigh what is
//! usual, and the caps of the resolvers hold for the rest.

use chrono::{Datelike, NaiveDate};

use super::input::PeriodInput;
use super::names::{Bucket, Dimension};
use crate::reader::{MOST_BUCKETS, MOST_RATE_DAYS, MOST_STATEMENT_DAYS, Page};

/// Some milliseconds of the database, in which it could as well give so many values.
pub const READ: usize = 1_000;

/// No field weighs more, so that those of a whole query sum up without overflow.
const MOST: usize = 1 << 30;

/// So many categories, accounts or kinds a bucket is usually split in.
const KEYS: usize = 5;

/// A statement of an account where its days are not asked for.
const STATEMENT_DAYS: usize = 30;

pub fn read(child: usize) -> usize {
    list(1, child)
}

pub fn list(length: usize, child: usize) -> usize {
    length.saturating_mul(child).saturating_add(READ).min(MOST)
}

pub fn page(first: i32, child: usize) -> usize {
    list(up_to(first, Page::<()>::MOST.into()), child)
}

pub fn series(period: PeriodInput, bucket: Bucket, by: Option<Dimension>, child: usize) -> usize {
    let keys = if by.is_some() { KEYS } else { 1 };
    list(buckets(period, bucket).min(MOST_BUCKETS) * keys, child)
}

pub fn balances(period: PeriodInput, child: usize) -> usize {
    list(days(period).min(MOST_BUCKETS), child)
}

pub fn rates(days: i32, child: usize) -> usize {
    list(up_to(days, MOST_RATE_DAYS), child)
}

/// A page of them, however many days there are.
pub fn conversions(child: usize) -> usize {
    list(MOST_RATE_DAYS, child)
}

/// Where only one end is given the other is told by the day on which it runs: then it weighs the most.
pub fn statement(from: Option<NaiveDate>, to: Option<NaiveDate>, child: usize) -> usize {
    let days = match (from, to) {
        (Some(from), Some(to)) => days(PeriodInput { from, to }).min(MOST_STATEMENT_DAYS),
        (None, None) => STATEMENT_DAYS,
        _ => MOST_STATEMENT_DAYS,
    };
    list(days, child)
}

fn up_to(asked: i32, most: usize) -> usize {
    usize::try_from(asked).unwrap_or_default().clamp(1, most)
}

fn days(period: PeriodInput) -> usize {
    count((period.to - period.from).num_days())
}

/// From the first to the last one that the period touches; of weeks and fiscal ones perhaps one or two more.
fn buckets(PeriodInput { from, to }: PeriodInput, bucket: Bucket) -> usize {
    let years = i64::from(to.year()) - i64::from(from.year());
    let nth = |parts: i64, from: u32, to: u32| count(years * parts + i64::from(to) - i64::from(from));
    match bucket {
        Bucket::Day => days(PeriodInput { from, to }),
        Bucket::Week => count((to - from).num_days() / 7 + 1),
        Bucket::Month => nth(12, from.month0(), to.month0()),
        Bucket::Quarter => nth(4, from.month0() / 3, to.month0() / 3),
        Bucket::Year => count(years),
        Bucket::FiscalQuarter => nth(4, from.month0() / 3, to.month0() / 3 + 1),
        Bucket::FiscalYear => count(years + 1),
    }
}

/// Both ends included; a period that is backwards is refused where it is read.
fn count(distance: i64) -> usize {
    usize::try_from(distance).unwrap_or_default().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use domain::FiscalMonth;
    use proptest::prelude::*;

    use super::*;
    use crate::figures;

    fn years(from: &str, to: &str) -> PeriodInput {
        PeriodInput { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    proptest! {
        #[test]
        fn a_series_weighs_the_buckets_that_it_gives(day in 0_u64..20_000, length in 0_u64..4_000, first in 1_u8..=12) {
            let from = years("1990-01-01", "1990-01-01").from + Days::new(day);
            let asked = PeriodInput { from, to: from + Days::new(length) };
            let (period, fiscal) = (asked.try_into().unwrap(), FiscalMonth::try_from(first).unwrap());
            for bucket in figures::Bucket::ALL.map(Bucket::from) {
                let given = figures::slices(period, bucket.into(), fiscal, 5_000).unwrap().len();
                prop_assert!((given..=given + 2).contains(&buckets(asked, bucket)), "{bucket:?}");
            }
        }
    }

    #[test]
    fn a_list_weighs_its_length_and_no_more_than_is_given() {
        assert_eq!(page(200, 10), 3_000);
        assert_eq!(page(i32::MAX, 10), page(500, 10));
        assert_eq!((page(0, 10), page(-1, 10)), (1_010, 1_010));
        assert_eq!(rates(100_000, 8), READ + 400 * 8);
        let century = years("1900-01-01", "1999-12-31");
        assert_eq!(series(century, Bucket::Day, None, 2), READ + 4_000 * 2);
        assert_eq!(series(century, Bucket::Month, None, 2), READ + 1_200 * 2);
        assert_eq!(series(century, Bucket::Month, Some(Dimension::Category), 2), READ + 6_000 * 2);
        assert_eq!(balances(century, 2), READ + 4_000 * 2);
        assert_eq!(balances(years("2024-01-01", "2024-01-31"), 2), READ + 31 * 2);
    }

    #[test]
    fn a_statement_without_one_of_its_ends_weighs_the_most() {
        let day = |text: &str| Some(text.parse().unwrap());
        assert_eq!(statement(None, None, 1), READ + 30);
        assert_eq!(statement(day("2024-01-01"), day("2024-01-10"), 1), READ + 10);
        assert_eq!(statement(day("2024-01-01"), None, 1), READ + 400);
    }

    #[test]
    fn what_is_nested_without_end_does_not_overflow() {
        let nested = (0..1_000).fold(usize::MAX, |child, _| page(500, child));
        assert_eq!(nested, MOST);
        assert_eq!(list(usize::MAX, usize::MAX), MOST);
        assert_eq!(days(years("2024-02-01", "2024-01-01")), 1);
    }
}
