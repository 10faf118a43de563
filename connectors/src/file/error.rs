//! Why a file is not taken. Every message says what to do.

use std::io;

use domain::{Code, Problem};

use super::mapping::MappingError;
use super::report::{Refused, Report};

/// A file that cannot be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the file is empty")]
    Empty,
    #[error("this is {0}, not a statement in text; export it as CSV and import that")]
    NoText(&'static str),
    #[error("the row on line {line} does not end within {most} bytes; is a quote left open?")]
    EndlessRecord { line: u64, most: u64 },
    #[error("the row on line {line} has more than {most} columns; is file.delimiter right?")]
    TooManyColumns { line: u64, most: usize },
    #[error("the file unpacks to more than {most} bytes")]
    TooMuchText { most: u64 },
    #[error("the packed file is damaged or cut off ({0}); fetch it again")]
    Packed(String),
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    #[error("line {line} cannot be read as CSV")]
    Broken { line: u64 },
    /// A statement file is taken whole or not at all.
    #[error("line {line}: {reason}; nothing of the file was imported")]
    Fault { line: u64, reason: String },
    #[error("{0}; nothing was imported")]
    NoStatement(String),
    #[error("line {line} is not valid UTF-8; say file.encoding in a mapping")]
    Encoding { line: u64 },
}

impl ReadError {
    /// The line it is about, where there is one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::EndlessRecord { line, .. }
            | Self::TooManyColumns { line, .. }
            | Self::Broken { line }
            | Self::Fault { line, .. }
            | Self::Encoding { line } => Some(*line),
            _ => None,
        }
    }

    pub(crate) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Self::Packed(error.to_string())
            }
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// A file that is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// What the file does not say, with what to write into the mapping.
    #[error(transparent)]
    Unclear(#[from] super::detect::Unclear),
    /// Nothing was written.
    #[error("none of the {rows} rows can be read, so the mapping does not fit; the first: line {line}: {reason}")]
    NothingFits { rows: u64, line: u64, reason: String },
    /// `--strict`; nothing was written.
    #[error("{} of {} rows are refused and --strict takes all or nothing", .0.refused_count, .0.rows)]
    Strict(Box<Report>),
    #[error("there is no such business")]
    NoBusiness,
    /// The log refused a page; what was written before it stays, and the same import goes on from there.
    #[error("{0}; what was written stays, and importing the file again goes on from there")]
    Command(#[from] streams::CommandError),
    #[error("the store cannot be reached now; import the file again later, it goes on where it stopped")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the import was stopped; import the file again, it goes on where it stopped")]
    Stopped,
}

impl ImportError {
    pub fn code(&self) -> Code {
        match self {
            Self::Read(ReadError::TooMuchText { .. }) => Code::TooLarge,
            Self::Read(_) | Self::Mapping(_) => Code::Invalid,
            Self::Unclear(_) | Self::NothingFits { .. } | Self::Strict(_) => Code::Refused,
            Self::Command(error) => error.code(),
            Self::NoBusiness => Code::NotFound,
            Self::Unavailable(_) | Self::Stopped => Code::Unavailable,
        }
    }

    /// The line of the file that it is about, where there is one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Read(error) => error.line(),
            Self::NothingFits { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// What the file leaves open.
    pub fn questions(&self) -> &[super::detect::Question] {
        match self {
            Self::Unclear(unclear) => &unclear.questions,
            _ => &[],
        }
    }

    /// What was seen of the file before it was refused; nothing of it was written.
    pub fn report(&self) -> Report {
        match self {
            Self::Strict(seen) => Report { added: 0, amended: 0, positions: None, ..(**seen).clone() },
            Self::NothingFits { rows, line, reason } => Report {
                rows: *rows,
                refused_count: *rows,
                refused: vec![Refused { line: *line, reason: reason.clone() }],
                ..Report::default()
            },
            _ => Report::default(),
        }
    }

    /// For HTTP: nothing internal leaks.
    pub fn problem(&self) -> Problem {
        Problem::new(self.code(), self.to_string())
    }
}
