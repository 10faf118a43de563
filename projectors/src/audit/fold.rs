//! The pure fold: what an event says of itself, and what it changed of what was known.

use std::collections::BTreeMap;

use domain::business::BusinessEvent;
use domain::security::AGGREGATE as SECURITY;
use serde_json::Value;
use streams::Event;
use uuid::Uuid;

use super::fields::{self, Fields};
use super::summary::summary;

/// Whose field it is.
pub(super) type Key = (Uuid, Uuid, String);

/// What is known of some subjects, and which of it changed.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub values: BTreeMap<Key, String>,
    pub changed: Vec<Key>,
}

/// A row before it is known what was before.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub event: &'a Event,
    pub subject: Uuid,
    pub summary: String,
    /// Of the report, where a month was closed.
    pub code: Option<String>,
    fields: Fields,
}

/// What a row shows of a change, as JSON objects.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub before: Option<String>,
    pub after: Option<String>,
}

impl<'a> Draft<'a> {
    pub fn of(event: &'a Event) -> Self {
        let members = fields::members(event);
        let (subject, summary) = (fields::subject(event, &members), summary(event, &members));
        let code = fields::report_code(event, &members);
        Self { event, subject, summary, code, fields: fields::shown(event, members) }
    }

    /// The fields whose values before must be known. Security events, closings and archives tell what happened and set
    /// nothing.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        let tells = ["business.month_", BusinessEvent::HISTORY_ARCHIVED];
        let sets =
            self.event.aggregate_type != SECURITY && !tells.iter().any(|kind| self.event.event_type.starts_with(kind));
        let business = self.event.business.as_uuid();
        self.fields.keys().filter(move |_| sets).map(move |field| (business, self.subject, field.clone()))
    }

    /// Compares with what was known, and makes it known.
    pub fn settle(&self, known: &mut Known) -> Change {
        let mut before = BTreeMap::new();
        for key in self.keys() {
            let value = self.fields[&key.2].to_string();
            if let Some(was) = known.values.get(&key)
                && *was != value
            {
                before.insert(key.2.clone(), was.parse().unwrap_or(Value::Null));
            }
            if known.values.get(&key) != Some(&value) {
                known.changed.push(key.clone());
                known.values.insert(key, value);
            }
        }
        Change { before: object(&before), after: object(&self.fields) }
    }
}

fn object(fields: &Fields) -> Option<String> {
    (!fields.is_empty()).then(|| serde_json::json!(fields).to_string())
}
