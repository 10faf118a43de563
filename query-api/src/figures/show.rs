//! How exact amounts are written.

use domain::Currency;
use rust_decimal::Decimal;

/// The exact amount with at least the currency's own decimals: `12.5 EUR` is `12.50`, `0.125 EUR` stays `0.125`.
pub fn exact_amount(amount: Decimal, currency: Currency) -> Decimal {
    let mut amount = amount.normalize();
    if amount.scale() < currency.exponent() {
        amount.rescale(currency.exponent());
    }
    amount
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_its_currencys_decimals_and_loses_none() {
        let shown = |amount: &str, code: &str| exact_amount(amount.parse().unwrap(), code.parse().unwrap()).to_string();
        assert_eq!(shown("12.5000", "EUR"), "12.50");
        assert_eq!(shown("0.125", "EUR"), "0.125");
        assert_eq!(shown("-7", "KWD"), "-7.000");
        assert_eq!(shown("1500", "JPY"), "1500");
        assert_eq!(shown("-0.00", "EUR"), "0.00");
    }
}
