//! A first look at all dates and amounts of a file.

use super::values::{Print, usual_date};
use crate::file::date::DateFormat;
use crate::file::detect::{Certainty, Dates, Marks, Origin, Question};
use crate::file::error::{ImportError, ReadError};
use crate::file::formats::Source;
use crate::file::mapping::Mapping;
use crate::file::number::Numbers;

/// The longest line.
pub const MOST_LINE: usize = 64 * 1024;
/// Names of accounts that are kept.
const MOST_ACCOUNTS: usize = 10_000;

/// What a file's dates and amounts are, or what is to be asked.
#[derive(Debug)]
pub struct Survey {
    pub print: Print,
    pub format: String,
    pub certainty: Vec<Certainty>,
    pub questions: Vec<Question>,
}

/// What a header line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Transactions,
    Accounts,
    /// Trades of securities.
    Investments,
    /// Lists of categories, classes, securities, prices, memorised payments.
    Other,
}

/// The section of a line that begins with `!`; `None` for a switch.
pub fn section(line: &str) -> Option<Section> {
    let lower = line.trim().to_ascii_lowercase();
    if lower.starts_with("!account") {
        return Some(Section::Accounts);
    }
    let kind = lower.strip_prefix("!type:")?.trim();
    Some(match kind {
        "bank" | "cash" | "ccard" | "oth a" | "oth l" | "invoice" => Section::Transactions,
        "invst" => Section::Investments,
        _ => Section::Other,
    })
}

pub fn survey(mut source: Source, mapping: &Mapping) -> Result<Survey, ImportError> {
    let mut dates = Dates::new(None);
    let mut marks = Marks::default();
    let mut print = Print::default();
    let mut within = Section::Other;
    let mut line = String::new();
    while source.take_line(&mut line, MOST_LINE)? {
        if line.starts_with('!') {
            within = section(&line).unwrap_or(within);
            continue;
        }
        let Some(letter) = line.chars().next() else { continue };
        let value = &line[letter.len_utf8()..];
        match (within, letter) {
            (Section::Transactions, 'D') => dates.see(&usual_date(value)),
            (Section::Transactions, 'T' | 'U' | '$') => marks.see(value.trim()),
            (Section::Accounts, 'N') if print.accounts.len() < MOST_ACCOUNTS => {
                print.accounts.insert(value.trim().to_owned());
            }
            _ => {}
        }
    }
    let mut survey = Survey { print, format: String::new(), certainty: Vec::new(), questions: Vec::new() };
    survey.dates(&dates, mapping)?;
    survey.marks(&marks, mapping);
    Ok(survey)
}

impl Survey {
    fn say(&mut self, key: &str, value: String, origin: Origin, why: String) {
        self.certainty.push(Certainty { key: key.to_owned(), value, origin, sure: true, why });
    }

    fn dates(&mut self, dates: &Dates, mapping: &Mapping) -> Result<(), ImportError> {
        let (format, origin, why) = match mapping.date.format.clone() {
            Some(format) => (format, Origin::Given, "the mapping says so".to_owned()),
            None => match dates.settle("D") {
                Ok(settled) => (settled.format, Origin::Detected, settled.why),
                Err(_) if dates.is_empty() => {
                    return Err(ReadError::NoStatement("this QIF file has no transaction".to_owned()).into());
                }
                Err(question) => {
                    self.questions.push(question);
                    return Ok(());
                }
            },
        };
        // Years are completed before a date is read.
        self.print.dates = Some(DateFormat::new(&format.replace("%y", "%Y"), mapping.date.pivot)?);
        self.say("date.format", format.clone(), origin, why);
        self.format = format;
        Ok(())
    }

    fn marks(&mut self, marks: &Marks, mapping: &Mapping) {
        if let Some(decimal) = mapping.amount.decimal {
            let usual = self.print.numbers.thousands;
            let thousands = mapping.amount.thousands.unwrap_or(usual);
            self.print.numbers = Numbers { decimal, thousands };
            return self.say(
                "amount.decimal",
                decimal.as_char().into(),
                Origin::Given,
                "the mapping says so".to_owned(),
            );
        }
        match marks.settle("T") {
            Ok((numbers, why)) => {
                self.print.numbers = numbers;
                self.say("amount.decimal", numbers.decimal.as_char().into(), Origin::Detected, why);
            }
            Err(question) => self.questions.push(question),
        }
    }
}
