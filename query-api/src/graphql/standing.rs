//! Where the figures of a business stand, and whether they get further.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};

use super::input::Position;
use crate::reader::Known as KnownAt;
use crate::views::Standstill;

/// What a figure was computed from: the view's position, and the moment at which that position was known.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Known {
    position: Position,
    at: Option<DateTime<Utc>>,
}

impl From<KnownAt> for Known {
    fn from(known: KnownAt) -> Self {
        Self { position: Position(known.position), at: known.at }
    }
}

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
