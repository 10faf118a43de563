//! In which currency figures are told.

use domain::Currency;

/// What stands for the base currency with all money in it, where a currency is asked for.
pub const BASE: &str = "BASE";

/// A currency, and whether money of other currencies is told in it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Terms {
    pub currency: Currency,
    pub converts: bool,
}

impl Terms {
    /// All money, each amount at the rate of its day.
    pub const fn all_in(currency: Currency) -> Self {
        Self { currency, converts: true }
    }
}

/// The money of one currency alone.
impl From<Currency> for Terms {
    fn from(currency: Currency) -> Self {
        Self { currency, converts: false }
    }
}
