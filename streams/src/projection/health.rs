//! The state of each projection, for readiness and for people.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::dead_letter::DeadLetter;

/// Shared between the runtime, which writes it, and whoever reports.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<RwLock<BTreeMap<&'static str, Status>>>);

#[derive(Debug, Clone, Serialize)]
pub struct Status {
    pub projection: &'static str,
    pub version: u32,
    pub state: State,
    /// Every event up to here is in the rows, or parked.
    pub position: i64,
    /// Events known to come after `position`.
    pub behind: u64,
    /// When the event at `position` was recorded.
    pub known_at: Option<DateTime<Utc>>,
    /// Milliseconds between an event's recording and its commit, for the last batch.
    pub lag_ms: i64,
    /// Where events come from.
    pub feed: Feeding,
    /// Why it does not get on; `None` once it does.
    pub error: Option<String>,
    pub since: DateTime<Utc>,
    /// Businesses that stand still, with the events that stop them.
    pub blocked: Vec<DeadLetter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Starting,
    /// Filling a generation; the one before it serves.
    Rebuilding,
    Running,
    /// After an error, tried again and again.
    Retrying,
    /// A newer program's version serves.
    Superseded,
    Stopped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Feeding {
    Jetstream,
    /// JetStream does not deliver: PostgreSQL is read instead.
    Log,
}

impl Health {
    pub fn all(&self) -> Vec<Status> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub fn of(&self, projection: &str) -> Option<Status> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(projection).cloned()
    }

    /// Whether every projection gets on. One whose businesses partly stand still does.
    pub fn is_ready(&self) -> bool {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        !all.is_empty() && all.values().all(|status| status.state == State::Running)
    }

    pub(crate) fn add(&self, projection: &'static str, version: u32) {
        let status = Status {
            projection,
            version,
            state: State::Starting,
            position: 0,
            behind: 0,
            known_at: None,
            lag_ms: 0,
            feed: Feeding::Jetstream,
            error: None,
            since: Utc::now(),
            blocked: Vec::new(),
        };
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(projection, status);
    }

    pub(crate) fn update(&self, projection: &str, change: impl FnOnce(&mut Status)) {
        if let Some(status) = self.0.write().unwrap_or_else(PoisonError::into_inner).get_mut(projection) {
            change(status);
        }
    }

    pub(crate) fn enter(&self, projection: &str, state: State, error: Option<String>) {
        self.update(projection, |status| {
            if status.state != state {
                status.since = Utc::now();
            }
            status.state = state;
            status.error = error;
        });
    }
}
