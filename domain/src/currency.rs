//! Currencies after ISO 4217, today's and those that it lists as withdrawn: old statements name them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A currency of ISO 4217, e.g. `GBP`; JSON is its three-letter code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "&'static str")]
pub struct Currency(Known);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Known {
    Current(iso_currency::Currency),
    /// By its place in [`WITHDRAWN`].
    Withdrawn(u8),
}

/// ISO 4217, list three: code and decimals of the minor unit. Codes that are older than 1990 are left out.
const WITHDRAWN: [(&str, u8); 40] = [
    ("ADP", 0),
    ("ATS", 2),
    ("AZM", 2),
    ("BEF", 0),
    ("BGL", 2),
    ("BYR", 0),
    ("CSD", 2),
    ("CYP", 2),
    ("DEM", 2),
    ("EEK", 2),
    ("ESP", 0),
    ("FIM", 2),
    ("FRF", 2),
    ("GHC", 2),
    ("GRD", 0),
    ("HRK", 2),
    ("IEP", 2),
    ("ITL", 0),
    ("LTL", 2),
    ("LUF", 0),
    ("LVL", 2),
    ("MRO", 2),
    ("MTL", 2),
    ("MZM", 2),
    ("NLG", 2),
    ("PLZ", 2),
    ("PTE", 0),
    ("ROL", 2),
    ("RUR", 2),
    ("SIT", 2),
    ("SKK", 2),
    ("SLL", 2),
    ("STD", 2),
    ("TRL", 0),
    ("VEB", 2),
    ("VEF", 2),
    ("XEU", 2),
    ("YUM", 2),
    ("ZMK", 2),
    ("ZWL", 2),
];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a currency code of ISO 4217; write three letters, such as EUR")]
pub struct UnknownCurrency(pub String);

impl Currency {
    pub fn code(self) -> &'static str {
        match self.0 {
            Known::Current(currency) => currency.code(),
            Known::Withdrawn(place) => WITHDRAWN[usize::from(place)].0,
        }
    }

    /// Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD. 0 where ISO names none (gold, SDR).
    pub fn exponent(self) -> u32 {
        match self.0 {
            Known::Current(currency) => currency.exponent().map_or(0, u32::from),
            Known::Withdrawn(place) => u32::from(WITHDRAWN[usize::from(place)].1),
        }
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        let withdrawn = || {
            let place = WITHDRAWN.iter().position(|(known, _)| *known == code)?;
            u8::try_from(place).ok().map(Known::Withdrawn)
        };
        let known = iso_currency::Currency::from_code(&code).map(Known::Current).or_else(withdrawn);
        known.map(Self).ok_or_else(|| UnknownCurrency(text.to_owned()))
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
        assert_eq!((exponent("DEM"), exponent("itl")), (2, 0), "withdrawn, but old statements have them");
        assert!(WITHDRAWN.iter().all(|(code, _)| code.parse::<Currency>().is_ok_and(|parsed| parsed.code() == *code)));
        assert_eq!("XYZ?".parse::<Currency>(), Err(UnknownCurrency("XYZ?".into())));
    }
}
