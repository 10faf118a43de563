//! An event as a reader of the log sees it.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::account::AccountEvent;
use domain::business::BusinessEvent;
use domain::rates::RatesEvent;
use domain::security::SecurityEvent;
use domain::source::SourceEvent;
use uuid::Uuid;

use crate::decode::Decode;
use crate::sealing::{Keys, Place, SealError};
use crate::upcast::Upcasters;

/// One committed event with its place in the log.
#[derive(Debug, Clone)]
pub struct Event {
    /// Gapless over all businesses, from 1; also its sequence in JetStream.
    pub position: i64,
    pub business: BusinessId,
    /// Gapless within the business, from 1.
    pub business_sequence: i64,
    /// `business`, `source`, `account`, `rates` or `security`.
    pub aggregate_type: String,
    pub aggregate_id: Uuid,
    /// Gapless within the aggregate, from 1.
    pub sequence: i64,
    /// Without version, e.g. `account.synced`.
    pub event_type: String,
    pub event_version: String,
    /// When the store took it.
    pub recorded_at: DateTime<Utc>,
    /// `recorded_at`, made monotone over positions: what was known at a moment is a prefix of the log.
    pub known_at: DateTime<Utc>,
    /// SHA-256 over its canonical bytes, chained to the event before.
    pub hash: [u8; 32],
    /// Actor, correlation, causation, trace.
    pub metadata: HashMap<String, String>,
    /// JSON as stored: the bytes that were hashed.
    pub payload: Bytes,
}

/// The decoded payload, in its newest version.
#[derive(Debug, Clone)]
pub enum DomainEvent {
    Business(BusinessEvent),
    Source(SourceEvent),
    Account(AccountEvent),
    Rates(RatesEvent),
    Security(SecurityEvent),
}

#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("position {position}: {aggregate} is not an aggregate of this program; is the program older than the log?")]
    UnknownAggregate { position: i64, aggregate: String },
    #[error("position {position}: the payload is not a valid {event_type}: {source}")]
    Payload { position: i64, event_type: String, source: serde_json::Error },
}

/// Why an event could not be read with its texts.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("position {position}: {source}")]
    Seal { position: i64, source: SealError },
}

impl Event {
    /// Decodes the payload and opens its texts. Those of an erased business are absent.
    pub async fn open(&self, keys: &Keys) -> Result<DomainEvent, OpenError> {
        let mut event = self.decode()?;
        let place = self.place();
        let filled = match &mut event {
            DomainEvent::Business(event) => keys.fill(&place, &self.payload, event).await,
            DomainEvent::Source(event) => keys.fill(&place, &self.payload, event).await,
            DomainEvent::Account(event) => keys.fill(&place, &self.payload, event).await,
            DomainEvent::Rates(event) => keys.fill(&place, &self.payload, event).await,
            DomainEvent::Security(_) => Ok(()),
        };
        filled.map_err(|source| OpenError::Seal { position: self.position, source })?;
        Ok(event)
    }

    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            business: self.business.as_uuid(),
            aggregate_type: &self.aggregate_type,
            aggregate_id: self.aggregate_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
        }
    }

    /// Decodes the payload; older versions are upcast first. Sealed texts are absent: figures need none of them, and
    /// whoever computes figures needs no key.
    pub fn decode(&self) -> Result<DomainEvent, DecodeError> {
        self.decode_with(Upcasters::current())
    }

    /// Decodes the payload with other upcasters than the program's own.
    pub fn decode_with(&self, upcasters: &Upcasters) -> Result<DomainEvent, DecodeError> {
        let (name, version, payload) = (self.event_type.as_str(), self.event_version.as_str(), &*self.payload);
        let decoded = match self.aggregate_type.as_str() {
            "business" => BusinessEvent::decode(upcasters, name, version, payload).map(DomainEvent::Business),
            "source" => SourceEvent::decode(upcasters, name, version, payload).map(DomainEvent::Source),
            "account" => AccountEvent::decode(upcasters, name, version, payload).map(DomainEvent::Account),
            "rates" => RatesEvent::decode(upcasters, name, version, payload).map(DomainEvent::Rates),
            "security" => SecurityEvent::decode(upcasters, name, version, payload).map(DomainEvent::Security),
            _ => {
                return Err(DecodeError::UnknownAggregate {
                    position: self.position,
                    aggregate: self.aggregate_type.clone(),
                });
            }
        };
        decoded.map_err(|source| DecodeError::Payload {
            position: self.position,
            event_type: self.event_type.clone(),
            source,
        })
    }

    /// The type as a reader outside names it, e.g. `account.synced.v1`.
    pub fn full_type(&self) -> String {
        format!("{}.v{}", self.event_type, self.event_version)
    }
}
