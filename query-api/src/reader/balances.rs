//! Running balances by day.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::{AccountId, Currency};
use rust_decimal::Decimal;

use super::Reader;
use super::series::MOST_BUCKETS;
use super::view::{Known, View};
use crate::failure::Failure;
use crate::figures::{Grain, Period, Run, Terms, cover_until};
use crate::views::{AccountRow, Dim, Question, Scope, SumRow};

#[derive(Debug, Clone)]
pub struct Balances {
    pub known: Known,
    pub currency: Currency,
    /// One point for each day of the period.
    pub total: Vec<BalancePoint>,
    /// Accounts that have a transaction in this currency up to the period's end, by name.
    pub accounts: Vec<AccountBalance>,
}

#[derive(Debug, Clone)]
pub struct AccountBalance {
    pub account: AccountRow,
    pub closing: Option<Decimal>,
    /// One point for each day of the period.
    pub points: Vec<BalancePoint>,
}

/// The balance at the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalancePoint {
    pub day: NaiveDate,
    /// `None` from the first day on that lacks an exchange rate.
    pub balance: Option<Decimal>,
}

const OPENING: i32 = 0;
const DAYS: i32 = 1;
const MOST_POINTS: usize = 200_000;

#[derive(Debug, Default)]
struct Ledger {
    opening: Decimal,
    /// From this day on it is not known what it is worth.
    lacks_from: Option<NaiveDate>,
    moves: BTreeMap<NaiveDate, Decimal>,
}

impl Reader {
    /// Opening balances by whole years, months and days, then a step for each day.
    ///
    /// # Errors
    /// Invalid where the answer would hold more than 4,000 days or 200,000 points.
    pub async fn balances(&self, view: &View, period: Period, terms: impl Into<Terms>) -> Result<Balances, Failure> {
        let terms: Terms = terms.into();
        let currency = terms.currency;
        let days = usize::try_from(period.days()).unwrap_or(usize::MAX);
        if days > MOST_BUCKETS {
            return Err(Failure::invalid(format!(
                "Balances are given for at most {MOST_BUCKETS} days; ask for a shorter period."
            )));
        }
        let mut question = Question::new(Scope::default());
        question.ask(OPENING, Dim::Account, cover_until(period.from() - Days::new(1)));
        question.ask_buckets(DAYS, Dim::Account, Run { grain: Grain::Day, first: period.from(), last: period.to() });
        let rows = self.sums_in(view, question, terms).await?;
        let mut ledgers = ledgers(&rows, currency);
        if days.saturating_mul(ledgers.len()) > MOST_POINTS {
            return Err(Failure::invalid("The answer would be too long; ask for a shorter period."));
        }
        let mut total = vec![Some(Decimal::ZERO); days];
        let mut balances = Vec::with_capacity(ledgers.len());
        for account in self.accounts_of(view.business.id).await? {
            let Some(ledger) = ledgers.remove(&account.id) else { continue };
            let points = ledger.points(period);
            for (sum, point) in total.iter_mut().zip(&points) {
                *sum = sum.zip(point.balance).map(|(sum, balance)| sum + balance);
            }
            let closing = points.last().and_then(|point| point.balance);
            balances.push(AccountBalance { account, closing, points });
        }
        let total = period.from().iter_days().zip(total).map(|(day, balance)| BalancePoint { day, balance });
        Ok(Balances { known: view.known, currency, total: total.collect(), accounts: balances })
    }
}

fn ledgers(rows: &[SumRow], currency: Currency) -> BTreeMap<AccountId, Ledger> {
    let mut ledgers: BTreeMap<AccountId, Ledger> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.currency == currency) {
        let Ok(account) = row.key.parse() else { continue };
        let ledger = ledgers.entry(account).or_default();
        ledger.lacks_from = ledger.lacks_from.into_iter().chain(row.lack.map(|lack| lack.day)).min();
        match row.bucket {
            None => ledger.opening += row.sums.net(),
            Some(day) => *ledger.moves.entry(day).or_default() += row.sums.net(),
        }
    }
    ledgers
}

impl Ledger {
    fn points(&self, period: Period) -> Vec<BalancePoint> {
        let mut balance = self.opening;
        period
            .from()
            .iter_days()
            .take_while(|day| *day <= period.to())
            .map(|day| {
                balance += self.moves.get(&day).copied().unwrap_or_default();
                let is_known = self.lacks_from.is_none_or(|from| day < from);
                BalancePoint { day, balance: is_known.then_some(balance) }
            })
            .collect()
    }
}
