//! What a projection is, and the runtime that keeps it up with the log.
//!
//! Rows and checkpoint are written in one database transaction, under the checkpoint's lock: what is delivered twice
//! is dropped, what is skipped is read from the log, and any number of runners of the same projection are safe. An
//! event that cannot be folded is dead-lettered and stops its own business only. Errors of the database are tried
//! again for ever and reported through [`Health`].
//!
//! [`Generation`]s let a rebuild fill new rows beside those that serve; see [`crate::replay`].

mod active;
mod config;
mod dead_letter;
mod ended;
mod feed;
pub(crate) mod generation;
mod health;
mod isolate;
mod pace;
mod publish;
mod retry;
mod runner;
mod wait;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use domain::BusinessId;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

pub(crate) use active::{activate_in_tx, active_version};
pub use config::{Config, Limits};
pub use dead_letter::DeadLetter;
pub(crate) use dead_letter::unresolved;
pub use generation::Generation;
pub use health::{Feeding, Health, State, Status};
pub(crate) use pace::Pace;
pub use retry::{Retried, RetryError, retry};
pub use wait::{CheckpointWatch, WaitError, wait_for};
pub use writer::{Step, WriteError, Writer, Written};

use crate::Event;

/// Keeps the projections up with the log until shutdown. Each creates its tables where there are none, and rebuilds
/// them where another version serves or they are ahead of the log.
pub async fn run(config: Config, projections: Vec<Arc<dyn Projection>>, shutdown: CancellationToken) {
    let runners = projections.into_iter().map(|projection| {
        let runner = runner::Runner::new(config.clone(), projection, shutdown.clone());
        tokio::spawn(runner.run())
    });
    let runners: Vec<_> = runners.collect();
    for ended in join_all(runners).await {
        if let Err(error) = ended {
            // Of a panic the error would say what the panic says, and that may be somebody's text.
            tracing::error!(panicked = error.is_panic(), "a projection's runner ended");
        }
    }
}

/// Creates the tables of the projections that have none: for whoever owns the database, where the running program may
/// not create schemas. Existing ones are left as they are.
pub async fn prepare(pool: &PgPool, projections: &[Arc<dyn Projection>]) -> Result<(), ProjectionError> {
    let mut connection = pool.acquire().await?;
    for projection in projections {
        active::create_first(&mut connection, &**projection).await?;
    }
    Ok(())
}

/// A fold of the log into tables.
///
/// The runtime opens the transaction, sets `search_path` to the projection's own schema (`metrics_v1`), calls
/// [`Projection::write_in_tx`] with consecutive events, and commits rows and checkpoint together. Events are
/// delivered in order and, within one schema, each exactly once: a redelivery is below the checkpoint and is dropped
/// before it gets here. State kept between calls must be derivable from the schema's own rows: a batch that failed
/// is rolled back and tried again, perhaps by another process.
///
/// Rows are a function of the log alone: no clock, no random and no sequence-generated value, and the same rows
/// however the log is cut into batches. A fold of one business reads and writes only that business's rows, since a
/// business that stood still is folded later, behind the others. A replay compares all columns.
///
/// One instance serves one schema at a time: a replay beside a running projection takes an instance of its own.
#[async_trait]
pub trait Projection: Send + Sync + 'static {
    /// E.g. `metrics`.
    fn name(&self) -> &'static str;

    /// Rises whenever the same log would give other rows.
    fn version(&self) -> u32;

    /// The tables, which `read.<table>` views show and whose rows a replay compares.
    fn tables(&self) -> &'static [&'static str];

    /// Creates the tables in the schema that `search_path` names.
    async fn create_in_tx(&self, tx: &mut PgConnection) -> Result<(), ProjectionError>;

    /// Drops what is kept in memory: it may no longer be what the rows say, because a batch was rolled back, another
    /// writer went ahead, or the next call is about another schema.
    fn forget(&self) {}

    /// Deletes every row of a business, wherever `business.erased` stands in the log; then that event is folded.
    async fn erase_in_tx(&self, tx: &mut PgConnection, business: BusinessId) -> Result<(), ProjectionError>;

    /// Folds the events into rows.
    async fn write_in_tx(&self, tx: &mut PgConnection, events: &[Event]) -> Result<Vec<Notice>, ProjectionError>;
}

/// What a batch meant for one business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub business: BusinessId,
    /// The newest position that touched this business.
    pub position: i64,
    pub events: u32,
    pub transactions: u32,
}

/// What subscribers get on `<prefix>.metrics.<business>` after the commit:
/// `{"projection":"metrics","business":"…","position":7,"events":1,"transactions":500}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedNotice {
    pub projection: String,
    #[serde(flatten)]
    pub notice: Notice,
}

#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// This event can never be folded: it is dead-lettered and its business stands still, all others go on.
    #[error("position {position} cannot be folded: {reason}")]
    Poison { position: i64, reason: String },
    /// Tried again.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}
