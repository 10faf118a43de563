use std::collections::HashMap;

use bytes::Bytes;
use domain::BusinessId;
use serde_json::{Value, json};
use streams::Event;
use uuid::Uuid;

use super::fold::{Draft, Known};

fn event(event_type: &str, mut payload: Value) -> Event {
    payload["event"] = event_type.into();
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    Event {
        position: 1,
        business: BusinessId::from_uuid(Uuid::from_u128(1)),
        business_sequence: 1,
        aggregate_type: event_type.split('.').next().unwrap().to_owned(),
        aggregate_id: Uuid::from_u128(2),
        sequence: 1,
        event_type: event_type.to_owned(),
        event_version: "1".to_owned(),
        recorded_at: now,
        known_at: now,
        hash: [0; 32],
        metadata: HashMap::new(),
        payload: Bytes::from(payload.to_string()),
    }
}

/// Summary, subject, before and after of each event, in order.
fn history(events: &[Event]) -> Vec<(String, Uuid, Value, Value)> {
    let mut known = Known::default();
    let parse = |text: Option<String>| text.map_or(Value::Null, |text| text.parse().unwrap());
    events
        .iter()
        .map(|event| {
            let draft = Draft::of(event);
            let change = draft.settle(&mut known);
            (draft.summary, draft.subject, parse(change.before), parse(change.after))
        })
        .collect()
}

#[test]
fn a_change_shows_what_was_before() {
    let rows = history(&[
        event("business.registered", json!({"id": Uuid::nil(), "name": "A", "fiscal_year_first_month": 1})),
        event("business.renamed", json!({"name": "B"})),
        event("business.fiscal_year_changed", json!({"first_month": 4})),
        event("business.renamed", json!({"name": "B"})),
    ]);
    assert_eq!(rows[0].2, Value::Null);
    assert_eq!((&rows[1].2, &rows[1].3), (&json!({"name": "A"}), &json!({"name": "B"})));
    assert_eq!(rows[2].2, json!({"fiscal_year_first_month": 1}));
    assert_eq!((&rows[3].2, rows[3].0.as_str()), (&Value::Null, "Business renamed"));
}

#[test]
fn members_are_told_apart_and_named_by_id_alone() {
    let (ada, ben) = (Uuid::from_u128(7), Uuid::from_u128(8));
    let rows = history(&[
        event("business.member_joined", json!({"user": ada, "role": "VIEWER"})),
        event("business.member_joined", json!({"user": ben, "role": "OWNER"})),
        event("business.role_changed", json!({"user": ada, "was": "VIEWER", "role": "MANAGER"})),
        event(
            "business.member_invited",
            json!({"invitation": ben, "email": "ada@example.com", "token": "x", "role": "OWNER"}),
        ),
    ]);
    assert_eq!((rows[2].1, rows[2].0.as_str()), (ada, "Role changed from VIEWER to MANAGER"));
    assert_eq!(rows[2].2, json!({"role": "VIEWER"}));
    assert!(!format!("{rows:?}").contains("ada@"));
}

#[test]
fn every_kind_of_event_has_a_line() {
    let refused = json!({"aggregate": "account", "id": Uuid::from_u128(9), "command": "Rename", "code": "NOT_FOUND"});
    let rows = history(&[
        event("security.command_refused", refused),
        event("security.sign_in_failed", json!({"user": null, "factor": "totp", "reason": "wrong_code"})),
        event("security.refusals_counted", json!({"count": 480})),
        event("security.key_refused", json!({"key": null, "reason": "revoked"})),
        event("security.token_refused", json!({"reason": "forged"})),
        event("security.data_keys_rewrapped", json!({"rewrapped": 7, "current": 0})),
        event("security.password_reset_requested", json!({"user": null})),
        event("forecast.made", json!({"horizon": 12})),
        event("account.synced", json!({"added": [{"any": 1}, {}], "amended": [], "removed": [{}]})),
        event("account.synced", json!({"to_cursor": "7"})),
        event("account.documents_told", json!({"told": [{"any": 1}, {}], "settled": [{}], "sealed": "v1.1.AA"})),
    ]);
    let lines: Vec<_> = rows.iter().map(|row| row.0.as_str()).collect();
    let expected = [
        "Rename of account refused: not found",
        "Sign-in failed: wrong code",
        "480 further refusals",
        "Key refused: revoked",
        "Token refused: forged",
        "7 data keys wrapped anew",
        "Password reset requested",
        "Forecast made",
        "Transactions: 2 added, 1 removed",
        "Nothing new",
        "Invoices, bills and credits: 2 told, 1 payments",
    ];
    assert_eq!(lines, expected);
    assert_eq!(rows[0].1, Uuid::from_u128(9));
    assert_eq!(rows[7].3, json!({"horizon": 12}));
}
