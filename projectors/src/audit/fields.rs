//! The fields of an event that its history shows.

use std::collections::BTreeMap;

use domain::business::{ReportCode, Salt};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use streams::Event;
use uuid::Uuid;

/// Told elsewhere in the row, secret, or about a person: never among the fields.
const LEFT_OUT: &[&str] =
    &["event", "id", "business", "email", "addressee", "token", "was", "external_id", "salt", "changed", "notes"];

/// Pages show their transactions, documents and rates by number and position.
const PAGES: &[&str] = &["account.synced", "account.recategorised", "account.documents_told", "rates.recorded"];

/// Members that name whom an event concerns, where that is not its aggregate.
const SUBJECTS: &[&str] = &["user", "invitation", "key", "subject", "session", "rule", "transaction", "series"];

/// One field under several names in several events.
const SAME: &[(&str, &str)] = &[("first_month", "fiscal_year_first_month"), ("months", "kept_months")];

pub(super) type Fields = BTreeMap<String, Value>;

/// The payload's members; none where it is no object.
pub(super) fn members(event: &Event) -> Map<String, Value> {
    if PAGES.contains(&event.event_type.as_str()) {
        return Map::new();
    }
    match serde_json::from_slice(&event.payload) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

pub(super) fn subject(event: &Event, members: &Map<String, Value>) -> Uuid {
    let named = SUBJECTS.iter().find_map(|name| members.get(*name)?.as_str()?.parse().ok());
    // What was refused is named by the refusal.
    let refused = || members.get("id").filter(|_| event.aggregate_type == "security")?.as_str()?.parse().ok();
    named.or_else(refused).unwrap_or(event.aggregate_id)
}

/// What the first of an event's sealed texts is. Addresses of people are not shown.
const SEALED: &[(&str, &str)] = &[
    ("business.registered", "name"),
    ("business.renamed", "name"),
    ("business.month_reopened", "reason"),
    ("account.opened", "name"),
    ("account.renamed", "name"),
    ("account.attached", "name"),
    ("account.memo_set", "memo"),
    ("source.connected", "name"),
    ("source.disconnected", "reason"),
    ("business.legal_hold_set", "reason"),
    ("business.legal_hold_lifted", "reason"),
];

/// A sealed text is shown as the position of the event that holds it; whoever reads the history opens it there.
fn sealed(event: &Event, members: &mut Map<String, Value>) {
    let field = SEALED.iter().find(|(kind, _)| *kind == event.event_type);
    if members.remove("sealed").is_some()
        && let Some((_, field)) = field
    {
        members.insert((*field).to_owned(), json!({ "sealed_at": event.position }));
    }
}

pub(super) fn report_code(event: &Event, members: &Map<String, Value>) -> Option<String> {
    let salt = members.get("salt").filter(|_| event.event_type == "business.month_closed")?;
    Some(ReportCode::of(Salt::deserialize(salt).ok()?, &event.hash).to_string())
}

pub(super) fn shown(event: &Event, mut members: Map<String, Value>) -> Fields {
    sealed(event, &mut members);
    let shown = members.into_iter().filter(|(name, value)| !LEFT_OUT.contains(&name.as_str()) && !value.is_null());
    shown
        .map(|(name, value)| {
            let same = SAME.iter().find(|(other, _)| *other == name).map(|(_, name)| (*name).to_owned());
            (same.unwrap_or(name), value)
        })
        .collect()
}
