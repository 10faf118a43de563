//! What must be known before a statement is read, and a first pass over all of it: a file with an error is refused
//! before anything of it is written.

use std::path::Path;
use std::sync::Arc;

use domain::Currency;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::overview::Overview;
use super::texts::tidy;
use super::{Format, Reading, Source, Statements, camt, fault, mt940, ofx, qif};
use crate::file::detect::{Certainty, Origin, Unclear};
use crate::file::error::{ImportError, ReadError};
use crate::file::limits::Limits;
use crate::file::mapping::{Mapping, MappingError};
use crate::file::open::Sniffed;
use crate::file::plan::{Defaults, MAIN_ACCOUNT};

/// How accounts are called.
#[derive(Debug, Clone, Default)]
pub struct Naming {
    /// By the person; the number is added where the file has several accounts.
    pub name: Option<String>,
    pub several: bool,
}

/// A statement file that can be read to its end.
#[derive(Debug, Clone)]
pub struct Settled {
    pub format: Format,
    /// What was said, and what was found.
    pub mapping: Mapping,
    pub certainty: Vec<Certainty>,
    pub encoding: &'static Encoding,
    pub packed: bool,
    pub base: Currency,
    pub naming: Naming,
    /// Only of QIF, which says neither how its dates nor how its amounts are printed.
    pub print: qif::Print,
    /// As the first pass found it.
    pub overview: Overview,
}

impl Settled {
    /// Opens the file for one pass.
    pub fn open(&self, path: &Path, limits: Limits) -> Result<Reading, ImportError> {
        let source = Source::open(path, self.encoding, limits)?;
        let progress = source.progress();
        let parts: Box<dyn Statements + Send> = match self.format {
            Format::Ofx => Box::new(ofx::Reader::new(source)),
            Format::Camt(_) => Box::new(camt::Reader::new(source)),
            Format::Qif => Box::new(qif::Reader::new(source, self.print.clone())),
            Format::Mt940 | Format::Mt942 | Format::Csv => Box::new(mt940::Reader::new(source)),
        };
        Reading::new(parts, progress, self)
    }

    fn say(&mut self, key: &str, value: impl Into<String>, origin: Origin, sure: bool, why: impl Into<String>) {
        let (key, value, why) = (key.to_owned(), value.into(), why.into());
        self.certainty.push(Certainty { key, value, origin, sure, why });
    }
}

impl Naming {
    /// The account of a number.
    pub fn label(&self, number: Option<&str>, line: u64) -> Result<Arc<str>, ReadError> {
        let number = number.and_then(tidy);
        let label = match (&self.name, number) {
            (Some(name), Some(number)) if self.several => format!("{name} {number}"),
            (Some(name), _) => name.trim().to_owned(),
            (None, Some(number)) => number,
            (None, None) => MAIN_ACCOUNT.to_owned(),
        };
        if label.chars().count() > 120 {
            return Err(fault(line, "the number of the account is longer than 120 characters"));
        }
        Ok(label.into())
    }
}

/// Finds what the file does not say, and reads it once to its end.
pub fn settle(
    path: &Path,
    format: Format,
    sniffed: &Sniffed,
    given: Option<&Mapping>,
    defaults: &Defaults,
    limits: Limits,
) -> Result<Settled, ImportError> {
    let before = defaults.remembered.iter().find(|known| format == Format::Qif && known.format == format.as_str());
    let mapping = given.or(before.map(|known| &known.mapping)).cloned().unwrap_or_default();
    only_of_statements(&mapping, format)?;
    let declared = if mapping.file.encoding.is_none() { declared(format, sniffed) } else { None };
    let mut settled = Settled {
        format,
        certainty: Vec::new(),
        encoding: declared.unwrap_or(sniffed.encoding),
        packed: sniffed.packed,
        base: mapping.currency.as_ref().and_then(|currency| currency.always).unwrap_or(defaults.currency),
        naming: Naming::default(),
        print: qif::Print::default(),
        overview: Overview::default(),
        mapping,
    };
    settled.say("file.format", format.as_str(), Origin::Detected, true, "its content is that");
    match settled.read_all(path, limits) {
        Err(ImportError::Read(ReadError::Encoding { .. })) if settled.encoding == UTF_8 => {
            settled.encoding = WINDOWS_1252;
            settled.read_all(path, limits)?;
        }
        outcome => outcome?,
    }
    settled.finish(sniffed, defaults);
    Ok(settled)
}

