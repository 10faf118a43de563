//! A file is whole before anything of it is written: one that is cut off or damaged in the middle imports nothing.

use csv::StringRecord;

use super::{Request, blocking};
use crate::file::error::ImportError;
use crate::file::read::Settled;
use crate::file::records::Step;

/// Reads a table to its end. Rows are not understood here: one that makes no sense refuses itself alone. Statement
/// files were read to their end when they were settled.
pub async fn read(request: &Request, settled: &Settled) -> Result<(), ImportError> {
    let Settled::Csv(table) = settled else { return Ok(()) };
    let (path, limits, table) = (request.path.clone(), request.limits, table.clone());
    blocking(move || {
        let mut records = table.records(&path, limits)?;
        let mut record = StringRecord::new();
        while !matches!(records.next(&mut record)?, Step::End) {}
        Ok(())
    })
    .await
}
