//! Lines of a file that is examined, read in batches and parsed side by side.

use std::collections::HashMap;
use std::io::BufRead;
use std::thread;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::file::Line;
use super::tree::{Hash, leaf_hash};
use crate::Event;
use crate::chain::Link;

/// Lines that are read before they are parsed side by side, and their bytes.
const BATCH: usize = 4_096;
const BATCH_BYTES: usize = 16 << 20;

/// Lines of the file, a batch at a time.
pub(super) struct Lines {
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Of all lines so far, where the file states it.
    digest: Option<Sha256>,
}

impl Lines {
    pub fn new(digested: bool) -> Self {
        Self { text: Vec::new(), ends: Vec::new(), digest: digested.then(Sha256::new) }
    }

    pub fn fill(&mut self, file: &mut impl BufRead) -> Result<bool, std::io::Error> {
        self.text.clear();
        self.ends.clear();
        while self.ends.len() < BATCH && self.text.len() < BATCH_BYTES {
            if file.read_until(b'\n', &mut self.text)? == 0 {
                break;
            }
            self.ends.push(self.text.len());
        }
        if let Some(digest) = &mut self.digest {
            digest.update(&self.text);
        }
        Ok(!self.ends.is_empty())
    }

    /// Of all lines, in hexadecimal, where it was asked for.
    pub fn into_digest(self) -> Option<String> {
        self.digest.map(|digest| hex::encode(digest.finalize()))
    }

    fn line(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }
}

/// A line as it was read, with what can be computed of it alone.
pub(super) struct Parsed {
    pub event: Event,
    /// Whether its content gives the hash that it states.
    pub fits: bool,
    pub leaf: Hash,
    pub path: Vec<Hash>,
}

/// Parsing and hashing are nearly all of the work, and no line needs another. `meanwhile` runs beside it.
pub(super) fn parse_all<T>(lines: &Lines, meanwhile: impl FnOnce() -> T) -> (Vec<Result<Parsed, String>>, T) {
    let count = lines.ends.len();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = count.div_ceil(threads).max(1);
    let parse = |from: usize| {
        let until = count.min(from + share);
        (from..until).map(|index| parse(lines.line(index))).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..count).step_by(share).map(|from| scope.spawn(move || parse(from))).collect();
        let done = meanwhile();
        let shares =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        (shares.flatten().collect(), done)
    })
}

fn parse(line: &[u8]) -> Result<Parsed, String> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let aggregate_id = line.aggregate_id.parse().map_err(|_| "its aggregate id is no UUID".to_owned())?;
    let link = Link {
        position: line.position,
        business: line.business.as_uuid(),
        business_sequence: line.business_sequence,
        aggregate_type: &line.aggregate_type,
        aggregate_id: &line.aggregate_id,
        sequence: line.sequence,
        event_type: &line.event_type,
        event_version: &line.event_version,
        recorded_at: line.recorded_at,
        metadata: &line.metadata,
        payload: &line.payload,
    };
    let hash = link.hash(&line.previous);
    let event = Event {
        position: line.position,
        business: line.business,
        business_sequence: line.business_sequence,
        aggregate_type: line.aggregate_type.into_owned(),
        aggregate_id,
        sequence: line.sequence,
        event_type: line.event_type.into_owned(),
        event_version: line.event_version.into_owned(),
        recorded_at: line.recorded_at,
        known_at: line.recorded_at,
        hash,
        // It is in the hash; nobody reads it of a file.
        metadata: HashMap::new(),
        payload: Bytes::from(line.payload.into_owned()),
    };
    Ok(Parsed { event, fits: hash == line.hash, leaf: leaf_hash(&hash), path: line.path.0 })
}
