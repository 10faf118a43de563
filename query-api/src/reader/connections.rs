//! Connections with their names, and whether what they brought is complete.
//!
//! What the provider says an account holds must differ from the sum of everything that was recorded when it said so by
//! one amount for ever: what the account held before the first transaction. Both sides are of the same moment, so that
//! what comes late is late on both.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::source::Health;
use domain::{AccountId, BusinessId, Currency};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Reader;
use super::view::View;
use crate::failure::Failure;
use crate::figures::{Grain, Period, Run, cover_until};
use crate::views::{self, AccountRow, ConnectionRow, Dim, Question, Scope, SyncRow, ToldRow};

/// A connection and what its user may do about it.
#[derive(Debug, Clone)]
pub struct Connection {
    pub row: ConnectionRow,
    pub name: String,
    pub advice: &'static str,
}

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
    /// `None`: the provider tells no balance.
    pub agrees: Option<bool>,
    /// From this day on it differs until now.
    pub first_difference: Option<NaiveDate>,
    pub days: Vec<CompletenessDay>,
}

/// Days of which nothing is known, and why.
#[derive(Debug, Clone)]
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
    /// What the provider said last on this day.
    pub told: Option<Decimal>,
    /// `told` less what was counted when it was told.
    pub difference: Option<Decimal>,
}

const OPENING: i32 = 0;
const DAYS: i32 = 1;
pub(crate) const MOST_DAYS: usize = 400;
const STALE: &str = "nothing was read since";
const WAITS: &str = "the source waits for its user";

impl Reader {
    pub async fn connections(&self, business: BusinessId) -> Result<Vec<Connection>, Failure> {
        let rows = views::connections(&self.pool, business).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let sources = self.sources_of(business).await?;
        let names: HashMap<Uuid, String> = sources.into_iter().map(|row| (row.id.as_uuid(), row.name)).collect();
        let connection = |row: ConnectionRow| Connection {
            name: names.get(&row.source).cloned().unwrap_or_default(),
            advice: Health::ALL
                .into_iter()
                .find(|health| health.as_str() == row.health)
                .map_or("", |health| health.advice_for(row.reason.as_deref())),
            row,
        };
        Ok(rows.into_iter().map(connection).collect())
    }

    pub async fn syncs(
        &self,
        business: BusinessId,
        source: Uuid,
        first: i32,
        after: Option<i64>,
    ) -> Result<Vec<SyncRow>, Failure> {
        if !(1..=500).contains(&first) {
            return Err(Failure::invalid("A page has 1 to 500 rows."));
        }
        Ok(views::syncs(&self.pool, business, source, first.into(), after).await?)
    }

    /// The statement of each account of a source, for the days of `period` up to today.
    pub async fn completeness(&self, view: &View, source: Uuid, period: Period) -> Result<Vec<Completeness>, Failure> {
        if usize::try_from(period.days()).unwrap_or(usize::MAX) > MOST_DAYS {
            return Err(Failure::invalid(format!(
                "A statement has at most {MOST_DAYS} days; ask for a shorter period."
            )));
        }
        let business = view.business.id;
        let rows = views::connections(&self.pool, business).await?;
        let Some(row) = rows.into_iter().find(|row| row.source == source) else {
            return Err(Failure::not_found("There is no such source."));
        };
        let zone = view.business.time_zone.name();
        let told = views::told(&self.pool, business, source, zone, period.from()).await?;
        let counted = self.counted(business, &told, view.today).await?;
        let pending = views::pending(&self.pool, source).await?;
        let refused = views::refused(&self.pool, source).await?;
        let mut statements = Vec::new();
        for account in self.accounts_of(business).await? {
            if account.source.map(|source| source.as_uuid()) != Some(source) {
                continue;
            }
            let told: Vec<_> =
                told.iter().zip(&counted).filter(|(told, _)| told.account == account.id.as_uuid()).collect();
            let checks = Checks::of(&told);
            let waiting = pending.iter().find(|(id, ..)| *id == account.id.as_uuid());
            let (number, amount) = waiting.map_or((0, Decimal::ZERO), |(_, number, amount)| (*number, *amount));
            let (first, days) = self.days(view, &account, period, &checks).await?;
            let covered = covered(&row, first, view);
            statements.push(Completeness {
                account: account.id,
                currency: account.currency,
                gaps: gaps(&row, covered, view.today),
                covered,
                pending: number,
                pending_amount: amount,
                refused,
                agrees: checks.agrees(),
                first_difference: checks.first_difference(),
                days,
            });
        }
        Ok(statements)
    }

    /// The sum of the account's transactions as known at the position of each balance.
    async fn counted(&self, business: BusinessId, told: &[ToldRow], today: NaiveDate) -> Result<Vec<Decimal>, Failure> {
        let mut positions: Vec<i64> = told.iter().map(|told| told.position).collect();
        positions.sort_unstable();
        positions.dedup();
        let mut question = Question::new(Scope::default());
        question.ask(OPENING, Dim::Account, cover_until(today + Days::new(366)));
        let mut sums: HashMap<(i64, String), Decimal> = HashMap::new();
        for positions in positions.chunks(100) {
            for row in views::sums(&self.pool, business, &question, positions).await? {
                let position = positions.get(row.seen).copied().unwrap_or_default();
                *sums.entry((position, row.key.clone())).or_default() += row.sums.net();
            }
        }
        let sum = |told: &ToldRow| sums.get(&(told.position, told.account.to_string())).copied().unwrap_or_default();
        Ok(told.iter().map(sum).collect())
    }

