//! Whether everything of an account is here, day by day.
//!
//! What somebody says an account holds must differ from what is counted by one amount for ever: what the account held
//! before the first transaction. A provider's balance is held against everything that was recorded when it said so:
//! both sides are of the same moment, so that what comes late is late on both. A balance of a statement file is one of
//! a day, and held against all that stands up to that day.

mod connected;
mod files;
mod standings;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::completeness::Checks;
use domain::{AccountId, Currency};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Reader;
use super::view::View;
use crate::failure::Failure;
use crate::figures::{Grain, Period, Run, cover_until};
use crate::views::{self, AccountRow, Dim, Question, Scope};

pub use standings::Standing;

/// Whether an account is complete.
#[derive(Debug, Clone)]
pub struct Completeness {
    pub account: AccountId,
    pub currency: Currency,
    pub covered: Option<Period>,
    pub gaps: Vec<Gap>,
    pub pending: i64,
    pub pending_amount: Decimal,
    pub refused: i64,
    /// `None`: nobody tells a balance.
    pub agrees: Option<bool>,
    /// From this day on it differs until now.
    pub first_difference: Option<NaiveDate>,
    /// What the account's history says of it.
    pub recorded: Option<Recorded>,
    pub days: Vec<CompletenessDay>,
}

/// The last that was recorded of an account's balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// `None`: they agree again.
    pub differs_from: Option<NaiveDate>,
    pub position: i64,
}

impl Recorded {
    fn of(account: &AccountRow) -> Option<Self> {
        let position = account.checked_at;
        (position > 0).then_some(Self { differs_from: account.differs_from, position })
    }
}

/// Days of which something is missing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub days: Period,
    pub why: &'static str,
}

#[derive(Debug, Clone)]
pub struct CompletenessDay {
    pub day: NaiveDate,
    pub opening: Decimal,
    pub movements: Decimal,
    pub closing: Decimal,
    /// What was said last of this day.
    pub told: Option<Decimal>,
    /// `told` less what it should be.
    pub difference: Option<Decimal>,
}

const OPENING: i32 = 0;
const DAYS: i32 = 1;
pub(crate) const MOST_DAYS: usize = 400;

/// What stands before a day, and what moved on each day from it on.
struct Movements {
    before: Decimal,
    by_day: BTreeMap<NaiveDate, Decimal>,
}

impl Reader {
    /// The statement of each account of a source, for the days of `period` up to today.
    pub async fn completeness(&self, view: &View, source: Uuid, period: Period) -> Result<Vec<Completeness>, Failure> {
        few_enough(period)?;
        let business = view.business.id;
        let accounts = self.accounts_of(business).await?.into_iter();
        let accounts: Vec<_> = accounts.filter(|one| one.source.map(|one| one.as_uuid()) == Some(source)).collect();
        let rows = views::connections(&self.pool, business).await?;
        if let Some(row) = rows.into_iter().find(|row| row.source == source) {
            return self.connected(view, &row, &accounts, period).await;
        }
        if accounts.is_empty() {
            return Err(Failure::not_found("There is no such source."));
        }
        let mut statements = Vec::new();
        for account in accounts.iter().take(MOST_ACCOUNTS) {
            statements.push(self.of_files(view, account, period).await?);
        }
        Ok(statements)
    }

    /// The statement of one account, wherever its transactions come from.
    pub async fn completeness_of(&self, view: &View, account: Uuid, period: Period) -> Result<Completeness, Failure> {
        few_enough(period)?;
        let accounts = self.accounts_of(view.business.id).await?;
        let account = accounts.into_iter().find(|one| one.id.as_uuid() == account);
        let account = account.ok_or_else(|| Failure::not_found("There is no such account."))?;
        let rows = views::connections(&self.pool, view.business.id).await?;
        let source = account.source.map(|source| source.as_uuid());
        let connected = match rows.into_iter().find(|row| Some(row.source) == source) {
            Some(row) => self.connected(view, &row, std::slice::from_ref(&account), period).await?.pop(),
            None => None,
        };
        match connected {
            Some(statement) => Ok(statement),
            None => self.of_files(view, &account, period).await,
        }
    }

    /// As known now.
    async fn movements(&self, view: &View, account: &AccountRow, days: Period) -> Result<Movements, Failure> {
        let mut question = Question::new(Scope { account: Some(account.id), category: None });
        question.ask(OPENING, Dim::Account, cover_until(days.from() - Days::new(1)));
        question.ask_buckets(DAYS, Dim::Account, Run { grain: Grain::Day, first: days.from(), last: days.to() });
        let mut moves = Movements { before: Decimal::ZERO, by_day: BTreeMap::new() };
        for row in self.sums(view, question).await?.iter().filter(|row| row.currency == account.currency) {
            match row.bucket {
                None => moves.before += row.sums.net(),
                Some(day) => *moves.by_day.entry(day).or_insert(Decimal::ZERO) += row.sums.net(),
            }
        }
        Ok(moves)
    }

    /// Opening, movements and closing of each day as known now.
    async fn days(
        &self,
        view: &View,
        account: &AccountRow,
        period: Period,
        checks: &Checks,
    ) -> Result<Vec<CompletenessDay>, Failure> {
        let Movements { before, by_day } = self.movements(view, account, period).await?;
        let mut balance = checks.opening.unwrap_or_default() + before;
        let mut days = Vec::new();
        for day in period.from().iter_days().take_while(|day| *day <= period.to().min(view.today)) {
            let movements = by_day.get(&day).copied().unwrap_or_default();
            let (opening, closing) = (balance, balance + movements);
            let check = checks.by_day.get(&day);
            let (told, difference) = (check.map(|check| check.balance), check.map(|check| check.difference));
            days.push(CompletenessDay { day, opening, movements, closing, told, difference });
            balance = closing;
        }
        Ok(days)
    }
}

/// Accounts of files of which statements are given at once: one file may bring thousands.
const MOST_ACCOUNTS: usize = 50;

fn few_enough(period: Period) -> Result<(), Failure> {
    if usize::try_from(period.days()).unwrap_or(usize::MAX) > MOST_DAYS {
        let text = format!("A statement has at most {MOST_DAYS} days; ask for a shorter period.");
        return Err(Failure::invalid(text));
    }
    Ok(())
}
