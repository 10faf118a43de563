//! Gives every committed event its place in the log, then distributes the log through JetStream.
//!
//! Guarantees:
//! - Positions are gapless from 1 over everything, and gapless within each business. An event has a position only
//!   when no transaction of this database that could stand before it is still open, so a position never changes and
//!   none appears below one that was read. A long writing transaction therefore delays positions; it never loses one.
//! - One leader. The advisory lock is held by the very connection that writes the log: when the connection is lost,
//!   so is the leadership, and what it was writing. The log's primary key stands behind that. Others wait and look
//!   twice a second.
//! - JetStream's sequence is the position. Each message expects the one before it, so a stream that does not agree
//!   refuses; then both are compared and the stream is repaired from the store (`repair`).
//!
//! When JetStream is away, positions go on being given; publication waits and catches up. When the store is away or
//! full, it is tried again every second.

mod ahead;
mod assign;
mod epoch;
mod lead;
mod publish;
mod repair;
mod rows;
mod status;

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::StorageType;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

pub use repair::Dropped;
pub use status::Status;

/// Notified after positions were given; the payload is the newest.
pub(crate) const LOG_CHANNEL: &str = "workdock_log";

/// What the sequencer works with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The store. One connection of it is used for reading; two more are opened beside it.
    pub pool: PgPool,
    pub nats: async_nats::Client,
    /// Of the stream (`<prefix>_EVENTS`) and, in lower case, of its subjects.
    pub prefix: String,
    pub storage: StorageType,
    /// Copies of the stream in a JetStream cluster.
    pub replicas: usize,
    /// A stream that holds more than the store, as after a restore of the store, is replaced instead of refused.
    pub accept_truncation: bool,
    /// Shared with whoever reports readiness.
    pub status: Arc<Status>,
}

impl Config {
    /// On file storage, one copy, refusing truncation.
    pub fn new(pool: PgPool, nats: async_nats::Client, prefix: impl Into<String>) -> Self {
        Self {
            pool,
            nats,
            prefix: prefix.into(),
            storage: StorageType::File,
            replicas: 1,
            accept_truncation: false,
            status: Arc::default(),
        }
    }
}

/// What ends the sequencer; all else is tried again.
#[derive(Debug, thiserror::Error)]
pub enum SequencerError {
    /// The stream holds events that the store does not have: the store was restored from a backup, or this is the
    /// stream of another store.
    #[error(
        "the stream {stream} is at {stream_head}, the store at {store_head}: {dropped}. If the store is right, start \
         once with --accept-truncation; the stream is then filled again from the store"
    )]
    StreamAhead { stream: String, stream_head: i64, store_head: i64, dropped: Dropped },
}

/// Runs until `shutdown`. Several may run at once, in several processes: one works, the others stand by.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), SequencerError> {
    loop {
        let ended = tokio::select! {
            () = shutdown.cancelled() => Ok(()),
            ended = lead::lead(&config) => ended,
        };
        config.status.resigned();
        match ended {
            Ok(()) => return Ok(()),
            Err(lead::Ended::Fatal(error)) => return Err(error),
            Err(lead::Ended::Store(error)) => {
                tracing::warn!(%error, "the event store does not answer, trying again");
                config.status.troubled(format!("the event store does not answer: {error}"));
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}
