//! What the company carries from day to day: balances, and amounts on which later bills depend.

use std::collections::VecDeque;

use chrono::NaiveDate;
use domain::Kind;

use super::Ledger;
use super::journal::Line;

#[derive(Debug, Clone, Default)]
pub(super) struct Books {
    balances: [i64; 4],
    /// What the processor took per day and has not paid out yet.
    held: VecDeque<(NaiveDate, i64)>,
    /// Coffee sold since green coffee was last bought, at sales prices.
    pub coffee_sold: i64,
    /// Parcels and café deliveries since the carriers last billed.
    pub parcels: i64,
    pub drops: i64,
    pub revenue_of_month: i64,
    pub revenue_of_quarter: i64,
    pub vat_owed: i64,
    /// What the card's closed statement asks for.
    pub card_statement: i64,
    /// The charges of today that the processor takes fees for: their number and sum.
    pub charges: (i64, i64),
    pub orders: i64,
    pub invoices: i64,
    /// Sales that will be paid back, with the day.
    pub refunds: Vec<(NaiveDate, Line)>,
    /// The month's card lines, which the accountant looks through.
    pub card_lines: Vec<Line>,
    /// Freight that follows a purchase of green coffee.
    pub freight: Vec<(NaiveDate, i64)>,
}

impl Books {
    pub fn enter(&mut self, line: &Line) {
        self.balances[line.ledger as usize] += line.pence;
        if matches!(line.kind, Kind::Revenue | Kind::Refund) {
            self.revenue_of_month += line.pence;
            self.revenue_of_quarter += line.pence;
        }
        if line.ledger == Ledger::Processor && line.kind != Kind::Settlement {
            self.hold(line.day(), line.pence);
        }
    }

    pub const fn balance(&self, ledger: Ledger) -> i64 {
        self.balances[ledger as usize]
    }

    fn hold(&mut self, day: NaiveDate, pence: i64) {
        match self.held.iter_mut().find(|(held, _)| *held == day) {
            Some((_, sum)) => *sum += pence,
            None => self.held.push_back((day, pence)),
        }
    }

    /// Takes out what the processor held up to and including a day.
    pub fn release_held(&mut self, until: NaiveDate) -> i64 {
        let due: i64 = self.held.iter().filter(|(day, _)| *day <= until).map(|(_, sum)| sum).sum();
        if due <= 0 {
            return 0;
        }
        self.held.retain(|(day, _)| *day > until);
        due
    }

    /// Takes out what is due today.
    pub fn refunds_due(&mut self, today: NaiveDate) -> Vec<Line> {
        let (due, later) = std::mem::take(&mut self.refunds).into_iter().partition(|(day, _)| *day <= today);
        self.refunds = later;
        let due: Vec<(NaiveDate, Line)> = due;
        due.into_iter().map(|(_, line)| line).collect()
    }

    pub fn freight_due(&mut self, today: NaiveDate) -> i64 {
        let due = self.freight.iter().filter(|(day, _)| *day <= today).map(|(_, pence)| pence).sum();
        self.freight.retain(|(day, _)| *day > today);
        due
    }
}
