//! The running balance that a file prints behind its rows: a check of the rows, and the balances before and after.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::completeness::{MOST_BALANCES, Span};
use domain::{Currency, TimeZone};
use rust_decimal::Decimal;

use super::formats::Overview;
use super::row::Row;

/// Rows by account, in the order in which accounts appear.
#[derive(Debug)]
pub struct Balances {
    /// Whose days are meant.
    zone: TimeZone,
    chains: Vec<(Arc<str>, Chain)>,
    /// Where the last row went: rows of an account mostly follow each other.
    last: usize,
    places: std::collections::HashMap<Arc<str>, usize>,
}

/// The rows of one account so far.
#[derive(Debug)]
struct Chain {
    currency: Currency,
    is_mixed: bool,
    rows: u64,
    with_balance: u64,
    first: Step,
    last: Step,
    /// Neighbours whose balances differ by the later row's amount, read downwards and upwards.
    down: u64,
    up: u64,
    /// The first pair that fits neither way.
    broken: Option<u64>,
    /// The earliest and the latest day.
    days: Option<(NaiveDate, NaiveDate)>,
    /// The first and the last balance of each day, in the order of the rows.
    printed: Vec<(NaiveDate, Decimal, Decimal)>,
    /// Balance on the latest day, where that day has one row.
    latest: Option<(NaiveDate, Option<Decimal>)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    amount: Decimal,
    balance: Option<Decimal>,
}

impl Balances {
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, chains: Vec::new(), last: 0, places: std::collections::HashMap::new() }
    }

    pub fn see(&mut self, row: &Row) {
        let place = match self.chains.get(self.last) {
            Some((account, _)) if *account == row.account => self.last,
            _ => *self.places.entry(row.account.clone()).or_insert(self.chains.len()),
        };
        if place == self.chains.len() {
            self.chains.push((row.account.clone(), Chain::new(row.currency)));
        }
        self.last = place;
        self.chains[place].1.see(row, row.booked.day(self.zone));
    }

    pub fn overview(&self) -> Overview {
        let mut overview = Overview::default();
        for (account, chain) in &self.chains {
            let (opening, closing) = chain.ends();
            let kept = overview.account(account, chain.currency);
            (kept.rows, kept.opening, kept.closing) = (chain.rows, opening, closing);
            chain.span(opening, closing).into_iter().for_each(|span| kept.covers(span));
            if let Some(line) = chain.broken.filter(|_| chain.is_whole() && opening.is_none()) {
                let text = format!(
                    "the balances printed for {account} do not follow from its amounts here; are rows missing or in no order?"
                );
                overview.warn(Some(line), text);
            }
        }
        overview
    }
}

impl Chain {
    fn new(currency: Currency) -> Self {
        let step = Step::default();
        Self {
            currency,
            is_mixed: false,
            rows: 0,
            with_balance: 0,
            first: step,
            last: step,
            down: 0,
            up: 0,
            broken: None,
            days: None,
            printed: Vec::new(),
            latest: None,
        }
    }

    fn see(&mut self, row: &Row, day: NaiveDate) {
        self.is_mixed |= row.currency != self.currency;
        let step = Step { amount: row.amount, balance: row.balance };
        if let (Some(before), Some(after)) = (self.last.balance, step.balance) {
            let down = before.checked_add(step.amount) == Some(after);
            let up = after.checked_add(self.last.amount) == Some(before);
            self.down += u64::from(down);
            self.up += u64::from(up);
            if !down && !up {
                self.broken.get_or_insert(row.line);
            }
        }
        if self.rows == 0 {
            self.first = step;
        }
        self.last = step;
        self.rows += 1;
        self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        self.with_balance += u64::from(step.balance.is_some());
        if let Some(balance) = row.balance {
            self.print(day, balance);
            match &mut self.latest {
                Some((latest, balance)) if *latest == day => *balance = None,
                Some((latest, _)) if *latest > day => {}
                latest => *latest = Some((day, row.balance)),
            }
        }
    }

    fn print(&mut self, day: NaiveDate, balance: Decimal) {
        match self.printed.last_mut() {
            Some((printed, _, last)) if *printed == day => *last = balance,
            _ => {
                if self.printed.len() < MOST_BALANCES {
                    self.printed.push((day, balance, balance));
                }
            }
        }
    }

    /// What was held at the end of each day, where the rows stand in the order of their days, one way or the other.
    fn held(&self) -> Vec<(NaiveDate, Decimal)> {
        if self.is_mixed || self.printed.len() < 2 {
            return Vec::new();
        }
        if self.printed.is_sorted_by(|one, next| one.0 < next.0) {
            return self.printed.iter().map(|(day, _, last)| (*day, *last)).collect();
        }
        if self.printed.is_sorted_by(|one, next| one.0 > next.0) {
            return self.printed.iter().rev().map(|(day, first, _)| (*day, *first)).collect();
        }
        Vec::new()
    }

    fn span(&self, opening: Option<Decimal>, closing: Option<Decimal>) -> Option<Span> {
        let (from, to) = self.days?;
        let mut balances = self.held();
        if balances.is_empty() {
            balances.extend(closing.map(|closing| (to, closing)));
        }
        Some(Span { from, to, opening, balances, is_stated: false })
    }

    fn is_whole(&self) -> bool {
        self.with_balance == self.rows && !self.is_mixed
    }

    /// Before the first and after the last row, by time.
    fn ends(&self) -> (Option<Decimal>, Option<Decimal>) {
        if !self.is_whole() || self.rows == 0 {
            return (None, None);
        }
        let before = |step: Step| step.balance.and_then(|balance| balance.checked_sub(step.amount));
        let pairs = self.rows - 1;
        if self.down == pairs {
            (before(self.first), self.last.balance)
        } else if self.up == pairs {
            (before(self.last), self.first.balance)
        } else {
            (None, self.latest.and_then(|(_, balance)| balance))
        }
    }
}
