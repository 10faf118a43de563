//! Businesses that end within a batch: what stands before their end need not be folded, nor wait for anything.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use domain::BusinessId;
use domain::business::BusinessEvent;
use sqlx::PgConnection;

use super::dead_letter;
use super::generation::{Checkpoint, Generation};
use crate::Event;

/// Whether it is the event with which its business ends.
pub(crate) fn is_end(event: &Event) -> bool {
    event.event_type == BusinessEvent::ERASED
}

fn ends(events: &[Event]) -> HashMap<BusinessId, i64> {
    events.iter().filter(|event| is_end(event)).map(|event| (event.business, event.position)).collect()
}

/// The events without those that their business's end takes back.
pub(crate) fn lasting(events: &[Event]) -> Cow<'_, [Event]> {
    let ends = ends(events);
    if ends.is_empty() {
        return Cow::Borrowed(events);
    }
    let lasts = |event: &&Event| ends.get(&event.business).is_none_or(|end| *end <= event.position);
    Cow::Owned(events.iter().filter(lasts).cloned().collect())
}

/// A business that stands still stands still no longer: nothing of it is left to be folded.
pub(crate) async fn unblock_in_tx(
    tx: &mut PgConnection,
    generation: &Generation,
    at: Checkpoint,
    events: &[Event],
) -> Result<Checkpoint, sqlx::Error> {
    let ended: HashSet<BusinessId> = ends(events).into_keys().collect();
    if ended.is_empty() {
        return Ok(at);
    }
    let unblocked = dead_letter::forget_in_tx(tx, generation, &ended).await?;
    Ok(Checkpoint { blocked: at.blocked - unblocked, ..at })
}
