//! One pass over a file: its rows, one after the other.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv::StringRecord;

use super::detect::{Settled, settle};
use super::error::{ImportError, ReadError};
use super::limits::Limits;
use super::mapping::Mapping;
use super::plan::{Defaults, Outcome, Plan};
use super::records::{Records, Step};
use super::row::Row;

/// What stands on a line.
#[derive(Debug)]
pub enum Entry {
    Row(Row),
    /// The mapping's `skip` names it.
    Skipped,
    Refused {
        line: u64,
        reason: String,
    },
}

/// A file being read. Blocking: use it on a thread of its own.
pub struct Reading {
    settled: Settled,
    records: Records,
    plan: Plan,
    record: StringRecord,
}

/// Settles the mapping and opens the file at its first row. Where `mapping` is `None` it is chosen by the header row
/// or detected.
pub fn read(
    path: &Path,
    mapping: Option<&Mapping>,
    defaults: &Defaults,
    limits: Limits,
) -> Result<Reading, ImportError> {
    let settled = settle(path, mapping, defaults.currency, limits)?;
    Reading::again(path, settled, defaults, limits)
}

impl Reading {
    /// Opens a file whose mapping is settled.
    pub fn again(path: &Path, settled: Settled, defaults: &Defaults, limits: Limits) -> Result<Self, ImportError> {
        let plan = Plan::new(&settled.mapping, &settled.layout.header, defaults)?;
        let records = settled.records(path, limits)?;
        Ok(Self { settled, records, plan, record: StringRecord::new() })
    }

    pub fn settled(&self) -> &Settled {
        &self.settled
    }

    /// Bytes read from the disk so far.
    pub fn progress(&self) -> Arc<AtomicU64> {
        self.records.progress()
    }

    /// The cells of the entry that was read last.
    pub fn cells(&self) -> &StringRecord {
        &self.record
    }

    /// The next entry; `None` at the end of the file.
    pub fn entry(&mut self) -> Result<Option<Entry>, ReadError> {
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
                Outcome::Row(row) => Entry::Row(row),
                Outcome::Skipped => Entry::Skipped,
                Outcome::Refused(reason) => Entry::Refused { line, reason },
            }));
        }
    }
}
