//! What the runtime is given.

use std::time::Duration;

use domain::BusinessId;
use sqlx::PgPool;

use super::health::Health;

#[derive(Debug, Clone)]
pub struct Config {
    /// One connection for each projection is kept, one more is taken now and then.
    pub pool: PgPool,
    pub nats: async_nats::Client,
    /// First part of the names of streams and, in lower case, of subjects, e.g. `WORKDOCK`.
    pub prefix: String,
    pub limits: Limits,
    /// Where the state of each projection can be read.
    pub health: Health,
}

/// Bounds of one database transaction. A long one would hold back the sequencer, which gives a position only to what
/// no running transaction can still precede.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub events: usize,
    /// Of payload; some 250 a bank transaction.
    pub bytes: usize,
    /// Batches become smaller where writing one takes longer.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 4_000, bytes: 5_000_000, time: Duration::from_millis(250) }
    }
}

impl Config {
    pub fn new(pool: PgPool, nats: async_nats::Client, prefix: impl Into<String>) -> Self {
        Self { pool, nats, prefix: prefix.into(), limits: Limits::default(), health: Health::default() }
    }

    pub(crate) fn dead_letter_stream(&self) -> String {
        crate::message::dead_letter_stream_name(&self.prefix)
    }

    /// Where subscribers hear of a business's changes.
    pub fn notice_subject(&self, business: BusinessId) -> String {
        format!("{}.metrics.{business}", self.prefix.to_lowercase())
    }

    pub(crate) fn dead_letter_subject(&self, projection: &str, business: BusinessId) -> String {
        format!("{}.deadletter.{projection}.{business}", self.prefix.to_lowercase())
    }

    pub(crate) fn dead_letter_subjects(&self) -> String {
        format!("{}.deadletter.>", self.prefix.to_lowercase())
    }
}
