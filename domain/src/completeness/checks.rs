//! Balances as they were told, beside what was counted.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// What somebody said that an account holds, and what was counted then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub day: NaiveDate,
    pub balance: Decimal,
    /// The sum of the transactions that it should hold, without what was held before the first of them.
    pub counted: Decimal,
}

impl Told {
    /// What it held before the first transaction, if this is right: one amount for ever.
    pub fn opening(&self) -> Decimal {
        self.balance - self.counted
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    pub balance: Decimal,
    /// `balance` less what it should be.
    pub difference: Decimal,
}

/// The last check of each day, against the opening balance of the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    pub opening: Option<Decimal>,
    pub by_day: BTreeMap<NaiveDate, Check>,
}

impl Checks {
    /// `told` in its order.
    pub fn of(told: impl IntoIterator<Item = Told>) -> Self {
        let mut checks = Self::default();
        for told in told {
            let opening = *checks.opening.get_or_insert(told.opening());
            let check = Check { balance: told.balance, difference: told.opening() - opening };
            checks.by_day.insert(told.day, check);
        }
        checks
    }

    /// Whether the last balance is what it should be; `None` where none was told.
    pub fn agrees(&self) -> Option<bool> {
        self.by_day.values().next_back().map(|check| check.difference.is_zero())
    }

    /// From this day on it differs until now, and by how much on that day. What was settled by itself later, such as a
    /// movement between two answers, is no drift.
    pub fn first_difference(&self) -> Option<(NaiveDate, Decimal)> {
        let differing = self.by_day.iter().rev().take_while(|(_, check)| !check.difference.is_zero());
        differing.last().map(|(day, check)| (*day, check.difference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn checks(told: &[(u32, i64, i64)]) -> Checks {
        let told = told.iter().map(|(on, balance, counted)| (day(*on), Decimal::from(*balance), (*counted).into()));
        Checks::of(told.map(|(day, balance, counted)| Told { day, balance, counted }))
    }

    #[test]
    fn the_first_day_of_a_difference_that_stays_is_named() {
        let agreeing = checks(&[(1, 1000, 200), (2, 1100, 300), (3, 1050, 250)]);
        assert_eq!((agreeing.opening, agreeing.agrees()), (Some(800.into()), Some(true)));
        let passing = checks(&[(1, 10, 0), (2, 15, 0), (3, 15, 5)]);
        assert_eq!((passing.agrees(), passing.first_difference()), (Some(true), None));
        let drifting = checks(&[(1, 10, 0), (2, 10, 0), (3, 10, 7), (4, 12, 9)]);
        assert_eq!(drifting.agrees(), Some(false));
        assert_eq!(drifting.first_difference(), Some((day(3), (-7).into())));
        assert_eq!((checks(&[]).agrees(), checks(&[]).first_difference()), (None, None));
    }

    #[test]
    fn of_a_day_the_last_balance_counts() {
        let checks = checks(&[(1, 10, 0), (2, 10, 3), (2, 13, 3)]);
        assert_eq!((checks.agrees(), checks.first_difference()), (Some(true), None));
    }
}
