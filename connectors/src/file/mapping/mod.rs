//! How the columns of a file become transactions: written by a person in TOML, or sent by the page as JSON.
//!
//! Whatever a mapping leaves out is detected from the file ([`super::detect`]); whatever it says is obeyed, and a
//! file that does not fit it is refused. `docs/importing.md` explains every key with examples.

mod amount;
pub(crate) mod check;
mod column;
mod rule;
#[cfg(test)]
mod tests;

use domain::{Category, Currency, Kind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use amount::{AmountSection, AmountStyle, DecimalMark, Thousands};
pub use column::{Column, Columns};
pub use rule::{Condition, Patterns, Rule, Sign};

/// A mapping. JSON has the same keys as TOML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// What a person calls it, e.g. `UK online retail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub file: FileSection,
    #[serde(skip_serializing_if = "is_default")]
    pub date: DateSection,
    #[serde(skip_serializing_if = "is_default")]
    pub amount: AmountSection,
    /// Absent: a column with a usual name, else the business's base currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencySection>,
    #[serde(skip_serializing_if = "is_default")]
    pub account: AccountSection,
    /// Absent: columns with usual names. Present: exactly these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Texts>,
    /// Rows that are no transactions, such as a line of totals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<Condition>,
    /// The first rule that matches gives category and kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Category and kind of rows that no rule and no category column speaks for.
    #[serde(skip_serializing_if = "is_default")]
    pub otherwise: Otherwise,
}

/// How the bytes become rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileSection {
    /// One ASCII character; a tab is `"\t"` or `"tab"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// A label of the WHATWG encoding standard, e.g. `windows-1252`. A byte order mark in the file wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// One ASCII character (`"` by default), or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Lines before the header row, or before the first row where there is no header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preamble: Option<u32>,
    /// `false` where the first row is already data; columns are then numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The header row that this mapping is for; a file with another one is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
}

/// When a row was booked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DateSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// The value date, printed as the date is: from when on the bank counts it for interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Column>,
    /// strftime, e.g. `%d.%m.%Y`. With `%H` a row has a moment, without it a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The first year of the hundred that two-digit years (`%y`) mean: 1950 reads 49 as 2049 and 50 as 1950.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pivot: Option<i32>,
    /// Where the file's clock hangs: `business` (the default) or an IANA zone such as `Europe/Prague`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// One of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CurrencySection {
    /// The same for every row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub always: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
}

/// The account of a row is called `name`, the column's value, or both (`Czech account 25`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
}

/// Optional facts of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// The provider's own id, unique within an account. Without it a row is known by its facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Column>,
    /// One or several, joined by a space.
    #[serde(skip_serializing_if = "Columns::is_empty")]
    pub description: Columns,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<Column>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Column>,
    /// Any text; it becomes a category where no rule matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Column>,
    /// The account's balance behind the row: a check, and the balances before and after the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Column>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Otherwise {
    /// Of amounts of zero and above; `income`, revenue by default.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub inflow: Option<Outcome>,
    /// Of amounts below zero; `expense`, expense by default.
    #[serde(rename = "out", skip_serializing_if = "Option::is_none")]
    pub outflow: Option<Outcome>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub category: Category,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

/// A mapping that cannot be used: which key, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mapping, {key}: {problem}")]
pub struct MappingError {
    /// Dotted, e.g. `amount.decimal` or `rules[2].category`.
    pub key: String,
    pub problem: String,
}

impl MappingError {
    pub(crate) fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into() }
    }
}

impl Mapping {
    /// Reads what a person wrote: JSON where it begins with `{`, else TOML.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('{') { Self::from_json(text) } else { Self::from_toml(text) }
    }

    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let table: toml::Table =
            toml::from_str(text).map_err(|error| MappingError::new("the file", format!("not valid TOML: {error}")))?;
        Self::read(toml::Value::Table(table))
    }

    pub fn from_json(text: &str) -> Result<Self, MappingError> {
        let value: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| MappingError::new("the text", format!("not valid JSON: {error}")))?;
        Self::read(value)
    }

    /// The mapping as a person would write it.
    pub fn to_toml(&self) -> String {
        // Its keys are strings and its values strings, numbers, lists and tables: all of them are TOML.
        toml::to_string(self).unwrap_or_default()
    }

    fn read<'de, D>(value: D) -> Result<Self, MappingError>
    where
        D: serde::Deserializer<'de>,
        D::Error: std::fmt::Display,
        Self: DeserializeOwned,
    {
        let mapping: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let key = error.path().to_string();
            let problem = error.into_inner().to_string();
            MappingError::new(if key == "." { "top level".to_owned() } else { key }, problem.trim().to_owned())
        })?;
        mapping.check()?;
        Ok(mapping)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
