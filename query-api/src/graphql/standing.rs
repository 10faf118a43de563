//! A business whose figures get no further.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::input::Position;
use crate::views::Standstill;

/// An event could not be taken in. Nothing is lost: it, and what came after it, waits in the log.
#[derive(Debug, Clone, SimpleObject)]
pub struct StandsStill {
    /// The figures hold everything up to here.
    position: Position,
    /// When the first event that they lack was known.
    since: DateTime<Utc>,
    reason: String,
}

impl From<&Standstill> for StandsStill {
    fn from(still: &Standstill) -> Self {
        let reason = format!("The event at position {} ({}) cannot be taken in.", still.stopped_by, still.event_type);
        Self { position: Position(still.position), since: still.since, reason }
    }
}
