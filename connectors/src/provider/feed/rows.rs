//! The rows of an answer, as texts: no number ever becomes a binary float.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::config::{Config, Format};
use crate::provider::ProviderError;

fn unreadable(what: impl Into<String>) -> ProviderError {
    ProviderError::unintelligible(what)
}

/// A row of either format.
pub enum Row<'a> {
    Json(&'a RawValue),
    Csv(HashMap<String, String>),
}

impl Row<'_> {
    /// The text of a field; `None` where it is absent, null or empty.
    pub fn get(&self, field: &str) -> Option<String> {
        let text = match self {
            Self::Json(row) => text_of(at(row, field)?)?,
            Self::Csv(row) => row.get(field)?.clone(),
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// What a pointer of RFC 6901 points at.
fn at<'a>(value: &'a RawValue, pointer: &str) -> Option<&'a RawValue> {
    let Some(path) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(value) };
    path.split('/').try_fold(value, |value, token| {
        let token = token.replace("~1", "/").replace("~0", "~");
        if value.get().starts_with('[') {
            serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()?.get(token.parse::<usize>().ok()?).copied()
        } else {
            serde_json::from_str::<HashMap<String, &RawValue>>(value.get()).ok()?.get(&token).copied()
        }
    })
}

/// A text as it is meant, a number as it is written.
fn text_of(value: &RawValue) -> Option<String> {
    match value.get() {
        "null" => None,
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        text if text.starts_with(['{', '[']) => None,
        text => Some(text.to_owned()),
    }
}

/// What of an answer matters: its rows, and what a pointer says of the next page.
pub struct Found<'a> {
    pub rows: Vec<Row<'a>>,
    pub next: Option<String>,
}

pub fn read<'a>(config: &Config, body: &'a [u8], next: Option<&str>) -> Result<Found<'a>, ProviderError> {
    match config.format {
        Format::Json => json(config, body, next),
        Format::Csv => Ok(Found { rows: csv(config, body)?, next: None }),
    }
}

fn json<'a>(config: &Config, body: &'a [u8], next: Option<&str>) -> Result<Found<'a>, ProviderError> {
    let whole: &RawValue = serde_json::from_slice(body).map_err(|_| unreadable("the answer is not JSON"))?;
    let list = at(whole, &config.rows).ok_or_else(|| unreadable(format!("there is no {}", config.rows)))?;
    let rows: Vec<&RawValue> =
        serde_json::from_str(list.get()).map_err(|_| unreadable(format!("\"{}\" is no list", config.rows)))?;
    let next = next.and_then(|pointer| text_of(at(whole, pointer)?)).filter(|text| !text.is_empty());
    Ok(Found { rows: rows.into_iter().map(Row::Json).collect(), next })
}

fn csv(config: &Config, body: &[u8]) -> Result<Vec<Row<'static>>, ProviderError> {
    let delimiter = u8::try_from(config.delimiter).map_err(|_| unreadable("the delimiter"))?;
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(body);
    let rows = reader.deserialize::<HashMap<String, String>>();
    // The line alone: a value may be personal.
    let line = |error: &csv::Error| error.position().map_or(0, csv::Position::line);
    rows.map(|row| row.map(Row::Csv).map_err(|error| unreadable(format!("line {}", line(&error))))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_and_a_number_keeps_its_digits() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let row = raw(r#"{"a/b": {"list": [1, {"value": 0.10}]}, "text": " x ", "none": null, "empty": ""}"#);
        let row = Row::Json(&row);
        assert_eq!(row.get("/a~1b/list/1/value").as_deref(), Some("0.10"));
        assert_eq!(row.get("/text").as_deref(), Some("x"));
        for absent in ["/none", "/empty", "/a~1b", "/a~1b/list/7", "/nothing/there", "text"] {
            assert_eq!(row.get(absent), None, "{absent}");
        }
    }
}
