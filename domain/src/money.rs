//! Money: an exact decimal with its currency, and sums of it by sign.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::Currency;

/// An exact amount of one currency; plus means money in.
///
/// An amount with more decimals than the currency has (a unit price of 0.125 GBP) is kept as it is and rounded only
/// for show: a sum of rounded lines is not the rounded sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

impl Money {
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    pub const fn amount(self) -> Decimal {
        self.amount
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Rounded half away from zero to the currency's minor unit, for show.
    pub fn rounded(self) -> Decimal {
        let places = self.currency.exponent();
        let mut rounded = self.amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(places);
        rounded
    }

    /// The sum, or `None` where the currencies differ (there is no such sum without a rate) or it overflows.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        self.amount.checked_add(other.amount).map(|amount| Self { amount, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rounded(), self.currency)
    }
}

/// Amounts of one currency, split by sign; both sides are positive for money that came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    #[serde(rename = "in")]
    pub inflow: Decimal,
    #[serde(rename = "out")]
    pub outflow: Decimal,
    pub count: i64,
}

impl Sums {
    /// The sums of a single amount.
    pub fn of(amount: Decimal) -> Self {
        let zero = Decimal::ZERO;
        if amount < zero {
            Self { inflow: zero, outflow: -amount, count: 1 }
        } else {
            Self { inflow: amount, outflow: zero, count: 1 }
        }
    }

    pub fn net(self) -> Decimal {
        self.inflow - self.outflow
    }

    pub fn is_zero(self) -> bool {
        self == Self::default()
    }
}

impl std::ops::Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            inflow: self.inflow + other.inflow,
            outflow: self.outflow + other.outflow,
            count: self.count + other.count,
        }
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::ops::Neg for Sums {
    type Output = Self;

    fn neg(self) -> Self {
        Self { inflow: -self.inflow, outflow: -self.outflow, count: -self.count }
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), |total, sums| total + sums)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amounts() -> impl Strategy<Value = Vec<Decimal>> {
        prop::collection::vec((-1_000_000_000_i64..1_000_000_000, 0_u32..6), 0..50)
            .prop_map(|pairs| pairs.into_iter().map(|(n, scale)| Decimal::new(n, scale)).collect())
    }

    proptest! {
        #[test]
        fn sums_by_sign_give_the_plain_sum(amounts in amounts()) {
            let sums: Sums = amounts.iter().copied().map(Sums::of).sum();
            prop_assert_eq!(sums.net(), amounts.iter().copied().sum::<Decimal>());
            prop_assert!(sums.inflow >= Decimal::ZERO && sums.outflow >= Decimal::ZERO);
        }

        #[test]
        fn what_is_added_and_taken_away_leaves_nothing(amounts in amounts()) {
            let sums: Sums = amounts.iter().copied().map(Sums::of).sum();
            prop_assert!((sums + -sums).is_zero());
        }
    }

    #[test]
    fn rounding_is_for_show_only() {
        let gbp = "GBP".parse().unwrap();
        let money = Money::new(Decimal::new(15_305, 3), gbp);
        assert_eq!(money.to_string(), "15.31 GBP");
        assert_eq!(money.amount().to_string(), "15.305");
        assert_eq!(money.checked_add(Money::new(Decimal::ONE, "EUR".parse().unwrap())), None);
    }
}
