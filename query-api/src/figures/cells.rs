//! Which cells of the exact roll-ups make up a range of days.
//!
//! The projector keeps a sum for each day, ISO week, month, quarter and year. Any range is the sum of few of them:
//! a month and a half is one month and a handful of weeks and days, whatever the number of transactions.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::period::{Period, month_start};

/// The size of a kept roll-up. Weeks are ISO weeks and begin on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Grain {
    const LARGEST_FIRST: [Self; 5] = [Self::Year, Self::Quarter, Self::Month, Self::Week, Self::Day];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::LARGEST_FIRST.into_iter().find(|grain| grain.as_str() == name)
    }

    /// First day of the bucket that `day` is in.
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            Self::Month => month_start(day),
            Self::Quarter => month_start(day) - Months::new(day.month0() % 3),
            Self::Year => month_start(day) - Months::new(day.month0()),
        }
    }

    /// First day of the bucket after the one that begins on `start`.
    pub fn next(self, start: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => start + Days::new(1),
            Self::Week => start + Days::new(7),
            Self::Month => start + Months::new(1),
            Self::Quarter => start + Months::new(3),
            Self::Year => start + Months::new(12),
        }
    }

    fn begins_on(self, day: NaiveDate) -> bool {
        match self {
            Self::Day => true,
            Self::Week => day.weekday() == Weekday::Mon,
            Self::Month => day.day() == 1,
            Self::Quarter => day.day() == 1 && day.month0().is_multiple_of(3),
            Self::Year => day.day() == 1 && day.month() == 1,
        }
    }
}

/// Consecutive buckets of one grain; both name the first day of a bucket and are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Run {
    pub grain: Grain,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// The fewest cells that hold exactly the days of `period`, as runs in order of time.
pub fn cover(period: Period) -> Vec<Run> {
    let Some(years) = whole_years(period) else { return fewest(period) };
    let mut runs = Vec::new();
    if period.from() < years.first {
        runs.extend(fewest(Period::ordered(period.from(), years.first - Days::new(1))));
    }
    let after = Grain::Year.next(years.last);
    runs.push(years);
    if after <= period.to() {
        runs.extend(fewest(Period::ordered(after, period.to())));
    }
    runs
}

/// Every cell from the beginning up to and including `day`: whole years, then the fewest of the rest.
pub fn cover_until(day: NaiveDate) -> Vec<Run> {
    let year = Grain::Year.start(day);
    let before = Run { grain: Grain::Year, first: BEGINNING, last: year - Months::new(12) };
    std::iter::once(before).chain(cover(Period::ordered(year, day))).collect()
}

/// Before every year that a period may lie in.
const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

fn whole_years(period: Period) -> Option<Run> {
    let start = Grain::Year.start(period.from());
    let first = if start == period.from() { start } else { Grain::Year.next(start) };
    let last = Grain::Year.start(period.to() + Days::new(1)) - Months::new(12);
    (first <= last).then_some(Run { grain: Grain::Year, first, last })
}

/// Shortest path over the days of a range: each cell is an edge from its first day to the day after its last.
/// Called for at most two years less two days, so at most some 730 days.
fn fewest(period: Period) -> Vec<Run> {
    let length = usize::try_from(period.days()).unwrap_or(usize::MAX);
    let mut best: Vec<(usize, Grain, usize)> = vec![(usize::MAX, Grain::Day, 0); length + 1];
    best[0].0 = 0;
    let mut day = period.from();
    for at in 0..length {
        for grain in Grain::LARGEST_FIRST.into_iter().filter(|grain| grain.begins_on(day)) {
            let span = usize::try_from((grain.next(day) - day).num_days()).unwrap_or(usize::MAX);
            let cells = best[at].0 + 1;
            if span <= length - at && cells < best[at + span].0 {
                best[at + span] = (cells, grain, at);
            }
        }
        day = day + Days::new(1);
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut at = length;
    while at > 0 {
        let (_, grain, before) = best[at];
        let first = period.from() + Days::new(before as u64);
        match runs.last_mut() {
            Some(run) if run.grain == grain => run.first = first,
            _ => runs.push(Run { grain, first, last: first }),
        }
        at = before;
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::period::tests::{any_day, any_period, day, period};
    use super::*;

    fn days_of(run: Run) -> Vec<NaiveDate> {
        let end = run.grain.next(run.last);
        run.first.iter_days().take_while(|day| *day < end).collect()
    }

    fn cells(runs: &[Run]) -> usize {
        let count = |run: &Run| {
            std::iter::successors(Some(run.first), |start| Some(run.grain.next(*start)))
                .take_while(|start| *start <= run.last)
                .count()
        };
        runs.iter().map(count).sum()
    }

    proptest! {
        #[test]
        fn a_cover_holds_each_day_once_and_no_other(period in any_period()) {
            let days: Vec<_> = cover(period).into_iter().flat_map(days_of).collect();
            let asked: Vec<_> = period.from().iter_days().take_while(|day| *day <= period.to()).collect();
            prop_assert_eq!(days, asked);
        }

        #[test]
        fn whole_years_in_the_middle_cost_nothing_in_cells(period in any_period()) {
            prop_assert_eq!(cells(&cover(period)), cells(&fewest(period)));
        }

        #[test]
        fn any_range_is_few_cells(period in any_period()) {
            let whole = period.days() / 365;
            prop_assert!(cells(&cover(period)) as u64 <= 32 + whole, "{:?}", cover(period));
        }

        #[test]
        fn everything_until_a_day_ends_on_it(day in any_day()) {
            let runs = cover_until(day);
            let rest: Vec<_> = runs[1..].iter().copied().flat_map(days_of).collect();
            prop_assert_eq!(rest.last(), Some(&day));
            prop_assert_eq!(Grain::Year.next(runs[0].last), rest[0]);
        }

        #[test]
        fn buckets_begin_where_they_say(day in any_day()) {
            for grain in Grain::LARGEST_FIRST {
                let start = grain.start(day);
                prop_assert!(grain.begins_on(start) && start <= day && day < grain.next(start));
            }
        }
    }

    #[test]
    fn a_running_month_is_weeks_and_days() {
        let runs = cover(period("2026-11-01", "2026-11-24"));
        assert_eq!(cells(&runs), 6); // Sunday the 1st, three weeks, Monday, Tuesday
        assert_eq!(runs[1], Run { grain: Grain::Week, first: day("2026-11-02"), last: day("2026-11-16") });
    }
}
