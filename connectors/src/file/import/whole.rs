//! A file is whole before anything of it is written: one that is cut off or damaged in the middle imports nothing.

use csv::StringRecord;
use tokio::sync::watch;

use super::{Progress, Request, blocking};
use crate::file::error::ImportError;
use crate::file::read::Settled;
use crate::file::records::Step;

/// Rows between two words of progress.
const TOLD: u64 = 10_000;

/// Reads a table to its end. Rows are not understood here: one that makes no sense refuses itself alone. Statement
/// files were read to their end when they were settled.
pub async fn read(request: &Request, settled: &Settled, progress: &impl Fn(Progress)) -> Result<(), ImportError> {
    let Settled::Csv(table) = settled else { return Ok(()) };
    let (path, limits, table) = (request.path.clone(), request.limits, table.clone());
    let (tell, mut told) = watch::channel(0);
    let reading = blocking(move || {
        let mut records = table.records(&path, limits)?;
        let mut record = StringRecord::new();
        let mut rows = 0;
        while !matches!(records.next(&mut record)?, Step::End) {
            rows += 1;
            if rows % TOLD == 0 {
                tell.send_replace(rows);
            }
        }
        Ok(())
    });
    let showing = async {
        while told.changed().await.is_ok() {
            progress(Progress::Checked(*told.borrow_and_update()));
        }
    };
    tokio::join!(reading, showing).0
}
