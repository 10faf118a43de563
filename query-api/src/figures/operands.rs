//! The sums that figures are made of.

use std::ops::{Add, AddAssign, Sub};

use chrono::NaiveDate;
use domain::{Currency, Kind, Sums};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// Money of a currency moved on a day for which no exchange rate is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
pub struct Lack {
    pub day: NaiveDate,
    #[schema(value_type = String)]
    pub currency: Currency,
}

impl Lack {
    /// The earlier one stands for both.
    pub fn first(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        one.into_iter().chain(other).min()
    }
}

/// Sums by kind, in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindSums {
    sums: [Sums; Kind::ALL.len()],
    /// Where the sums of a kind are not all of it.
    lacks: [Option<Lack>; Kind::ALL.len()],
}

impl KindSums {
    pub fn of(kind: Kind, sums: Sums) -> Self {
        let mut all = Self::default();
        all.put(kind, sums);
        all
    }

    pub fn put(&mut self, kind: Kind, sums: Sums) {
        self.sums[kind as usize] += sums;
    }

    /// Some of it could not be converted.
    pub fn miss(&mut self, kind: Kind, lack: Option<Lack>) {
        let known = &mut self.lacks[kind as usize];
        *known = Lack::first(*known, lack);
    }

    /// What is missing of these kinds.
    pub fn lack(&self, counts: impl Fn(Kind) -> bool) -> Option<Lack> {
        Kind::ALL.into_iter().filter(|kind| counts(*kind)).filter_map(|kind| self.lacks[kind as usize]).min()
    }

    pub fn get(&self, kind: Kind) -> Sums {
        self.sums[kind as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = (Kind, Sums)> + '_ {
        Kind::ALL.into_iter().map(|kind| (kind, self.get(kind)))
    }

    /// Over all kinds.
    pub fn total(&self) -> Sums {
        self.sums.iter().copied().sum()
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
        self.sums.iter().all(|sums| sums.is_zero())
    }

    fn with(mut self, other: Self, sign: impl Fn(Sums) -> Sums) -> Self {
        for kind in Kind::ALL {
            self.put(kind, sign(other.get(kind)));
            self.miss(kind, other.lacks[kind as usize]);
        }
        self
    }
}

impl AddAssign for KindSums {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Add for KindSums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.with(other, |sums| sums)
    }
}

impl Sub for KindSums {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.with(other, |sums| -sums)
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
