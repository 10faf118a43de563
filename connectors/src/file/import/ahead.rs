//! The thread that reads the file, ahead of whoever takes its rows.

use std::path::Path;

use tokio::sync::mpsc;

use super::Request;
use crate::file::error::ImportError;
use crate::file::formats::Overview;
use crate::file::limits::Limits;
use crate::file::plan::Defaults;
use crate::file::read::{Entry, Reading, Settled};

/// Entries that are handed over at once, and how often it may be ahead.
const CHUNK: usize = 2_000;
const AHEAD: usize = 8;

/// What the reading thread hands over.
pub(super) enum Chunk {
    Entries(Vec<Entry>),
    /// At the end of the file.
    Overview(Overview),
}

/// Reads the file on a thread of its own, as far ahead as the channel lets it.
pub(super) fn read_ahead(request: &Request, settled: &Settled) -> mpsc::Receiver<Result<Chunk, ImportError>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let (path, defaults, limits) = (request.path.clone(), request.defaults.clone(), request.limits);
    let settled = settled.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read_into(&sender, &path, &settled, &defaults, limits) {
            // Nobody waits for the error of an import that was stopped.
            drop(sender.blocking_send(Err(error)));
        }
    });
    receiver
}

fn read_into(
    sender: &mpsc::Sender<Result<Chunk, ImportError>>,
    path: &Path,
    settled: &Settled,
    defaults: &Defaults,
    limits: Limits,
) -> Result<(), ImportError> {
    let mut reading = Reading::again(path, settled, defaults, limits)?;
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(entry) = reading.entry()? {
        chunk.push(entry);
        if chunk.len() == CHUNK && sender.blocking_send(Ok(Chunk::Entries(std::mem::take(&mut chunk)))).is_err() {
            return Ok(());
        }
    }
    drop(sender.blocking_send(Ok(Chunk::Entries(chunk))));
    drop(sender.blocking_send(Ok(Chunk::Overview(reading.overview()))));
    Ok(())
}
