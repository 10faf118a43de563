//! Keeps a demo business living: the planned lines of the day when their time comes, and ticks between them at a rate.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::account::Synced;
use domain::refusal::Code;
use sqlx::PgPool;
use streams::{CommandError, Commands};
use tokio_util::sync::CancellationToken;

use super::deliver::{Delivery, Standing};
use super::feed::{last_words, page};
use super::journal::What;
use super::tick::{Memory, Told, tick};
use super::{Cursor, Feed, Ledger, Page, Seed, seed, settings};

/// Events a minute besides the planned lines; 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u32);

impl Rate {
    /// At most 60,000 a minute: one each millisecond.
    pub fn per_minute(events: u32) -> Self {
        Self(events.min(60_000))
    }

    /// The time between two ticks.
    fn interval(self) -> Option<TimeDelta> {
        (self.0 > 0).then(|| TimeDelta::milliseconds(i64::from(60_000 / self.0)))
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self(6)
    }
}

/// Planned lines are looked for at least this often.
const QUIET: TimeDelta = TimeDelta::seconds(10);
/// Ticks that were slept through for longer than this are left out.
const MOST_BEHIND: TimeDelta = TimeDelta::seconds(10);

/// Seeds what is missing and then lives until the shutdown. A restart goes on without doubling anything. While the
/// store does not answer, it waits and then tells what it had to tell; only refusals end it.
pub async fn live(
    commands: &Commands,
    pool: &PgPool,
    which: Seed,
    rate: Rate,
    shutdown: CancellationToken,
) -> Result<(), CommandError> {
    let delivery = Delivery::new(commands, pool, which);
    let run = async {
        let today = settings().time_zone.day_of(Utc::now());
        persist(|| seed(commands, pool, which, today, |_| {})).await?;
        let standing = persist(|| delivery.standing(today)).await?;
        let mut life = Life::resume(which, standing);
        let every = rate.interval();
        loop {
            let now = Utc::now();
            for (ledger, pages) in life.step(now, every) {
                persist(|| delivery.send(ledger, &pages)).await?;
            }
            let wait = (Life::next(now, every) - Utc::now()).to_std().unwrap_or_default();
            tokio::time::sleep(wait).await;
        }
    };
    shutdown.run_until_cancelled(run).await.unwrap_or(Ok(()))
}

/// Tries again, slower and slower, while the failure may pass.
async fn persist<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, CommandError>
where
    F: Future<Output = Result<T, CommandError>>,
{
    let mut wait = Duration::from_millis(200);
    loop {
        match attempt().await {
            Err(error) if matches!(error.code(), Code::Unavailable | Code::Conflict | Code::Internal) => {
                tracing::warn!(%error, "the demo business waits");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(10));
            }
            done => return done,
        }
    }
}

/// The running state: pure, told the time.
#[derive(Debug)]
pub(super) struct Life {
    seed: Seed,
    start: NaiveDate,
    feed: Feed,
    memory: Memory,
    /// Ticks up to and including this moment are told.
    ticked: Option<DateTime<Utc>>,
}

impl Life {
    /// Goes on with what the accounts have not had.
    pub fn resume(seed: Seed, standing: Standing) -> Self {
        let Standing { start, delivered } = standing;
        let feed = Feed::from(seed, start).after(delivered);
        Self { seed, start, feed, memory: Memory::default(), ticked: None }
    }

    /// The moment of the next tick, or of the next look at the plan.
    pub fn next(now: DateTime<Utc>, every: Option<TimeDelta>) -> DateTime<Utc> {
        match every {
            Some(every) => (slot(now, every) + every).min(now + QUIET),
            None => now + QUIET,
        }
    }

    /// What became known until now, by account.
    pub fn step(&mut self, now: DateTime<Utc>, every: Option<TimeDelta>) -> BTreeMap<Ledger, Vec<Page>> {
        let mut pages: BTreeMap<Ledger, Vec<Page>> = BTreeMap::new();
        for mut page in self.feed.until(now) {
            page.batch = self.batch(page.ledger, now);
            pages.entry(page.ledger).or_default().push(page);
        }
        if let Some(every) = every {
            for (ledger, words) in self.ticks(now, every) {
                let words = last_words(words);
                let chunks = words.chunks(Synced::MOST);
                pages.entry(ledger).or_default().extend(chunks.map(|words| self.page(ledger, now, words)));
            }
        }
        pages
    }

    fn ticks(&mut self, now: DateTime<Utc>, every: TimeDelta) -> BTreeMap<Ledger, Vec<What>> {
        let newest = slot(now, every);
        let mut at = match self.ticked {
            Some(ticked) => slot(ticked.max(now - MOST_BEHIND), every) + every,
            None => newest,
        };
        let mut words: BTreeMap<Ledger, Vec<What>> = BTreeMap::new();
        while at <= newest {
            match tick(self.seed, at, &mut self.memory) {
                Some(Told::Lines(lines)) => {
                    for line in lines {
                        words.entry(line.ledger).or_default().push(What::Line(line.into_transaction(self.seed)));
                    }
                }
                Some(Told::Gone(line)) => {
                    let gone = What::Gone(self.seed.transaction(line.ledger, &line.key));
                    words.entry(line.ledger).or_default().push(gone);
                }
                None => {}
            }
            at += every;
        }
        self.ticked = Some(self.ticked.map_or(newest, |ticked| ticked.max(newest)));
        words
    }

    /// One batch for each account and hour.
    fn batch(&self, ledger: Ledger, now: DateTime<Utc>) -> domain::BatchId {
        self.seed.batch(ledger, &now.format("live:%Y-%m-%dT%H").to_string())
    }

    fn page(&self, ledger: Ledger, now: DateTime<Utc>, words: &[What]) -> Page {
        let cursor = Cursor { start: self.start, through: now };
        page(ledger, self.batch(ledger, now), cursor, words)
    }
}

/// The start of the interval that a moment lies in, counted from the epoch: the same whenever a process began.
fn slot(moment: DateTime<Utc>, every: TimeDelta) -> DateTime<Utc> {
    let (millis, every) = (moment.timestamp_millis(), every.num_milliseconds().max(1));
    DateTime::from_timestamp_millis(millis - millis.rem_euclid(every)).unwrap_or(moment)
}
