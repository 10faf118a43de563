//! Two years of history, in the order in which it became known.

use chrono::NaiveDate;

use super::Seed;
use super::calendar::{first_day, midnight};
use super::feed::{Feed, Page};

/// All pages from the first day (24 full months before the running one) until `today` begins, oldest first: what the
/// accounts told day by day. The same arguments give the same pages, byte for byte.
pub fn history(seed: Seed, today: NaiveDate) -> impl Iterator<Item = Page> {
    let start = first_day(today);
    day_by_day(Feed::from(seed, start), start, today)
}

/// What a feed tells at the end of each day before `today`.
pub(super) fn day_by_day(mut feed: Feed, start: NaiveDate, today: NaiveDate) -> impl Iterator<Item = Page> {
    let days = start.iter_days().skip(1).take_while(move |day| *day <= today);
    days.flat_map(move |day| feed.until(midnight(day)))
}
