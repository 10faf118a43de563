//! How much goes into one transaction.

use std::time::Duration;

use super::config::Limits;
use crate::Event;

/// The smallest bound that slow writing can bring about.
const LEAST_BYTES: usize = 64 * 1024;

/// Learns from how long writing took. It bounds batches and never waits to fill one: a lone event goes at once, and
/// what arrives while it is written makes the next batch.
#[derive(Debug, Clone)]
pub struct Pace {
    limits: Limits,
    bytes: usize,
}

impl Pace {
    pub fn new(limits: Limits) -> Self {
        Self { limits, bytes: limits.bytes / 2 }
    }

    /// Whether a batch of this size may take another event.
    pub fn has_room(&self, events: usize, bytes: usize) -> bool {
        events < self.limits.events && bytes < self.bytes
    }

    /// As a limit of a reader.
    pub fn most_events(&self) -> i64 {
        i64::try_from(self.limits.events).unwrap_or(i64::MAX)
    }

    /// How many of these events make one batch: at least one.
    pub fn cut(&self, events: &[Event]) -> usize {
        let mut bytes = 0;
        let more = events.iter().enumerate().take_while(|(count, event)| {
            let room = *count == 0 || self.has_room(*count, bytes);
            bytes += event.payload.len();
            room
        });
        more.count()
    }

    /// A write of so many bytes took so long: double where there is time for it, halve where it was too long.
    pub fn learn(&mut self, bytes: usize, took: Duration) {
        if took > self.limits.time {
            self.bytes = (bytes.min(self.bytes) / 2).max(LEAST_BYTES.min(self.limits.bytes));
        } else if bytes >= self.bytes / 2 && took * 2 < self.limits.time {
            self.bytes = (self.bytes * 2).min(self.limits.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_shrink_until_a_write_takes_its_time_and_grow_again() {
        let limits = Limits::default();
        let mut pace = Pace::new(limits);
        for _ in 0..10 {
            pace.learn(pace.bytes, limits.time * 2);
        }
        assert_eq!(pace.bytes, LEAST_BYTES);
        assert!(pace.has_room(1, LEAST_BYTES - 1) && !pace.has_room(1, LEAST_BYTES));
        for _ in 0..20 {
            pace.learn(pace.bytes, limits.time / 10);
        }
        assert_eq!(pace.bytes, limits.bytes);
    }

    #[test]
    fn a_small_batch_teaches_nothing_about_big_ones() {
        let limits = Limits::default();
        let mut pace = Pace::new(limits);
        let before = pace.bytes;
        pace.learn(10, Duration::from_micros(1));
        assert_eq!(pace.bytes, before);
    }
}
