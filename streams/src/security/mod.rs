//! Recording what happened around access in the log.
//!
//! Guarantees:
//! - A security event gets position, hash and message like every event. It has an aggregate of its own, so it is
//!   appended without reading and never loses a race.
//! - What anybody can cause at will cannot fill the log: of each actor at one address [`SINGLY`] a minute are recorded as they
//!   are, of all together [`ALTOGETHER`]; the rest of that minute is one event with their number.
//!
//! Refusals by rules of the domain are recorded by [`crate::Commands`]; refusals of rights by the edge that asked
//! [`domain::access::authorise`], which alone knows them.

mod bound;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use cqrs_es::DomainEvent as _;
use domain::security::AGGREGATE;
use sqlx::PgPool;
use uuid::Uuid;

pub use bound::{ALTOGETHER, SINGLY};
pub use domain::security::SecurityEvent;

use crate::sealing::{Keys, OriginKey};
use crate::{CommandError, Meta};
use bound::{Bound, Overflow, Take};

/// Where security events go. [`Meta::business`] is the business that it concerns, or none ([`Meta::installation`]).
#[async_trait]
pub trait Journal: std::fmt::Debug + Send + Sync {
    async fn record(&self, event: SecurityEvent, meta: &Meta) -> Result<(), CommandError>;

    /// For where the answer must not depend on it: a failure is logged.
    async fn note(&self, event: SecurityEvent, meta: &Meta) {
        let kind = event.event_type();
        if let Err(error) = self.record(event, meta).await {
            tracing::error!(%error, kind, "a security event could not be recorded");
        }
    }
}

/// The journal in the event store. Cheap to clone; clones share their bounds.
#[derive(Debug, Clone)]
pub struct SecurityLog {
    pool: PgPool,
    keys: Keys,
    bound: Arc<Bound>,
}

const APPEND: &str = "
insert into store.events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
values ($1, $2, 1, $3, $4, $5::json, $6::json)";

impl SecurityLog {
    pub fn new(pool: PgPool, keys: Keys) -> Self {
        Self { pool, keys, bound: Arc::default() }
    }

    /// What the origin is sealed with. Without it an event is recorded nevertheless, without its origin.
    async fn key(&self, meta: &Meta) -> Option<OriginKey> {
        self.keys.origin(meta).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a security event is recorded without its origin");
            None
        })
    }

    async fn append(&self, event: &SecurityEvent, meta: &Meta) -> Result<(), CommandError> {
        let payload = serde_json::to_string(event).map_err(|error| CommandError::Failed(Box::new(error)))?;
        let metadata = meta.to_json(self.key(meta).await.as_ref());
        let metadata = metadata.map_err(|error| CommandError::Failed(Box::new(error)))?;
        sqlx::query(APPEND)
            .bind(AGGREGATE)
            .bind(Uuid::now_v7().to_string())
            .bind(event.event_type())
            .bind(event.event_version())
            .bind(payload)
            .bind(metadata)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Writes the count when its minute is over; what a process that ends has counted is lost with it.
    fn count_later(&self, overflow: Overflow) {
        let log = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(overflow.remaining).await;
            let Some((meta, count, since)) = log.bound.close(&overflow.key) else { return };
            let counted = SecurityEvent::RefusalsCounted { count, since, until: micros(Utc::now()) };
            if let Err(error) = log.append(&counted, &meta).await {
                tracing::error!(%error, count, "refusals were counted but not recorded");
            }
        });
    }
}

#[async_trait]
impl Journal for SecurityLog {
    async fn record(&self, event: SecurityEvent, meta: &Meta) -> Result<(), CommandError> {
        if event.is_at_will() {
            match self.bound.take(meta, micros(Utc::now())) {
                Take::Single => {}
                Take::Counted(None) => return Ok(()),
                Take::Counted(Some(overflow)) => {
                    self.count_later(overflow);
                    return Ok(());
                }
            }
        }
        self.append(&event, meta).await
    }
}

/// What PostgreSQL and the chain keep of a moment.
fn micros(moment: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(moment.timestamp_micros()).unwrap_or(moment)
}

/// The name of an enum's variant, without anything that it holds: commands carry names and descriptions.
pub(crate) fn variant_name(value: &impl std::fmt::Debug) -> String {
    struct Name(String);
    impl std::fmt::Write for Name {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            self.0.push_str(&text[..end.unwrap_or(text.len())]);
            // An error ends the formatting here.
            if end.is_some() { Err(std::fmt::Error) } else { Ok(()) }
        }
    }
    let mut name = Name(String::new());
    let _ = std::fmt::write(&mut name, format_args!("{value:?}"));
    name.0
}
