//! Recording what happened around access in the log.
//!
//! Guarantees:
//! - A security event gets position, hash and message like every event. It has an aggregate of its own, so it is
//!   appended without reading and never loses a race.
//! - What anybody can cause at will cannot fill the log: of each actor at one address [`SINGLY`] a minute are recorded as they
//!   are, of all together [`ALTOGETHER`]; the rest of that minute is one event with their number, written at the latest when
//!   the process ends in good order ([`SecurityLog::flush`]).
//! - What changes something is recorded with the change, or neither stands ([`Journal::record_in_tx`]).
//!
//! Refusals by rules of the domain are recorded by [`crate::Commands`]; refusals of rights by the edge that asked
//! [`domain::access::authorise`], which alone knows them.

mod bound;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use cqrs_es::DomainEvent as _;
use domain::security::AGGREGATE;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

pub use bound::{ALTOGETHER, SINGLY};
pub use domain::security::SecurityEvent;

use crate::sealing::{Keys, OriginKey};
use crate::{CommandError, Meta};
use bound::{Bound, Counted, Overflow, Take};

/// Who does it and from where, sealed. Made before a transaction begins: a key service may be asked for it, and the
/// sequencer waits for every transaction that has written.
#[derive(Debug, Clone)]
pub struct Prepared {
    meta: Meta,
    metadata: String,
}

/// Where security events go. [`Meta::business`] is the business that it concerns, or none ([`Meta::installation`]).
#[async_trait]
pub trait Journal: std::fmt::Debug + Send + Sync {
    async fn record(&self, event: SecurityEvent, meta: &Meta) -> Result<(), CommandError>;

    /// For [`Journal::record_in_tx`]; events of one transaction are of one command.
    async fn prepare(&self, meta: Meta) -> Result<Prepared, CommandError>;

    /// In the transaction of what it tells of: both stand, or neither.
    async fn record_in_tx(
        &self,
        tx: &mut PgConnection,
        event: SecurityEvent,
        by: &Prepared,
    ) -> Result<(), CommandError>;

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

    async fn seal(&self, meta: Meta) -> Result<Prepared, CommandError> {
        let metadata = meta.to_json(self.key(&meta).await.as_ref()).map_err(unwritable)?;
        Ok(Prepared { meta, metadata })
    }

    /// Whether it is one too many to be recorded as it is.
    fn is_counted(&self, event: &SecurityEvent, meta: &Meta) -> bool {
        if !event.is_at_will() {
            return false;
        }
        match self.bound.take(meta, micros(Utc::now())) {
            Take::Single => false,
            Take::Counted(first) => {
                if let Some(overflow) = first {
                    self.count_later(overflow);
                }
                true
            }
        }
    }

    /// Writes the count when its minute is over.
    fn count_later(&self, overflow: Overflow) {
        let log = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(overflow.remaining).await;
            if let Some(counted) = log.bound.close(&overflow.key) {
                log.count(counted).await;
            }
        });
    }

    /// Writes every count before its minute is over: what a process counts that is then killed is lost with it.
    pub async fn flush(&self) {
        for counted in self.bound.close_all() {
            self.count(counted).await;
        }
    }

    async fn count(&self, (meta, count, since): Counted) {
        let counted = SecurityEvent::RefusalsCounted { count, since, until: micros(Utc::now()) };
        if let Err(error) = self.record(counted, &meta).await {
            tracing::error!(%error, count, "refusals were counted but not recorded");
        }
    }
}

async fn append(executor: impl PgExecutor<'_>, event: &SecurityEvent, by: &Prepared) -> Result<(), CommandError> {
    let payload = serde_json::to_string(event).map_err(unwritable)?;
    sqlx::query(APPEND)
        .bind(AGGREGATE)
        .bind(Uuid::now_v7().to_string())
        .bind(event.event_type())
        .bind(event.event_version())
        .bind(payload)
        .bind(&by.metadata)
        .execute(executor)
        .await?;
    Ok(())
}

fn unwritable<E: std::error::Error + Send + Sync + 'static>(error: E) -> CommandError {
    CommandError::Failed(Box::new(error))
}

#[async_trait]
impl Journal for SecurityLog {
    async fn record(&self, event: SecurityEvent, meta: &Meta) -> Result<(), CommandError> {
        if self.is_counted(&event, meta) {
            return Ok(());
        }
        append(&self.pool, &event, &self.seal(meta.clone()).await?).await
    }

    async fn prepare(&self, meta: Meta) -> Result<Prepared, CommandError> {
        self.seal(meta).await
    }

    async fn record_in_tx(
        &self,
        tx: &mut PgConnection,
        event: SecurityEvent,
        by: &Prepared,
    ) -> Result<(), CommandError> {
        if self.is_counted(&event, &by.meta) {
            return Ok(());
        }
        append(tx, &event, by).await
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
