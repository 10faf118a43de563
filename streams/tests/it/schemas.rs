//! Schemas and golden events. `UPDATE_SCHEMAS=1 cargo test -p streams schemas` writes what changed compatibly.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use bytes::Bytes;
use chrono::Utc;
use domain::BusinessId;
use serde_json::Value;
use streams::schemas::{KEPT, generated, incompatibilities};
use streams::testing::{Database, keys};
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

/// Golden events are of this business and this aggregate, and bound to them.
const BUSINESS: BusinessId = BusinessId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));

fn event(full_type: &str, payload: Vec<u8>) -> Event {
    let (event_type, event_version) = full_type.rsplit_once(".v").unwrap();
    Event {
        position: 1,
        business: BUSINESS,
        business_sequence: 1,
        aggregate_type: event_type.split('.').next().unwrap().to_owned(),
        aggregate_id: BUSINESS.as_uuid(),
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
    // Versions that are no longer written stay as they are.
    let older: Vec<_> = kept.keys().filter(|name| !generated.contains_key(*name)).collect();
    let newer = |name: &str| generated.keys().any(|other| other.rsplit_once(".v") > name.rsplit_once(".v"));
    assert!(older.iter().all(|name| newer(name)), "{older:?}");
}

/// Every version that was ever written.
#[test]
fn golden_events_are_valid_and_decode_for_ever() {
    for (name, schema) in kept() {
        let payload = golden(&name);
        let mut value: Value = serde_json::from_slice(&payload).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let decoded = event(&name, payload).decode().unwrap();
        let again = match decoded {
            DomainEvent::Business(event) => serde_json::to_value(event),
            DomainEvent::Source(event) => serde_json::to_value(event),
            DomainEvent::Account(event) => serde_json::to_value(event),
            DomainEvent::Rates(event) => serde_json::to_value(event),
            DomainEvent::Security(event) => serde_json::to_value(event),
        };
        value.as_object_mut().unwrap().remove("sealed");
        assert_eq!(again.unwrap(), value, "{name} is not written as it was read");
    }
}

/// Their texts were sealed once with a key that is kept beside them, wrapped.
#[tokio::test]
async fn golden_sealed_events_open_for_ever() {
    let database = Database::create().await;
    let keys = keys(&database.pool());
    let key = folder().join("golden/data_key.txt");
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    if update && !key.exists() {
        keys.of_business(BUSINESS).seal("made", Uuid::nil(), b"").await.unwrap();
        let row = "select master || ' ' || encode(wrapped, 'hex') || e'\\n' from keys.data_key";
        std::fs::write(&key, sqlx::query_scalar::<_, String>(row).fetch_one(&database.pool()).await.unwrap()).unwrap();
    }
    let text = std::fs::read_to_string(&key).unwrap();
    let (master, wrapped) = text.trim().split_once(' ').unwrap();
    let insert = "insert into keys.data_key (business, purpose, version, master, wrapped)
                  values ($1, 'seal', 1, $2, decode($3, 'hex')) on conflict do nothing";
    let insert = sqlx::query(insert).bind(BUSINESS.as_uuid()).bind(master).bind(wrapped);
    insert.execute(&database.pool()).await.unwrap();
    for name in kept().into_keys().filter(|name| name.ends_with(".v2")) {
        let plain = golden(&name.replace(".v2", ".v1"));
        let path = folder().join("golden").join(format!("{name}.json"));
        if update && !path.exists() {
            let decoded = event(&name, plain.clone()).decode().unwrap();
            let sealed = streams::testing::sealed(&keys, &event(&name, plain.clone()), decoded).await;
            std::fs::write(&path, sealed.payload).unwrap();
        }
        let opened = match event(&name, golden(&name)).open(&keys).await.unwrap() {
            DomainEvent::Business(event) => serde_json::to_value(event),
            DomainEvent::Source(event) => serde_json::to_value(event),
            DomainEvent::Account(event) => serde_json::to_value(event),
            DomainEvent::Rates(event) => serde_json::to_value(event),
            DomainEvent::Security(event) => serde_json::to_value(event),
        };
        assert_eq!(opened.unwrap(), serde_json::from_slice::<Value>(&plain).unwrap(), "{name}");
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
