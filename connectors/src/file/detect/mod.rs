//! What a mapping leaves out is seen from the file, and never guessed: where two readings are possible the file is
//! refused with what to write into the mapping.

mod dates;
mod layout;
mod names;
mod numbers;
mod settle;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::error::ReadError;
use super::mapping::MappingError;

pub(crate) use dates::Dates;
pub use layout::Layout;
pub(crate) use numbers::Marks;
pub use settle::{Settled, settle};

/// How one key of the effective mapping came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certainty {
    /// Dotted key of the mapping, e.g. `date.format`.
    pub key: String,
    /// What it is taken for, in words for a person.
    pub value: String,
    pub origin: Origin,
    /// `false`: likely, worth a look.
    pub sure: bool,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The mapping says it.
    Given,
    /// The header row is exactly that of a mapping that comes with the program.
    Preset,
    /// The header row is exactly that of an earlier file of the account, for which a person said it.
    Remembered,
    Detected,
    /// Nothing in the file says it; the usual is taken.
    Assumed,
}

/// Something that the file does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The key of the mapping that answers it.
    pub key: String,
    pub problem: String,
    /// What it can be; empty where anything can.
    pub options: Vec<String>,
}

/// The file does not say how it is to be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", describe(.questions))]
pub struct Unclear {
    pub questions: Vec<Question>,
}

fn describe(questions: &[Question]) -> String {
    let one = |question: &Question| {
        let options: Vec<_> = question.options.iter().map(|option| format!("\"{option}\"")).collect();
        match options.is_empty() {
            true => format!("{}: say {} in a mapping", question.problem, question.key),
            false => format!("{}: say {} = {} in a mapping", question.problem, question.key, options.join(" or ")),
        }
    };
    questions.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Why no layout was found.
#[derive(Debug)]
pub enum Seen {
    NoRows,
    NoHeader { first: String },
    Mapping(MappingError),
    Read(ReadError),
}

impl From<MappingError> for Seen {
    fn from(error: MappingError) -> Self {
        Self::Mapping(error)
    }
}

impl From<ReadError> for Seen {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
