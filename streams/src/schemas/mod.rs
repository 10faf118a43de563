//! JSON Schemas of events, one per type and version, for whoever consumes the log.
//!
//! They are generated from the domain's types and kept in `streams/schemas/<type>.v<version>.json`, with a golden
//! event each in `golden/`. A kept schema changes only compatibly ([`incompatibilities`]); anything else is a new
//! version with an upcaster from the old one, whose schema and golden event stay.

mod compatible;

use std::collections::{BTreeMap, BTreeSet};

use domain::account::AccountEvent;
use domain::business::BusinessEvent;
use domain::rates::RatesEvent;
use domain::security::SecurityEvent;
use domain::source::SourceEvent;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub use compatible::incompatibilities;

macro_rules! kept {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../schemas/", $name, ".json")))),*]
    };
}

/// Full types with the text of their schemas, all versions that were ever written.
pub const KEPT: &[(&str, &str)] = kept![
    "account.attached.v1",
    "account.closed.v1",
    "account.detached.v1",
    "account.documents_told.v1",
    "account.drift_ended.v1",
    "account.drift_found.v1",
    "account.match_refused.v1",
    "account.memo_set.v1",
    "account.opened.v1",
    "account.opened.v2",
    "account.paid_out.v1",
    "account.recategorised.v1",
    "account.renamed.v1",
    "account.renamed.v2",
    "account.split.v1",
    "account.synced.v1",
    "account.synced.v2",
    "account.unsplit.v1",
    "business.erased.v1",
    "business.erasure_requested.v1",
    "business.erasure_withdrawn.v1",
    "business.fiscal_year_changed.v1",
    "business.history_archived.v1",
    "business.invitation_resent.v1",
    "business.invitation_withdrawn.v1",
    "business.invitee_erased.v1",
    "business.legal_hold_lifted.v1",
    "business.legal_hold_set.v1",
    "business.member_invited.v1",
    "business.member_invited.v2",
    "business.member_joined.v1",
    "business.member_left.v1",
    "business.member_removed.v1",
    "business.month_closed.v1",
    "business.month_reopened.v1",
    "business.month_reopened.v2",
    "business.recurring_ruled_out.v1",
    "business.registered.v1",
    "business.registered.v2",
    "business.renamed.v1",
    "business.renamed.v2",
    "business.retention_changed.v1",
    "business.role_changed.v1",
    "business.rule_deleted.v1",
    "business.rule_set.v1",
    "business.rules_ordered.v1",
    "business.second_factor_policy_changed.v1",
    "business.time_zone_changed.v1",
    "rates.recorded.v1",
    "security.access_refused.v1",
    "security.account_erased.v1",
    "security.account_made.v1",
    "security.address_change_requested.v1",
    "security.address_changed.v1",
    "security.command_refused.v1",
    "security.data_key_renewed.v1",
    "security.data_keys_rewrapped.v1",
    "security.erasure_requested.v1",
    "security.erasure_withdrawn.v1",
    "security.exported.v1",
    "security.factor_changed.v1",
    "security.history_archived.v1",
    "security.key_made.v1",
    "security.key_refused.v1",
    "security.key_revoked.v1",
    "security.key_used.v1",
    "security.link_issued.v1",
    "security.locked_out.v1",
    "security.master_key_rotated.v1",
    "security.password_reset_requested.v1",
    "security.profile_changed.v1",
    "security.refusals_counted.v1",
    "security.sealed_field_viewed.v1",
    "security.session_ended.v1",
    "security.sign_in_failed.v1",
    "security.signed_in.v1",
    "security.stepped_up.v1",
    "security.support_access.v1",
    "security.token_refused.v1",
    "security.unlocked.v1",
    "source.authorised.v1",
    "source.connected.v1",
    "source.connected.v2",
    "source.disconnected.v1",
    "source.disconnected.v2",
    "source.health_changed.v1",
];

