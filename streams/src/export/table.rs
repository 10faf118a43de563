use std::borrow::Cow;
use std::io::{Error, ErrorKind};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Archive, Out};

/// A list in two forms: CSV (RFC 4180, UTF-8) with a heading, and a JSON array of objects, one a line.
///
/// A list within a row stands in the CSV as one text with commas, anything deeper as JSON.
#[derive(Debug)]
pub struct Table {
    columns: &'static [&'static str],
    csv: Out,
    json: Out,
}

/// A row as an object, in the order of the columns.
struct Object<'a>(&'a [&'static str], &'a [Value]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(self.1))
    }
}

impl Table {
    pub(super) async fn begin(columns: &'static [&'static str], mut csv: Out, mut json: Out) -> std::io::Result<Self> {
        let mut heading = csv::Writer::from_writer(Vec::new());
        heading.write_record(columns)?;
        csv.write(&heading.into_inner().map_err(csv::IntoInnerError::into_error)?).await?;
        json.write(b"[").await?;
        Ok(Self { columns, csv, json })
    }

    /// Rows that are tuples or lists of as many cells as there are columns.
    pub async fn add<R: Serialize>(&mut self, rows: impl IntoIterator<Item = R>) -> std::io::Result<()> {
        let (mut csv, mut json, mut count) = (csv::Writer::from_writer(Vec::new()), Vec::new(), 0);
        for row in rows {
            let cells = self.cells(row)?;
            csv.write_record(cells.iter().map(|value| cell(value).into_owned()))?;
            json.extend_from_slice(if self.json.rows() + count == 0 { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut json, &Object(self.columns, &cells))?;
            count += 1;
        }
        let csv = csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        self.csv.write_rows(&csv, count).await?;
        self.json.write_rows(&json, count).await
    }

    fn cells(&self, row: impl Serialize) -> std::io::Result<Vec<Value>> {
        match serde_json::to_value(row)? {
            Value::Array(cells) if cells.len() == self.columns.len() => Ok(cells),
            _ => Err(Error::new(
                ErrorKind::InvalidData,
                format!("a row without one cell for each of {:?}", self.columns),
            )),
        }
    }

    pub async fn finish(mut self, archive: &mut Archive) -> std::io::Result<()> {
        self.json.write(b"\n]\n").await?;
        self.csv.finish(archive).await?;
        self.json.finish(archive).await
    }
}

fn cell(value: &Value) -> Cow<'_, str> {
    let text = plain(value);
    if is_number(&text) { text } else { Cow::Owned(no_formula(&text).into_owned()) }
}

fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(values) => Cow::Owned(values.iter().map(plain).collect::<Vec<_>>().join(", ")),
        other => Cow::Owned(other.to_string()),
    }
}

/// An exact amount is no formula, whatever its sign.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The text with an apostrophe before it where a spreadsheet would take it for a formula (OWASP, CSV injection).
pub fn no_formula(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn formulas_are_texts_and_texts_and_amounts_stay() {
        assert_eq!(cell(&json!("=HYPERLINK(\"x\")")), "'=HYPERLINK(\"x\")");
        assert_eq!(cell(&json!("-1+cmd|' /C calc'!A0")), "'-1+cmd|' /C calc'!A0");
        assert_eq!([cell(&json!("-900.50")), cell(&json!("Rent - March"))], ["-900.50", "Rent - March"]);
        assert_eq!([cell(&json!(null)), cell(&json!(-3)), cell(&json!(true))], ["", "-3", "true"]);
    }

    #[test]
    fn what_stands_within_a_row_is_one_text() {
        assert_eq!(cell(&json!(["=a", "b"])), "'=a, b");
        assert_eq!(cell(&json!({"a": [1]})), "{\"a\":[1]}");
    }
}
