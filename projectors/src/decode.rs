//! Events with their payloads decoded, ready to be folded.

use domain::BusinessId;
use domain::account::AccountEvent;
use streams::projection::ProjectionError;
use streams::{DomainEvent, Event};
use uuid::Uuid;

/// What folds read of an event.
#[derive(Debug, Clone)]
pub struct Decoded<E = DomainEvent> {
    pub position: i64,
    pub business: BusinessId,
    /// The account's, source's or business's id.
    pub aggregate: Uuid,
    pub known_at: chrono::DateTime<chrono::Utc>,
    pub event: E,
}

impl Decoded {
    /// # Errors
    /// Poison where the payload cannot be read: no later try will read it either.
    pub fn try_new(event: &Event) -> Result<Self, ProjectionError> {
        Ok(Decoded::of(event, payload(event)?))
    }
}

impl<E> Decoded<E> {
    /// With a payload that was read otherwise.
    pub(crate) fn of(event: &Event, payload: E) -> Self {
        Self {
            position: event.position,
            business: event.business,
            aggregate: event.aggregate_id,
            known_at: event.known_at,
            event: payload,
        }
    }
}

/// Pages are nearly all of a log, and serde reads a tagged enum through a buffer of everything in it; pages
/// are therefore read as what they are: their first version differs by texts that are not sealed, and folds read none.
fn payload(event: &Event) -> Result<DomainEvent, ProjectionError> {
    let newest_page = event.event_type == "account.synced" && matches!(event.event_version.as_str(), "1" | "2");
    if newest_page && let Ok(page) = serde_json::from_slice(&event.payload) {
        return Ok(DomainEvent::Account(AccountEvent::Synced(page)));
    }
    if event.event_type == "account.recategorised"
        && event.event_version == "1"
        && let Ok(change) = serde_json::from_slice(&event.payload)
    {
        return Ok(DomainEvent::Account(AccountEvent::Recategorised(change)));
    }
    event.decode().map_err(|error| poison(event.position, error.to_string()))
}

pub(crate) fn poison(position: i64, reason: impl Into<String>) -> ProjectionError {
    ProjectionError::Poison { position, reason: reason.into() }
}
