//! Brings a demo business up to a day.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::BusinessId;
use sqlx::PgPool;
use streams::{CommandError, Commands, Receipt};

use super::deliver::{Delivery, Standing};
use super::history::day_by_day;
use super::{Feed, Ledger, Page, Seed, settings};

/// Of a day.
const LAST_SECOND: TimeDelta = TimeDelta::seconds(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The day up to which everything is delivered.
    pub day: NaiveDate,
    pub pages: usize,
    pub of_pages: usize,
}

/// What [`seed`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeded {
    pub business: BusinessId,
    /// Pages that were sent; 0 where all was there already.
    pub pages: usize,
    /// Lines and revisions in them.
    pub lines: usize,
    /// The last event that was recorded: wait for its position to see it all.
    pub last: Option<Receipt>,
}

/// Registers the demo business where it is not there yet, and reports everything that became known before `today`, each
/// day as known at its end: where nothing else stands in the log, any day can be seen as it was known then.
/// Goes on where an earlier run stopped; a second run with the same seed adds nothing.
pub async fn seed(
    commands: &Commands,
    pool: &PgPool,
    seed: Seed,
    today: NaiveDate,
    mut progress: impl FnMut(Progress),
) -> Result<Seeded, CommandError> {
    let delivery = Delivery::new(commands, pool, seed);
    delivery.set_up(today).await?;
    let Standing { start, delivered } = delivery.standing(today).await?;
    let missing = by_day(Feed::from(seed, start).after(delivered), start, today);

    let of_pages = missing.values().flat_map(BTreeMap::values).map(Vec::len).sum();
    let mut seeded = Seeded { business: seed.business(), pages: 0, lines: 0, last: None };
    for (midnight, by_ledger) in missing {
        let known = midnight - LAST_SECOND;
        for (ledger, pages) in by_ledger {
            let receipt = delivery.send_at(Some(known), ledger, &pages).await?;
            seeded.last = receipt.filter(|receipt| !receipt.is_empty()).or(seeded.last);
            seeded.pages += pages.len();
            seeded.lines += pages.iter().map(Page::len).sum::<usize>();
        }
        progress(Progress { day: settings().time_zone.day_of(midnight), pages: seeded.pages, of_pages });
    }
    Ok(seeded)
}

/// By the moment up to which they tell, and by account: what the accounts have not had yet.
fn by_day(feed: Feed, start: NaiveDate, today: NaiveDate) -> BTreeMap<DateTime<Utc>, BTreeMap<Ledger, Vec<Page>>> {
    let mut days: BTreeMap<_, BTreeMap<Ledger, Vec<Page>>> = BTreeMap::new();
    for page in day_by_day(feed, start, today) {
        days.entry(page.cursor.through).or_default().entry(page.ledger).or_default().push(page);
    }
    days
}
