//! What a projection is, apart from how it is fed.

use async_trait::async_trait;
use domain::BusinessId;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::Event;

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

    /// Folds the events into rows.
    async fn write_in_tx(&self, tx: &mut PgConnection, events: &[Event]) -> Result<Vec<Notice>, ProjectionError>;
}

/// What is told to subscribers after the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub business: BusinessId,
    /// The newest position that touched this business.
    pub position: i64,
    pub events: u32,
    pub transactions: u32,
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