/// Types whose texts are sealed: their version, and the members that are in `sealed` instead, whichever part of the
/// event they belong to.
const SEALED: &[(&str, &str, &[&str])] = &[
    ("account.attached", "1", &["name", "sha256"]),
    ("account.documents_told", "1", &["number", "counterparty", "memo"]),
    ("account.memo_set", "1", &["memo"]),
    ("account.opened", "2", &["name", "external_id"]),
    ("account.recategorised", "1", &["description", "counterparty", "reference", "note"]),
    ("account.renamed", "2", &["name"]),
    // The notes of the parts stand there empty, so that each keeps its place.
    ("account.split", "1", &["description", "counterparty", "reference"]),
    ("account.synced", "2", &["description", "counterparty", "reference"]),
    ("account.unsplit", "1", &["description", "counterparty", "reference"]),
    ("business.legal_hold_lifted", "1", &["reason"]),
    ("business.legal_hold_set", "1", &["reason"]),
    ("business.member_invited", "2", &["email"]),
    ("business.month_reopened", "2", &["reason"]),
    ("business.registered", "2", &["name"]),
    ("business.renamed", "2", &["name"]),
    // The texts that it asks for stand there empty.
    ("business.rule_set", "1", &[]),
    ("rates.recorded", "1", &["note"]),
    ("source.connected", "2", &["name"]),
    ("source.disconnected", "2", &["reason"]),
];

/// Of all others.
const VERSION: &str = "1";

/// The schemas of what this program writes, by full type (`account.synced.v1`).
pub fn generated() -> BTreeMap<String, Value> {
    let mut schemas = variants_of::<BusinessEvent>();
    schemas.extend(variants_of::<SourceEvent>());
    schemas.extend(variants_of::<AccountEvent>());
    schemas.extend(variants_of::<RatesEvent>());
    schemas.extend(variants_of::<SecurityEvent>());
    schemas
}

/// One schema for each variant of a tagged enum.
fn variants_of<E: JsonSchema>() -> BTreeMap<String, Value> {
    let root = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<E>().to_value();
    let definitions = root["$defs"].as_object().cloned().unwrap_or_default();
    let variants = root["oneOf"].as_array().into_iter().flatten();
    let named = variants.filter_map(|variant| Some((variant["properties"]["event"]["const"].as_str()?, variant)));
    named.map(|(name, variant)| standalone(name, variant, &definitions)).collect()
}

fn standalone(name: &str, variant: &Value, definitions: &Map<String, Value>) -> (String, Value) {
    let sealed = SEALED.iter().find(|(sealed, ..)| *sealed == name);
    let full_type = format!("{name}.v{}", sealed.map_or(VERSION, |(_, version, _)| version));
    let mut schema = variant.as_object().cloned().unwrap_or_default();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("$id".to_owned(), json!(format!("urn:workdock:event:{full_type}")));
    schema.insert("title".to_owned(), json!(full_type));
    let mut used = BTreeSet::new();
    references(variant, definitions, &mut used);
    if !used.is_empty() {
        let used = definitions.iter().filter(|(name, _)| used.contains(name.as_str()));
        schema.insert("$defs".to_owned(), used.map(|(name, schema)| (name.clone(), schema.clone())).collect());
    }
    let mut schema = Value::Object(schema);
    if let Some((_, _, texts)) = sealed {
        without(&mut schema, texts);
        schema["properties"]["sealed"] = sealed_member();
    }
    (full_type, schema)
}

/// Takes these members out of everything that the schema describes.
fn without(schema: &mut Value, texts: &[&str]) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get_mut("properties") {
                properties.retain(|name, _| !texts.contains(&name.as_str()));
            }
            members.values_mut().for_each(|member| without(member, texts));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without(item, texts)),
        _ => {}
    }
}

fn sealed_member() -> Value {
    json!({
        "type": "string",
        "description": "All texts of the event, sealed with a key of the business: v1, the key's version, and base64 \
                        of nonce, ciphertext and tag. Absent where the event has none.",
        "pattern": "^v1\\.[0-9]+\\.[A-Za-z0-9+/]+$",
    })
}

/// The definitions that a schema needs, directly or not.
fn references<'a>(schema: &'a Value, definitions: &'a Map<String, Value>, used: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix("#/$defs/"));
            if let Some(target) = target
                && used.insert(target)
            {
                references(definitions.get(target).unwrap_or(&Value::Null), definitions, used);
            }
            members.values().for_each(|member| references(member, definitions, used));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, definitions, used)),
        _ => {}
    }
}
