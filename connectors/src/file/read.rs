//! One pass over a file: its rows, one after the other.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv::StringRecord;

use super::balances::Balances;
use super::detect::{self, Certainty};
use super::error::{ImportError, ReadError};
use super::formats::{self, Format, Overview};
use super::limits::Limits;
use super::mapping::{Column, Mapping};
use super::open::sniff;
use super::plan::{Defaults, Outcome, Plan};
use super::records::{Records, Step};
use super::row::Row;

/// What stands on a line.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are rows")]
pub enum Entry {
    Row(Row),
    /// The mapping's `skip` names it, or it is no movement of money.
    Skipped,
    Refused {
        line: u64,
        reason: String,
    },
}

/// A file that can be read: what it is, and everything about it that it does not say itself.
#[derive(Debug, Clone)]
pub enum Settled {
    Csv(Box<detect::Settled>),
    Statements(Box<formats::Settled>),
}

impl Settled {
    pub fn format(&self) -> Format {
        match self {
            Self::Csv(_) => Format::Csv,
            Self::Statements(settled) => settled.format,
        }
    }

    /// Names everything that there is to say.
    pub fn mapping(&self) -> &Mapping {
        match self {
            Self::Csv(settled) => &settled.mapping,
            Self::Statements(settled) => &settled.mapping,
        }
    }

    pub fn certainty(&self) -> &[Certainty] {
        match self {
            Self::Csv(settled) => &settled.certainty,
            Self::Statements(settled) => &settled.certainty,
        }
    }

    /// How a mapping names each column; none where the format has no columns.
    pub fn columns(&self) -> Vec<Column> {
        match self {
            Self::Csv(settled) => settled.layout.header.columns(),
            Self::Statements(_) => Vec::new(),
        }
    }
}

/// Sees what a file is and how it is read. A statement file is read to its end: one with an error is refused here.
pub fn settle(
    path: &Path,
    given: Option<&Mapping>,
    defaults: &Defaults,
    limits: Limits,
) -> Result<Settled, ImportError> {
    let label = given.and_then(|mapping| mapping.file.encoding.as_deref());
    let sniffed = sniff(path, label)?;
    match formats::recognise(&sniffed.sample)? {
        Format::Csv => {
            let settled = detect::settle(path, &sniffed, given, defaults, limits)?;
            Ok(Settled::Csv(Box::new(settled)))
        }
        format => {
            let settled = formats::settle(path, format, &sniffed, given, defaults, limits)?;
            Ok(Settled::Statements(Box::new(settled)))
        }
    }
}

/// A file being read. Blocking: use it on a thread of its own.
pub enum Reading {
    Csv(Box<Table>),
    Statements(Box<formats::Reading>),
}

/// Rows under a header.
pub struct Table {
    records: Records,
    plan: Plan,
    record: StringRecord,
    balances: Balances,
}

/// Settles the mapping and opens the file at its first row. Where `mapping` is `None` it is chosen by the header row
/// or detected.
pub fn read(
    path: &Path,
    mapping: Option<&Mapping>,
    defaults: &Defaults,
    limits: Limits,
) -> Result<Reading, ImportError> {
    let settled = settle(path, mapping, defaults, limits)?;
    Reading::again(path, &settled, defaults, limits)
}

impl Reading {
    /// Opens a file whose mapping is settled.
    pub fn again(path: &Path, settled: &Settled, defaults: &Defaults, limits: Limits) -> Result<Self, ImportError> {
        match settled {
            Settled::Csv(settled) => {
                let plan = Plan::new(&settled.mapping, &settled.layout.header, defaults)?;
                let records = settled.records(path, limits)?;
                let (record, balances) = (StringRecord::new(), Balances::new(defaults.zone));
                Ok(Self::Csv(Box::new(Table { records, plan, record, balances })))
            }
            Settled::Statements(settled) => Ok(Self::Statements(Box::new(settled.open(path, limits)?))),
        }
    }

    /// Bytes read from the disk so far.
    pub fn progress(&self) -> Arc<AtomicU64> {
        match self {
            Self::Csv(table) => table.records.progress(),
            Self::Statements(reading) => reading.progress(),
        }
    }

    /// The next entry; `None` at the end of the file.
    pub fn entry(&mut self) -> Result<Option<Entry>, ReadError> {
        match self {
            Self::Csv(table) => table.entry(),
            Self::Statements(reading) => reading.entry(),
        }
    }

    /// What the file says of its accounts; whole at its end.
    pub fn overview(&self) -> Overview {
        match self {
            Self::Csv(table) => table.balances.overview(),
            Self::Statements(reading) => reading.overview().clone(),
        }
    }
}

impl Table {
    fn entry(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            let line = match self.records.next(&mut self.record)? {
                Step::End => return Ok(None),
                Step::Unreadable(line, reason) => {
                    return Ok(Some(Entry::Refused { line, reason: reason.to_owned() }));
                }
                Step::Record(line) => line,
            };
            // Spreadsheets print empty rows as a row of delimiters.
            if self.record.as_slice().trim().is_empty() {
                continue;
            }
            return Ok(Some(match self.plan.read(&self.record, line) {
                Outcome::Row(row) => {
                    self.balances.see(&row);
                    Entry::Row(row)
                }
                Outcome::Skipped => Entry::Skipped,
                Outcome::Refused(reason) => Entry::Refused { line, reason },
            }));
        }
    }
}
