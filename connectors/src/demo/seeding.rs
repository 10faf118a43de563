//! Brings a demo business up to a day.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::BusinessId;
use sqlx::PgPool;
use streams::{CommandError, Commands, Receipt};

use super::deliver::{Delivery, Standing};
use super::history::day_by_day;
use super::{Feed, Ledger, Page, Seed};

/// Pages of so many days are appended at once.
const DAYS_AT_ONCE: u64 = 7;

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

/// Registers the demo business where it is not there yet, and reports everything that became known before `today`.
/// Goes on where an earlier run stopped; a second run with the same seed adds nothing.
pub async fn seed(
    commands: &Commands,
    pool: &PgPool,
    seed: Seed,
    today: NaiveDate,
    mut progress: impl FnMut(Progress),
) -> Result<Seeded, CommandError> {
    let delivery = Delivery::new(commands, pool, seed);
    delivery.set_up().await?;
    let Standing { start, delivered } = delivery.standing(today).await?;
    let missing = by_week(Feed::from(seed, start).after(delivered), start, today);

    let of_pages = missing.values().flat_map(BTreeMap::values).map(Vec::len).sum();
    let mut seeded = Seeded { business: seed.business(), pages: 0, lines: 0, last: None };
    for (week, by_ledger) in missing {
        for (ledger, pages) in by_ledger {
            let receipt = delivery.send(ledger, &pages).await?;
            seeded.last = receipt.filter(|receipt| !receipt.is_empty()).or(seeded.last);
            seeded.pages += pages.len();
            seeded.lines += pages.iter().map(Page::len).sum::<usize>();
        }
        let day = start + Days::new((week + 1) * DAYS_AT_ONCE);
        progress(Progress { day: day.min(today), pages: seeded.pages, of_pages });
    }
    Ok(seeded)
}

/// By week and account: what the accounts have not had yet.
fn by_week(feed: Feed, start: NaiveDate, today: NaiveDate) -> BTreeMap<u64, BTreeMap<Ledger, Vec<Page>>> {
    let mut weeks: BTreeMap<u64, BTreeMap<Ledger, Vec<Page>>> = BTreeMap::new();
    for page in day_by_day(feed, start, today) {
        let days = (page.cursor.through.date_naive() - start).num_days();
        let week = u64::try_from(days).unwrap_or_default() / DAYS_AT_ONCE;
        weeks.entry(week).or_default().entry(page.ledger).or_default().push(page);
    }
    weeks
}
