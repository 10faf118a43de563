//! The company, one day after the other.

use chrono::{Days, NaiveDate, Utc};

use super::books::Books;
use super::dice::Dice;
use super::journal::{Journal, Line, Report};
use super::{Seed, bar, bills, calendar, card, green, online, staff, taxes, trade, treasury};

/// A pure function of seed and first day, asked day by day.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    seed: Seed,
    start: NaiveDate,
    next: NaiveDate,
    books: Books,
}

impl Company {
    pub fn founded(seed: Seed, start: NaiveDate) -> Self {
        Self { seed, start, next: start, books: Books::default() }
    }

    /// The day that comes next.
    pub const fn next_day(&self) -> NaiveDate {
        self.next
    }

    /// Everything that follows from the next day; parts of it become known only later.
    pub fn live_a_day(&mut self) -> Vec<Report> {
        let date = self.next;
        self.next = date + Days::new(1);
        let mut journal = Journal { seed: self.seed, reports: Vec::new() };
        let month = calendar::month_of(self.start, date);
        let mut day = Day { date, month, first: date == self.start, books: &mut self.books, journal: &mut journal };
        treasury::open(&mut day);
        online::post(&mut day);
        bar::post(&mut day);
        trade::post(&mut day);
        online::refund(&mut day);
        green::post(&mut day);
        bills::post(&mut day);
        card::post(&mut day);
        staff::post(&mut day);
        taxes::post(&mut day);
        treasury::close(&mut day);
        journal.reports
    }
}

/// One day, while it is written.
#[derive(Debug)]
pub(crate) struct Day<'a> {
    pub date: NaiveDate,
    /// Months since the history began.
    pub month: i64,
    /// The very first day.
    pub first: bool,
    pub books: &'a mut Books,
    pub journal: &'a mut Journal,
}

impl Day<'_> {
    pub fn dice(&self, scope: &str) -> Dice {
        Dice::of(self.journal.seed, scope, i64::from(chrono::Datelike::num_days_from_ce(&self.date)))
    }

    pub const fn seed(&self) -> Seed {
        self.journal.seed
    }

    /// A line that becomes known when its source usually shows it.
    pub fn post(&mut self, line: Line) {
        let known_at = line.usually_known();
        self.post_known(line, known_at);
    }

    /// A line that becomes known at its own time.
    pub fn post_known(&mut self, line: Line, known_at: chrono::DateTime<Utc>) {
        self.books.enter(&line);
        self.journal.report(line, known_at);
    }

    /// How far the company has grown, in thousandths of its beginning.
    pub fn growth(&self) -> i64 {
        1000 + 10 * self.month.min(36) + 2 * (self.month - 36).max(0)
    }

    /// Whether coffee prices have been raised.
    pub const fn is_dear(&self) -> bool {
        self.month >= PRICE_RISE_MONTH
    }

    /// The amount at today's prices.
    pub const fn priced(&self, pence: i64) -> i64 {
        if self.is_dear() { raised(pence) } else { pence }
    }
}

/// The month, counted from the first, in which coffee prices rise by 8 %.
pub(crate) const PRICE_RISE_MONTH: i64 = 13;

/// A price after the rise, in steps of five pence.
pub(crate) const fn raised(pence: i64) -> i64 {
    (pence * 108 / 100 + 2) / 5 * 5
}
