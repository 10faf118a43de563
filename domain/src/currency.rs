//! Currencies after ISO 4217.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A currency of ISO 4217, e.g. `GBP`; JSON is its three-letter code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "&'static str")]
pub struct Currency(iso_currency::Currency);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a currency code of ISO 4217; write three letters, such as EUR")]
pub struct UnknownCurrency(pub String);

impl Currency {
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD. 0 where ISO names none (gold, SDR).
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        iso_currency::Currency::from_code(&code).map(Self).ok_or_else(|| UnknownCurrency(text.to_owned()))
    }
}

impl TryFrom<Cow<'_, str>> for Currency {
    type Error = UnknownCurrency;

    fn try_from(text: Cow<'_, str>) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_unit_is_the_currencys_own() {
        let exponent = |code: &str| code.parse::<Currency>().unwrap().exponent();
        assert_eq!((exponent("eur"), exponent("JPY"), exponent("KWD")), (2, 0, 3));
        assert_eq!("XYZ?".parse::<Currency>(), Err(UnknownCurrency("XYZ?".into())));
    }
}
