//! What serde cannot say: keys that contradict each other or mean nothing.

use super::{Mapping, MappingError, Thousands};
use crate::file::date::DateFormat;

/// A mapping is written by a person; beyond this it is an attack on the matcher.
const MOST_RULES: usize = 1_000;

impl Mapping {
    /// Everything that can be said without seeing a file.
    pub fn check(&self) -> Result<(), MappingError> {
        delimiter(self.file.delimiter.as_deref())?;
        quote(self.file.quote.as_deref())?;
        self.check_encoding()?;
        self.check_header()?;
        self.check_date()?;
        self.amount.style()?;
        self.check_marks()?;
        if let Some(currency) = &self.currency
            && currency.always.is_some() == currency.column.is_some()
        {
            return Err(MappingError::new("currency", "say either always = \"EUR\" or column = \"…\""));
        }
        if self.account.name.as_deref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > 100) {
            return Err(MappingError::new("account.name", "use 1 to 100 characters"));
        }
        self.check_rules()
    }

    fn check_encoding(&self) -> Result<(), MappingError> {
        match &self.file.encoding {
            Some(label) if encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).is_none() => {
                let problem = format!("\"{label}\" is not an encoding; use one such as utf-8, windows-1252 or gb18030");
                Err(MappingError::new("file.encoding", problem))
            }
            _ => Ok(()),
        }
    }

    fn check_header(&self) -> Result<(), MappingError> {
        if self.file.header == Some(false) && self.file.columns.is_some() {
            return Err(MappingError::new(
                "file.columns",
                "a file without a header has no column names; leave one out",
            ));
        }
        if self.file.preamble.is_some_and(|lines| lines > 10_000) {
            return Err(MappingError::new("file.preamble", "at most 10000 lines can stand before the header"));
        }
        Ok(())
    }

    fn check_date(&self) -> Result<(), MappingError> {
        if let Some(format) = &self.date.format {
            DateFormat::new(format, self.date.pivot)?;
        } else if self.date.pivot.is_some_and(|pivot| !(1850..=2100).contains(&pivot)) {
            return Err(MappingError::new("date.pivot", "use a year from 1850 to 2100"));
        }
        match self.date.zone.as_deref() {
            None | Some("business") => Ok(()),
            Some(zone) => zone.parse::<domain::TimeZone>().map(drop).map_err(|error| {
                MappingError::new("date.zone", format!("{error}, or \"business\" for the business's own zone"))
            }),
        }
    }

    fn check_marks(&self) -> Result<(), MappingError> {
        let decimal = self.amount.decimal.map(super::DecimalMark::as_char);
        match (decimal, self.amount.thousands) {
            (Some(mark), Some(thousands)) if thousands.is(mark) => {
                Err(MappingError::new("amount.thousands", "it cannot be the decimal mark as well"))
            }
            (None, Some(Thousands::Comma | Thousands::Point)) => {
                Err(MappingError::new("amount.decimal", "say it beside amount.thousands"))
            }
            _ => Ok(()),
        }
    }

    fn check_rules(&self) -> Result<(), MappingError> {
        for (key, count) in [("rules", self.rules.len()), ("skip", self.skip.len())] {
            if count > MOST_RULES {
                return Err(MappingError::new(key, format!("at most {MOST_RULES} entries, these are {count}")));
            }
        }
        for (place, rule) in self.rules.iter().enumerate() {
            if rule.when.is_empty() && rule.sign.is_none() {
                let problem = "it matches every row; use [otherwise] for that, or say when";
                return Err(MappingError::new(format!("rules[{place}].when"), problem));
            }
        }
        let rules = self.rules.iter().enumerate().map(|(place, rule)| (format!("rules[{place}].when"), &rule.when));
        let skips = self.skip.iter().enumerate().map(|(place, when)| (format!("skip[{place}]"), when));
        for (key, when) in rules.chain(skips) {
            if key.starts_with("skip") && when.is_empty() {
                return Err(MappingError::new(key, "it would skip every row; name a column and its text"));
            }
            if let Some((column, _)) = when.iter().find(|(_, patterns)| patterns.0.is_empty()) {
                return Err(MappingError::new(format!("{key}.{column}"), "name at least one text"));
            }
        }
        Ok(())
    }
}

/// The delimiter as a byte.
pub(crate) fn delimiter(text: Option<&str>) -> Result<Option<u8>, MappingError> {
    match text {
        None => Ok(None),
        Some("tab" | "\t") => Ok(Some(b'\t')),
        Some(text) => match text.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r') => {
                Ok(Some(*byte))
            }
            _ => Err(MappingError::new("file.delimiter", "use one character such as \",\", \";\", \"|\" or \"tab\"")),
        },
    }
}

/// The quote as a byte; the inner `None` where cells are never quoted.
pub(crate) fn quote(text: Option<&str>) -> Result<Option<u8>, MappingError> {
    match text {
        None => Ok(Some(b'"')),
        Some("none") => Ok(None),
        Some(text) => match text.as_bytes() {
            [byte] if byte.is_ascii_punctuation() => Ok(Some(*byte)),
            _ => Err(MappingError::new("file.quote", "use one character such as '\"', or \"none\"")),
        },
    }
}
