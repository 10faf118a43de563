//! What describes a feed.

use std::collections::BTreeMap;

use domain::{Currency, Kind};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// As people call it.
    pub title: String,
    pub url: String,
    #[serde(default)]
    pub auth: Auth,
    pub format: Format,
    /// JSON: a pointer to the list, e.g. `/data/items`; empty where the answer is the list.
    #[serde(default)]
    pub rows: String,
    /// CSV: what is between two columns.
    #[serde(default = "comma")]
    pub delimiter: char,
    #[serde(default)]
    pub paging: Paging,
    /// Asks only for what is new.
    pub since: Option<Since>,
    /// Where a row names none.
    pub currency: Currency,
    pub fields: Fields,
    /// Of dates that are not ISO 8601: e.g. `%d/%m/%Y`, or `unix` for seconds.
    pub date_format: Option<String>,
    #[serde(default = "point")]
    pub decimal: char,
    /// Amounts are whole minor units.
    #[serde(default)]
    pub minor_units: bool,
    /// Plus is money out.
    #[serde(default)]
    pub negated: bool,
    /// Kinds by the value of `fields.kind`. What is not named is revenue where money comes in, else expense.
    #[serde(default)]
    pub kinds: BTreeMap<String, Kind>,
}

const fn comma() -> char {
    ','
}

const fn point() -> char {
    '.'
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Json,
    Csv,
}

/// How the key is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    pub header: String,
    #[serde(default)]
    pub prefix: String,
}

impl Default for Auth {
    fn default() -> Self {
        Self { header: "authorization".to_owned(), prefix: "Bearer ".to_owned() }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// One answer holds everything.
    #[default]
    None,
    /// The answer says what to ask for next, at a JSON pointer; nothing, null or an empty text ends the list.
    Cursor { parameter: String, pointer: String },
    /// Pages by number; one without rows ends the list.
    Page {
        parameter: String,
        #[serde(default = "one")]
        first: u64,
    },
}

const fn one() -> u64 {
    1
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Since {
    pub parameter: String,
    #[serde(default)]
    pub format: SinceFormat,
    /// Which field it compares; the date where none is named.
    pub field: Option<String>,
    /// Days of history at the first time.
    #[serde(default = "year")]
    pub days: u32,
    /// Days that are asked for again each time: rows may show later than they say.
    #[serde(default = "few")]
    pub overlap_days: u32,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinceFormat {
    #[default]
    Date,
    Rfc3339,
    Unix,
}

const fn year() -> u32 {
    366
}

const fn few() -> u32 {
    3
}

/// JSON: pointers within a row, e.g. `/amount/value`. CSV: names of columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    pub id: String,
    pub date: String,
    /// From when on it counts for interest, or the money can be used; written as `date` is.
    pub value_date: Option<String>,
    pub amount: String,
    pub currency: Option<String>,
    pub description: Option<String>,
    pub counterparty: Option<String>,
    pub category: Option<String>,
    pub kind: Option<String>,
}
