//! The hash chain over the log.
//!
//! Whoever holds the events can check that none was altered, left out, added or moved: each event's hash covers the
//! hash before it, so the newest hash stands for the whole log.
//!
//! # Canonical bytes (version 1)
//!
//! The hash of an event is SHA-256 over the concatenation of:
//!
//! | part | bytes |
//! | --- | --- |
//! | hash of the event one position before | 32; all zero for position 1 |
//! | position | unsigned 64-bit, big-endian |
//! | business | the 16 bytes of its UUID |
//! | business sequence | unsigned 64-bit, big-endian |
//! | aggregate type, e.g. `account` | text |
//! | aggregate id, the UUID in lower case with hyphens | text |
//! | aggregate sequence | unsigned 64-bit, big-endian |
//! | event type, e.g. `account.synced` | text |
//! | event version, e.g. `1` | text |
//! | recorded at, microseconds since 1970-01-01T00:00:00Z | signed 64-bit, big-endian |
//! | metadata, the JSON text as stored | text |
//! | payload, the JSON text as stored | text |
//!
//! where *text* is its length in bytes as an unsigned 64-bit big-endian number, and then its bytes in UTF-8. "As
//! stored" means the columns `metadata` and `payload` of `store.events` cast to `text`: no member is sorted and no
//! space is removed. `known_at` is not hashed because it follows: it is the greatest `recorded_at` so far.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What stands before the first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// The parts of an event that its hash covers.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    pub position: i64,
    pub business: Uuid,
    pub business_sequence: i64,
    pub aggregate_type: &'a str,
    pub aggregate_id: &'a str,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
    pub recorded_at: DateTime<Utc>,
    pub metadata: &'a str,
    pub payload: &'a str,
}

impl Link<'_> {
    /// The hash of this event, `previous` being that of the event one position before.
    pub fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.write_canonical(previous, |bytes| hash.update(bytes));
        hash.finalize().into()
    }

    fn write_canonical(&self, previous: &[u8; 32], mut write: impl FnMut(&[u8])) {
        write(previous);
        write(&self.position.to_be_bytes());
        write(self.business.as_bytes());
        write(&self.business_sequence.to_be_bytes());
        write_text(self.aggregate_type, &mut write);
        write_text(self.aggregate_id, &mut write);
        write(&self.sequence.to_be_bytes());
        write_text(self.event_type, &mut write);
        write_text(self.event_version, &mut write);
        write(&self.recorded_at.timestamp_micros().to_be_bytes());
        write_text(self.metadata, &mut write);
        write_text(self.payload, &mut write);
    }
}

fn write_text(text: &str, write: &mut impl FnMut(&[u8])) {
    write(&(text.len() as u64).to_be_bytes());
    write(text.as_bytes());
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
