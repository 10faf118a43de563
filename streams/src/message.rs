//! Events as messages: CloudEvents 1.0 in binary mode, attributes in headers, the payload as it is stored.
//!
//! `ce-id` is unique within `ce-source` (`<aggregate id>:<sequence>`), `ce-type` carries the version
//! (`account.synced.v1`), `ce-sequence` counts within the business, `ce-position` over the whole log and is the
//! message's sequence in the stream. `ce-metadata` is the metadata text that the hash covers, so that whoever holds
//! the stream alone can check the chain. Values are percent-encoded where a header could not carry them.

use std::str::FromStr;

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_MESSAGE_ID};
use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::Event;
use crate::log::{Positioned, metadata_of};

/// Metadata keys that are attributes of their own too, for consumers that filter by them.
const ATTRIBUTES: [(&str, &str); 5] = [
    ("actor", "ce-actor"),
    ("correlation", "ce-correlation"),
    ("causation", "ce-causation"),
    ("command_id", "ce-commandid"),
    ("traceparent", "ce-traceparent"),
];

/// A message of the stream that is no event of ours.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    #[error("the message has no header {0}")]
    Missing(&'static str),
    #[error("the header {name} cannot be \"{value}\"")]
    Invalid { name: &'static str, value: String },
}

/// `<prefix>_EVENTS`, e.g. `WORKDOCK_EVENTS`.
pub fn stream_name(prefix: &str) -> String {
    format!("{prefix}_EVENTS")
}

/// `<prefix>_DEAD_LETTERS`.
pub(crate) fn dead_letter_stream_name(prefix: &str) -> String {
    format!("{prefix}_DEAD_LETTERS")
}

/// Everything of the stream, e.g. `workdock.events.>`.
pub fn all_subjects(prefix: &str) -> String {
    format!("{}.events.>", prefix.to_ascii_lowercase())
}

/// `<prefix>.events.<business>.<aggregate>.<id>.<event>`, e.g. `workdock.events.….account.….synced`.
pub fn subject(prefix: &str, event: &Event) -> String {
    let own = event.event_type.strip_prefix(&event.aggregate_type).and_then(|rest| rest.strip_prefix('.'));
    let name = own.unwrap_or(&event.event_type).replace('.', "_");
    let prefix = prefix.to_ascii_lowercase();
    format!("{prefix}.events.{}.{}.{}.{name}", event.business, event.aggregate_type, event.aggregate_id)
}

/// `<prefix>.events.<business>.erased`: of a position whose business was erased, only the place is distributed.
pub(crate) fn erased_subject(prefix: &str, event: &Event) -> String {
    format!("{}.events.{}.erased", prefix.to_ascii_lowercase(), event.business)
}

/// The type of such messages.
const ERASED: &str = "workdock.position_erased.v1";

/// Whether a message only keeps the place of an event whose business was erased.
pub fn is_place(message: &async_nats::Message) -> bool {
    let kind = message.headers.as_ref().and_then(|headers| headers.get("ce-type"));
    kind.is_some_and(|kind| kind.as_str() == ERASED)
}

/// Headers of a message that only keeps an event's place: what the chain needs.
pub(crate) fn place_headers(event: &Event) -> HeaderMap {
    let hash = hex::encode(event.hash);
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, hash.as_str());
    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string());
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-type", ERASED);
    headers.insert("ce-source", format!("/workdock/businesses/{}", event.business));
    headers.insert("ce-business", event.business.to_string());
    headers.insert("ce-position", event.position.to_string());
    headers.insert("ce-hash", hash);
    headers
}