    /// Opening, movements and closing of each day as known now, and the day of the first transaction.
    async fn days(
        &self,
        view: &View,
        account: &AccountRow,
        period: Period,
        checks: &Checks,
    ) -> Result<(Option<NaiveDate>, Vec<CompletenessDay>), Failure> {
        let mut question = Question::new(Scope { account: Some(account.id), category: None });
        question.ask(OPENING, Dim::Account, cover_until(period.from() - Days::new(1)));
        question.ask_buckets(DAYS, Dim::Account, Run { grain: Grain::Day, first: period.from(), last: period.to() });
        let (mut balance, mut moves) = (checks.opening.unwrap_or_default(), BTreeMap::new());
        for row in self.sums(view, question).await?.iter().filter(|row| row.currency == account.currency) {
            match row.bucket {
                None => balance += row.sums.net(),
                Some(day) => *moves.entry(day).or_insert(Decimal::ZERO) += row.sums.net(),
            }
        }
        let first = self.first_day(view, account.id).await?;
        let mut days = Vec::new();
        for day in period.from().iter_days().take_while(|day| *day <= period.to().min(view.today)) {
            let movements = moves.get(&day).copied().unwrap_or_default();
            let check = checks.by_day.get(&day);
            days.push(CompletenessDay {
                day,
                opening: balance,
                movements,
                closing: balance + movements,
                told: check.map(|check| check.0),
                difference: check.map(|check| check.1),
            });
            balance += movements;
        }
        Ok((first, days))
    }

    async fn first_day(&self, view: &View, account: AccountId) -> Result<Option<NaiveDate>, Failure> {
        Ok(views::account_begins(&self.pool, view.business.id, account, view.known.position).await?)
    }
}

/// What was told beside what was counted, in their order.
struct Checks {
    opening: Option<Decimal>,
    /// Told, and by how much it differs.
    by_day: BTreeMap<NaiveDate, (Decimal, Decimal)>,
}

impl Checks {
    fn of(told: &[(&ToldRow, &Decimal)]) -> Self {
        let opening = told.first().map(|(told, counted)| told.current - (**counted - told.pending));
        let mut by_day = BTreeMap::new();
        for (told, counted) in told {
            let expected = opening.unwrap_or_default() + **counted - told.pending;
            by_day.insert(told.day, (told.current, told.current - expected));
        }
        Self { opening, by_day }
    }

    fn agrees(&self) -> Option<bool> {
        self.by_day.values().next_back().map(|(_, difference)| difference.is_zero())
    }

    /// What was settled by itself later, such as a movement between two answers, is no drift.
    fn first_difference(&self) -> Option<NaiveDate> {
        let differing = self.by_day.iter().rev().take_while(|(_, (_, difference))| !difference.is_zero());
        differing.last().map(|(day, _)| *day)
    }
}

fn covered(row: &ConnectionRow, first: Option<NaiveDate>, view: &View) -> Option<Period> {
    let zone = view.business.time_zone;
    let last = row.last_success.map(|at: DateTime<Utc>| zone.day_of(at))?;
    let from = [first, row.history_from].into_iter().flatten().min()?;
    Period::try_new(from, last).ok()
}

fn gaps(row: &ConnectionRow, covered: Option<Period>, today: NaiveDate) -> Vec<Gap> {
    let Some(covered) = covered else { return Vec::new() };
    let next = covered.to() + Days::new(1);
    let why = if row.next_sync.is_none() { WAITS } else { STALE };
    Period::try_new(next, today).map(|days| Gap { days, why }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(day: u32, current: i64, pending: i64) -> ToldRow {
        let day = NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        ToldRow { account: Uuid::nil(), day, current: current.into(), pending: pending.into(), position: 0 }
    }

    fn checks(rows: &[(ToldRow, i64)]) -> Checks {
        let counted: Vec<Decimal> = rows.iter().map(|(_, counted)| Decimal::from(*counted)).collect();
        Checks::of(&rows.iter().map(|(told, _)| told).zip(&counted).collect::<Vec<_>>())
    }

    #[test]
    fn the_first_day_of_a_difference_that_stays_is_named() {
        let agreeing = checks(&[(told(1, 1000, 0), 200), (told(2, 1100, -50), 250), (told(3, 1050, 0), 250)]);
        assert_eq!((agreeing.opening, agreeing.agrees()), (Some(800.into()), Some(true)));
        let passing = checks(&[(told(1, 10, 0), 0), (told(2, 15, 0), 0), (told(3, 15, 0), 5)]);
        assert_eq!((passing.agrees(), passing.first_difference()), (Some(true), None));
        let drifting = checks(&[(told(1, 10, 0), 0), (told(2, 10, 0), 0), (told(3, 10, 0), 7), (told(4, 12, 0), 9)]);
        assert_eq!(drifting.agrees(), Some(false));
        assert_eq!(drifting.first_difference(), NaiveDate::from_ymd_opt(2026, 3, 3));
        assert_eq!(checks(&[]).agrees(), None);
    }
}
