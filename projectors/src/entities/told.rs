//! What an event tells of entities. Of a page only how much it brought: its transactions are nearly all of a log, and
//! are passed over.

use domain::BatchId;
use domain::account::{AccountEvent, Synced};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use streams::projection::ProjectionError;
use streams::{DomainEvent, Event};

use crate::decode::Decoded;

#[derive(Debug, Clone)]
pub(super) enum Told {
    Page(Page),
    Change(DomainEvent),
}

/// A page of either version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Page {
    pub batch: BatchId,
    #[serde(deserialize_with = "number")]
    pub added: i64,
    #[serde(deserialize_with = "number")]
    pub amended: i64,
    #[serde(deserialize_with = "number")]
    pub removed: i64,
}

/// Elements of a list.
fn number<'de, D: Deserializer<'de>>(list: D) -> Result<i64, D::Error> {
    let list = Vec::<IgnoredAny>::deserialize(list)?;
    Ok(i64::try_from(list.len()).unwrap_or(i64::MAX))
}

/// # Errors
/// Poison where the payload cannot be read.
pub(super) fn told(event: &Event) -> Result<Decoded<Told>, ProjectionError> {
    let is_page = event.event_type == "account.synced" && matches!(event.event_version.as_str(), "1" | "2");
    if is_page && let Ok(page) = serde_json::from_slice(&event.payload) {
        return Ok(Decoded::of(event, Told::Page(page)));
    }
    let told = match Decoded::try_new(event)?.event {
        DomainEvent::Account(AccountEvent::Synced(page)) => Told::Page(Page::of(&page)),
        change => Told::Change(change),
    };
    Ok(Decoded::of(event, told))
}

impl Page {
    fn of(page: &Synced) -> Self {
        let number = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let (added, amended, removed) = (page.added.len(), page.amended.len(), page.removed.len());
        Self { batch: page.batch, added: number(added), amended: number(amended), removed: number(removed) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_that_is_passed_over_counts_what_one_that_is_read_counts() {
        let line = |id: &str| {
            json!({"id": id, "booked": "2026-10-01", "amount": "1.25", "currency": "EUR", "kind": "revenue",
                "category": "product_sale", "description": "one"})
        };
        let (one, other) = ("00000000-0000-8000-8000-000000000001", "00000000-0000-8000-8000-000000000002");
        let page = json!({"batch": "00000000-0000-7000-8000-000000000003", "from_cursor": null, "to_cursor": null,
            "known_until": null, "added": [line(one), line(other)], "amended": [], "removed": [line(one)]});
        let passed_over: Page = serde_json::from_value(page.clone()).unwrap();
        let read: Synced = serde_json::from_value(page).unwrap();
        assert_eq!((passed_over, passed_over.added, passed_over.removed), (Page::of(&read), 2, 1));
    }
}
