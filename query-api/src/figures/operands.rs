//! The sums that figures are made of.

use std::ops::{Add, AddAssign, Sub};

use domain::{Kind, Sums};
use rust_decimal::Decimal;

/// Sums by kind, of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindSums([Sums; Kind::ALL.len()]);

impl KindSums {
    pub fn of(kind: Kind, sums: Sums) -> Self {
        let mut all = Self::default();
        all.put(kind, sums);
        all
    }

    pub fn put(&mut self, kind: Kind, sums: Sums) {
        self.0[kind as usize] += sums;
    }

    pub fn get(&self, kind: Kind) -> Sums {
        self.0[kind as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = (Kind, Sums)> + '_ {
        Kind::ALL.into_iter().map(|kind| (kind, self.get(kind)))
    }

    /// Over all kinds.
    pub fn total(&self) -> Sums {
        self.0.iter().copied().sum()
    }

    /// Over the operating kinds.
    pub fn operating(&self) -> Sums {
        self.iter().filter(|(kind, _)| kind.is_operating()).map(|(_, sums)| sums).sum()
    }

    /// Net of revenue and refunds.
    pub fn revenue(&self) -> Decimal {
        self.get(Kind::Revenue).net() + self.get(Kind::Refund).net()
    }

    /// What expenses and taxes took, as a positive amount.
    pub fn expenses(&self) -> Decimal {
        -(self.get(Kind::Expense).net() + self.get(Kind::Tax).net())
    }

    pub fn profit(&self) -> Decimal {
        self.revenue() - self.expenses()
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|sums| sums.is_zero())
    }
}

impl AddAssign for KindSums {
    fn add_assign(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

impl Add for KindSums {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sub for KindSums {
    type Output = Self;

    fn sub(mut self, other: Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += -theirs;
        }
        self
    }
}

/// Everything that any figure of one period is computed from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operands {
    /// Of the period.
    pub period: KindSums,
    /// From the beginning up to and including the period's last day.
    pub closing: KindSums,
    /// Of the last three full months up to the period's last day.
    pub quarter: KindSums,
    /// Whether transactions reach back into the first of these months: before that an average would be of fewer.
    pub three_months_known: bool,
}
