//! The company's year: working days, seasons and the hours at which people buy coffee.

use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, TimeZone, Utc, Weekday};

/// How many months of history there are before the running one.
const HISTORY_MONTHS: u32 = 24;

/// The first day of a history that ends today: 24 full months and the running one.
pub(crate) fn first_day(today: NaiveDate) -> NaiveDate {
    let month = today - Days::new(u64::from(today.day0()));
    month.checked_sub_months(Months::new(HISTORY_MONTHS)).unwrap_or(month)
}

/// Months from the first day's month to that of `day`; 0 is the first.
pub(crate) fn month_of(start: NaiveDate, day: NaiveDate) -> i64 {
    i64::from(day.year() - start.year()) * 12 + i64::from(day.month()) - i64::from(start.month())
}

pub(crate) fn is_working(day: NaiveDate) -> bool {
    let monday = day.weekday() == Weekday::Mon;
    let holiday = match (day.month(), day.day()) {
        (1, 1) | (12, 25 | 26) => true,
        (5, 1..=7 | 25..) | (8, 25..) => monday,
        _ => false,
    };
    !holiday && !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

pub(crate) fn working_from(mut day: NaiveDate) -> NaiveDate {
    while !is_working(day) {
        day = day + Days::new(1);
    }
    day
}

/// The working day on or before the given day of the month.
pub(crate) fn payday(any: NaiveDate, day_of_month: u32) -> NaiveDate {
    let mut day = any.with_day(day_of_month).unwrap_or(any);
    while !is_working(day) {
        day = day - Days::new(1);
    }
    day
}

/// Whether a bill that is due on a day of the month is debited today: on the next working day.
pub(crate) fn is_due(today: NaiveDate, day_of_month: u32) -> bool {
    let this = today.with_day(day_of_month).map(working_from);
    let previous =
        today.checked_sub_months(Months::new(1)).and_then(|day| day.with_day(day_of_month)).map(working_from);
    this == Some(today) || previous == Some(today)
}

pub(crate) fn is_last_of_month(day: NaiveDate) -> bool {
    (day + Days::new(1)).day() == 1
}

/// Consumers' demand by month, in thousandths: presents before Christmas, a quiet January and August.
pub(crate) fn season(day: NaiveDate) -> i64 {
    const MONTHS: [i64; 12] = [880, 905, 950, 970, 975, 935, 900, 890, 1000, 1070, 1210, 1400];
    match (day.month(), day.day()) {
        (12, 21..=24) => 900,
        (12, 25..) => 480,
        (month, _) => MONTHS[month as usize - 1],
    }
}

/// Cafés' demand by month, in thousandths.
pub(crate) fn trade_season(day: NaiveDate) -> i64 {
    const MONTHS: [i64; 12] = [930, 960, 985, 1000, 1015, 1020, 1000, 930, 1010, 1040, 1060, 1080];
    MONTHS[day.month() as usize - 1]
}

/// Online orders by weekday, in thousandths.
pub(crate) fn weekday(day: NaiveDate) -> i64 {
    match day.weekday() {
        Weekday::Mon => 1160,
        Weekday::Tue => 1080,
        Weekday::Wed => 1010,
        Weekday::Thu => 990,
        Weekday::Fri => 930,
        Weekday::Sat => 840,
        Weekday::Sun => 990,
    }
}

/// Local hours at which online orders come, each as often as it stands here.
pub(crate) const ORDER_HOURS: [u32; 24] =
    [6, 7, 8, 8, 9, 9, 10, 10, 11, 12, 12, 13, 13, 14, 15, 16, 17, 18, 19, 19, 20, 20, 21, 22];

/// The moment of a local time. Times that a change of clocks skips or doubles are taken at their first reading.
pub(crate) fn moment(day: NaiveDate, hour: u32, minute: u32, second: u32) -> DateTime<Utc> {
    let local = day.and_hms_opt(hour, minute, second).unwrap_or_default();
    match super::settings().time_zone.tz().from_local_datetime(&local) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.to_utc(),
        LocalResult::None => local.and_utc(),
    }
}

/// The moment at which a local day begins.
pub(crate) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    moment(day, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn bills_and_wages_keep_to_working_days() {
        assert_eq!(payday(day("2025-12-02"), 28), day("2025-12-24"));
        assert!(is_due(day("2026-02-02"), 1), "1 February 2026 is a Sunday");
        assert!(!is_due(day("2026-02-01"), 1));
        assert_eq!((0..31).filter(|n| is_due(day("2026-03-01") + Days::new(*n), 5)).count(), 1);
    }

    #[test]
    fn a_history_has_two_full_years_before_the_running_month() {
        assert_eq!(first_day(day("2026-11-24")), day("2024-11-01"));
        assert_eq!(month_of(day("2024-11-01"), day("2026-11-24")), 24);
    }
}