impl Settled {
    fn read_all(&mut self, path: &Path, limits: Limits) -> Result<(), ImportError> {
        if self.format == Format::Qif {
            let survey = qif::survey(Source::open(path, self.encoding, limits)?, &self.mapping)?;
            if !survey.questions.is_empty() {
                return Err(Unclear { questions: survey.questions }.into());
            }
            self.certainty.extend(survey.certainty);
            self.mapping.date.format = Some(survey.format);
            self.mapping.amount.decimal = Some(survey.print.numbers.decimal);
            self.mapping.amount.thousands = Some(survey.print.numbers.thousands);
            self.print = survey.print;
        }
        let mut reading = self.open(path, limits)?;
        while reading.entry()?.is_some() {}
        self.overview = reading.overview().clone();
        Ok(())
    }

    fn finish(&mut self, sniffed: &Sniffed, defaults: &Defaults) {
        let sure = sniffed.encoding_is_sure && self.encoding == sniffed.encoding;
        let why = if sure { "its bytes are that" } else { "its bytes look like it" };
        self.say("file.encoding", self.encoding.name(), Origin::Detected, sure, why);
        self.mapping.file.encoding = Some(self.encoding.name().to_ascii_lowercase());
        if self.format == Format::Qif {
            let (origin, why) = match self.mapping.currency {
                Some(_) => (Origin::Given, "the mapping says so"),
                None => (Origin::Assumed, "the format names none; it is the business's own"),
            };
            self.say("currency.always", self.base.code(), origin, origin == Origin::Given, why);
        }
        self.naming = Naming {
            name: defaults.account.clone().or_else(|| self.mapping.account.name.clone()),
            several: self.overview.accounts().len() > 1,
        };
    }
}

/// The encoding that the file names itself, where its beginning is not told by its bytes.
fn declared(format: Format, sniffed: &Sniffed) -> Option<&'static Encoding> {
    if sniffed.encoding == UTF_8 && !sniffed.sample.is_ascii() || sniffed.encoding.name().starts_with("UTF-16") {
        return None;
    }
    let head = &sniffed.sample[..sniffed.sample.floor_char_boundary(2_048)];
    let after = |key: &str| {
        let at = head.find(key)? + key.len();
        let value = head[at..].trim_start_matches(['"', '\'', ' ']);
        Some(value.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).next().unwrap_or_default())
    };
    let label = match format {
        Format::Ofx | Format::Camt(_) if head.contains("<?xml") => after("encoding=")?.to_owned(),
        Format::Ofx => match after("CHARSET:")? {
            number if number.len() == 4 && number.starts_with("12") => format!("windows-{number}"),
            name => name.to_owned(),
        },
        _ => return None,
    };
    // What is plain ASCII so far may have other bytes below: UTF-8 is tried first and refuses those.
    Encoding::for_label_no_replacement(label.as_bytes())
        .filter(|encoding| !sniffed.sample.is_ascii() || *encoding != WINDOWS_1252)
}

/// A mapping that speaks of columns is for CSV.
fn only_of_statements(mapping: &Mapping, format: Format) -> Result<(), MappingError> {
    let currency = mapping.currency.as_ref().and_then(|currency| currency.column.as_ref());
    let amount = &mapping.amount;
    let columns = [&amount.column, &amount.debit, &amount.credit, &amount.direction, &amount.quantity, &amount.price];
    let wrong = [
        ("file.columns", mapping.file.columns.is_some()),
        ("date.column", mapping.date.column.is_some()),
        ("amount", columns.iter().any(|column| column.is_some())),
        ("currency.column", currency.is_some()),
        ("account.column", mapping.account.column.is_some()),
        ("columns", mapping.columns.is_some()),
        ("skip", !mapping.skip.is_empty()),
    ];
    match wrong.into_iter().find(|(_, wrong)| *wrong) {
        Some((key, _)) => {
            let problem = format!("the file is {format}, which has no columns; leave the mapping or this key away");
            Err(MappingError::new(key, problem))
        }
        None => Ok(()),
    }
}
