//! Providers' amounts as exact decimals.

use domain::Currency;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an amount is not a decimal number")]
pub struct MoneyError;

/// Stripe writes these without a minor unit, whatever ISO 4217 says.
const WITHOUT_MINOR_UNIT: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// And these with two digits, which are always 00.
const WITH_TWO: [&str; 2] = ["ISK", "UGX"];

/// A JSON number by its text: no binary float is ever in between.
pub fn from_number(number: &RawValue) -> Result<Decimal, MoneyError> {
    let text = number.get().trim();
    if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) }
        .map_err(|_| MoneyError)
}

/// Whole minor units, as Stripe counts them.
pub fn from_minor(units: i64, currency: Currency) -> Decimal {
    let places = match currency.code() {
        code if WITHOUT_MINOR_UNIT.contains(&code) => 0,
        code if WITH_TWO.contains(&code) => 2,
        _ => currency.exponent(),
    };
    Decimal::new(units, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_written() {
        let read = |text: &str| from_number(&RawValue::from_string(text.to_owned()).unwrap()).map(|it| it.to_string());
        assert_eq!(read("72.1").unwrap(), "72.1");
        assert_eq!(read("0.1").unwrap(), "0.1");
        assert_eq!(read("23631.9805").unwrap(), "23631.9805");
        assert_eq!(read("1e2").unwrap(), "100");
        assert_eq!(read("\"72\""), Err(MoneyError));
    }

    #[test]
    fn minor_units_are_those_of_the_provider() {
        let amount = |units, code: &str| from_minor(units, code.parse().unwrap()).to_string();
        assert_eq!(amount(10_800, "USD"), "108.00");
        assert_eq!(amount(1500, "JPY"), "1500");
        assert_eq!(amount(1500, "KWD"), "1.500");
        assert_eq!(amount(500, "ISK"), "5.00");
        assert_eq!(amount(500, "UGX"), "5.00");
    }
}
