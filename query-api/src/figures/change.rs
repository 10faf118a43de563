//! How a figure moved.

use std::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Up,
    Down,
    Stable,
}

/// A change of less than half a percent, up or down, is called stable.
pub const STABLE_BELOW_PERCENT: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

/// A change with its direction. Everything is absent where one of the two values is undefined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    pub difference: Option<Decimal>,
    /// In percent of |before|, two decimals; absent where `before` is 0.
    pub percent: Option<Decimal>,
    /// By percent against [`STABLE_BELOW_PERCENT`]; by the sign of the difference where there is no percentage.
    pub direction: Option<Direction>,
}

pub fn compare_values(value: Option<Decimal>, before: Option<Decimal>) -> Compared {
    let (Some(value), Some(before)) = (value, before) else { return Compared::default() };
    let difference = value - before;
    let exact = exact_percent(value, before);
    let moved = match exact {
        Some(percent) if percent.abs() < STABLE_BELOW_PERCENT => Ordering::Equal,
        _ => difference.cmp(&Decimal::ZERO),
    };
    let direction = match moved {
        Ordering::Less => Direction::Down,
        Ordering::Equal => Direction::Stable,
        Ordering::Greater => Direction::Up,
    };
    Compared { difference: Some(difference), percent: exact.map(rounded), direction: Some(direction) }
}

/// In percent of |before|, two decimals; `None` where `before` is 0 or the quotient has too many digits to mean
/// anything.
pub fn percent_change(value: Decimal, before: Decimal) -> Option<Decimal> {
    exact_percent(value, before).map(rounded)
}

fn exact_percent(value: Decimal, before: Decimal) -> Option<Decimal> {
    (value - before).checked_div(before.abs())?.checked_mul(Decimal::ONE_HUNDRED)
}

fn rounded(percent: Decimal) -> Decimal {
    percent.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compared(value: &str, before: &str) -> Compared {
        compare_values(Some(value.parse().unwrap()), Some(before.parse().unwrap()))
    }

    #[test]
    fn half_a_percent_is_the_threshold() {
        assert_eq!(compared("100.49", "100").direction, Some(Direction::Stable));
        assert_eq!(compared("100.50", "100").direction, Some(Direction::Up));
        assert_eq!(compared("99.50", "100").direction, Some(Direction::Down));
        assert_eq!(compared("100.496", "100").percent, Some("0.50".parse().unwrap()));
        assert_eq!(compared("100.496", "100").direction, Some(Direction::Stable));
    }

    #[test]
    fn percent_is_of_the_absolute_value() {
        let recovered = compared("50", "-100");
        assert_eq!(recovered.percent, Some("150".parse().unwrap()));
        assert_eq!(recovered.direction, Some(Direction::Up));
    }

    #[test]
    fn from_nothing_there_is_no_percentage_but_a_direction() {
        assert_eq!(compared("5", "0").percent, None);
        assert_eq!(compared("5", "0").direction, Some(Direction::Up));
        assert_eq!(compared("0", "0").direction, Some(Direction::Stable));
        assert_eq!(compare_values(None, Some(Decimal::ONE)), Compared::default());
    }

    proptest! {
        #[test]
        fn before_and_difference_give_the_value(value in -1_000_000_i64..1_000_000, before in -1_000_000_i64..1_000_000) {
            let (value, before) = (Decimal::new(value, 2), Decimal::new(before, 2));
            let compared = compare_values(Some(value), Some(before));
            prop_assert_eq!(before + compared.difference.unwrap(), value);
            if let Some(percent) = compared.percent {
                let sign = percent.cmp(&Decimal::ZERO);
                prop_assert!(sign == Ordering::Equal || sign == value.cmp(&before));
            }
        }
    }
}
