//! Schemas and golden events. `UPDATE_SCHEMAS=1 cargo test -p streams schemas` writes what changed compatibly.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use bytes::Bytes;
use chrono::Utc;
use domain::BusinessId;
use serde_json::Value;
use streams::schemas::{KEPT, generated, incompatibilities};
use streams::{DomainEvent, Event};
use uuid::Uuid;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn kept() -> BTreeMap<String, Value> {
    KEPT.iter().map(|(name, text)| ((*name).to_owned(), serde_json::from_str(text).unwrap())).collect()
}

fn golden(full_type: &str) -> Vec<u8> {
    std::fs::read(folder().join("golden").join(format!("{full_type}.json"))).unwrap()
}

fn event(full_type: &str, payload: Vec<u8>) -> Event {
    let (event_type, event_version) = full_type.rsplit_once(".v").unwrap();
    Event {
        position: 1,
        business: BusinessId::new(),
        business_sequence: 1,
        aggregate_type: event_type.split('.').next().unwrap().to_owned(),
        aggregate_id: Uuid::now_v7(),
        sequence: 1,
        event_type: event_type.to_owned(),
        event_version: event_version.to_owned(),
        recorded_at: Utc::now(),
        known_at: Utc::now(),
        hash: [0; 32],
        metadata: HashMap::new(),
        payload: Bytes::from(payload),
    }
}

#[test]
fn kept_schemas_are_those_of_the_types() {
    let (kept, generated) = (kept(), generated());
    for (name, schema) in &generated {
        let old = kept.get(name).unwrap_or_else(|| panic!("{name} is not in streams::schemas::KEPT"));
        if old == schema {
            continue;
        }
        let is_new = old.as_object().unwrap().is_empty();
        let against = if is_new { Vec::new() } else { incompatibilities(old, schema) };
        assert!(against.is_empty(), "{name} needs a new version and an upcaster: {against:#?}");
        assert!(std::env::var_os("UPDATE_SCHEMAS").is_some(), "{name} changed; UPDATE_SCHEMAS=1 writes it");
        let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
        std::fs::write(folder().join(format!("{name}.json")), text).unwrap();
    }
    assert_eq!(kept.keys().collect::<Vec<_>>(), generated.keys().collect::<Vec<_>>());
}

/// Every version that was ever written.
#[test]
fn golden_events_are_valid_and_decode_for_ever() {
    for (name, schema) in kept() {
        let payload = golden(&name);
        let value: Value = serde_json::from_slice(&payload).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let decoded = event(&name, payload).decode().unwrap();
        let again = match decoded {
            DomainEvent::Business(event) => serde_json::to_value(event),
            DomainEvent::Source(event) => serde_json::to_value(event),
            DomainEvent::Account(event) => serde_json::to_value(event),
            DomainEvent::Security(event) => serde_json::to_value(event),
        };
        assert_eq!(again.unwrap(), value, "{name} is not written as it was read");
    }
}

#[test]
fn schemas_refuse_what_is_no_such_event() {
    let schema = &kept()["account.synced.v1"];
    let validator = jsonschema::validator_for(schema).unwrap();
    let golden: Value = serde_json::from_slice(&golden("account.synced.v1")).unwrap();
    let breaks: [(&str, Value); 4] = [
        ("/event", "account.opened".into()),
        ("/added/0/amount", 15.3.into()),
        ("/added/0/kind", "profit".into()),
        ("/amended/0/was/currency", "pounds".into()),
    ];
    for (pointer, value) in breaks {
        let mut broken = golden.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
}