/// All headers of an event's message, those for the server included.
pub(crate) fn headers(positioned: &Positioned) -> HeaderMap {
    let event = &positioned.event;
    let hash = hex::encode(event.hash);
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, hash.as_str());
    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, (event.position - 1).to_string());
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-id", format!("{}:{}", event.aggregate_id, event.sequence));
    headers.insert("ce-source", format!("/workdock/businesses/{}", event.business));
    headers.insert("ce-type", event.full_type());
    headers.insert("ce-subject", format!("{}/{}", event.aggregate_type, event.aggregate_id));
    headers.insert("ce-time", moment(event.recorded_at));
    headers.insert("ce-datacontenttype", "application/json");
    headers.insert("ce-business", event.business.to_string());
    headers.insert("ce-sequence", event.business_sequence.to_string());
    headers.insert("ce-position", event.position.to_string());
    headers.insert("ce-aggregatesequence", event.sequence.to_string());
    headers.insert("ce-knownat", moment(event.known_at));
    headers.insert("ce-hash", hash);
    for (key, name) in ATTRIBUTES {
        if let Some(value) = event.metadata.get(key) {
            headers.insert(name, encode(value));
        }
    }
    headers.insert("ce-metadata", encode(&positioned.metadata));
    headers
}

impl Event {
    /// Rebuilds the event that the sequencer published.
    pub fn from_message(message: &async_nats::Message) -> Result<Self, MessageError> {
        let empty = HeaderMap::new();
        let headers = Headers(message.headers.as_ref().unwrap_or(&empty));
        let (event_type, event_version) = headers.split("ce-type", ".v")?;
        let (aggregate_type, aggregate_id) = headers.split("ce-subject", "/")?;
        Ok(Self {
            position: headers.parse("ce-position")?,
            business: headers.parse("ce-business")?,
            business_sequence: headers.parse("ce-sequence")?,
            aggregate_type: aggregate_type.to_owned(),
            aggregate_id: aggregate_id.parse().map_err(|_| headers.invalid("ce-subject"))?,
            sequence: headers.parse("ce-aggregatesequence")?,
            event_type: event_type.to_owned(),
            event_version: event_version.to_owned(),
            recorded_at: headers.moment("ce-time")?,
            known_at: headers.moment("ce-knownat")?,
            hash: headers.hash()?,
            metadata: metadata_of(&decode(headers.get("ce-metadata")?)),
            payload: message.payload.clone(),
        })
    }
}

struct Headers<'a>(&'a HeaderMap);

impl<'a> Headers<'a> {
    fn get(&self, name: &'static str) -> Result<&'a str, MessageError> {
        self.0.get(name).map(async_nats::HeaderValue::as_str).ok_or(MessageError::Missing(name))
    }

    fn parse<T: FromStr>(&self, name: &'static str) -> Result<T, MessageError> {
        self.get(name)?.parse().map_err(|_| self.invalid(name))
    }

    fn split(&self, name: &'static str, at: &str) -> Result<(&'a str, &'a str), MessageError> {
        self.get(name)?.rsplit_once(at).ok_or_else(|| self.invalid(name))
    }

    fn moment(&self, name: &'static str) -> Result<DateTime<Utc>, MessageError> {
        let moment = DateTime::parse_from_rfc3339(self.get(name)?).map_err(|_| self.invalid(name))?;
        Ok(moment.to_utc())
    }

    fn hash(&self) -> Result<[u8; 32], MessageError> {
        let mut hash = [0; 32];
        hex::decode_to_slice(self.get("ce-hash")?, &mut hash).map_err(|_| self.invalid("ce-hash"))?;
        Ok(hash)
    }

    fn invalid(&self, name: &'static str) -> MessageError {
        let value = self.0.get(name).map_or_else(String::new, ToString::to_string);
        MessageError::Invalid { name, value }
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// What a header cannot carry as it is; characters outside ASCII are always encoded.
const UNPRINTABLE: &AsciiSet = &CONTROLS.add(b'%');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNPRINTABLE).to_string()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_survives_a_header(text in any::<String>()) {
            let encoded = encode(&text);
            prop_assert!(encoded.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(decode(&encoded), text);
        }
    }
}
