//! Comparing the stream with the store, and making it right.
//!
//! The store is the truth. A stream that is missing is made and filled; one that is behind is filled up; one with a
//! hole, without its beginning or with another event at its end is replaced, and consumers begin anew. A hole is none
//! where a business was erased ([`crate::erasure`]): its messages were deleted, and the log says which. One that is
//! ahead holds events that the store does not have, and is replaced only when somebody said so.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{
    Config as StreamConfig, DiscardPolicy, LastRawMessageErrorKind, RetentionPolicy, Stream,
};
use async_nats::jetstream::{Context, ErrorCode};
use sqlx::PgPool;

use super::{Config, SequencerError};
use crate::message::{all_subjects, stream_name};
use crate::{erasure, log};

/// Messages that a refusal reads to say what would be dropped.
const MOST_NAMED: i64 = 200;

/// Payload and headers, see [`crate::MOST_BYTES`].
const MOST_MESSAGE_BYTES: i32 = 1 << 20;

/// What a stream holds that the store does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    pub first: i64,
    pub last: i64,
    /// How many of each type, e.g. `account.synced.v1`, of the first 200.
    pub types: BTreeMap<String, u64>,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "positions {} to {} would be dropped (", self.first, self.last)?;
        for (n, (name, count)) in self.types.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}{count} {name}")?;
        }
        let more = self.last - self.first + 1 - MOST_NAMED;
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        f.write_str(")")
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum RepairError {
    #[error(transparent)]
    Ahead(Box<SequencerError>),
    #[error("reading the log: {0}")]
    Store(#[from] sqlx::Error),
    #[error("JetStream: {0}")]
    JetStream(#[source] Box<dyn Error + Send + Sync>),
}

fn jetstream(error: impl Into<Box<dyn Error + Send + Sync>>) -> RepairError {
    RepairError::JetStream(error.into())
}

pub(super) struct Repairer {
    pool: PgPool,
    jetstream: Context,
    config: StreamConfig,
    accept_truncation: bool,
}

impl Repairer {
    pub fn new(config: &Config, jetstream: Context) -> Self {
        let stream = StreamConfig {
            name: stream_name(&config.prefix),
            description: Some("All events in the order of the log: sequence = position.".to_owned()),
            subjects: vec![all_subjects(&config.prefix)],
            retention: RetentionPolicy::Limits,
            // Full means full: nothing old is dropped to make room.
            discard: DiscardPolicy::New,
            storage: config.storage,
            num_replicas: config.replicas,
            // Messages of businesses that were erased are deleted; the log is the record.
            deny_delete: false,
            deny_purge: true,
            allow_direct: true,
            duplicate_window: Duration::from_secs(120),
            max_message_size: MOST_MESSAGE_BYTES,
            ..StreamConfig::default()
        };
        let accept_truncation = config.accept_truncation;
        Self { pool: config.pool.clone(), jetstream, config: stream, accept_truncation }
    }

    /// Makes the stream a prefix of the log and tells its length.
    pub async fn reconcile(&self) -> Result<i64, RepairError> {
        let Some(stream) = self.find().await? else {
            tracing::info!(stream = self.config.name, "making the stream");
            return self.create().await;
        };
        let state = &stream.cached_info().state;
        let last = i64::try_from(state.last_sequence).map_err(jetstream)?;
        let head = log::head(&self.pool).await?.position;
        if last > head {
            return self.cut(&stream, last, head).await;
        }
        if state.messages != state.last_sequence && !self.only_erased_are_missing(&stream).await? {
            return self.replace("messages are missing in it").await;
        }
        let newest = erasure::newest_lasting(&self.pool, last).await?;
        if newest > 0 && !self.agree_at(&stream, newest).await? {
            return self.replace("it ends in another event than the store has there").await;
        }
        Ok(last)
    }

    /// Whether every missing message is of a position that was deleted on purpose.
    async fn only_erased_are_missing(&self, stream: &Stream) -> Result<bool, RepairError> {
        let missing = erasure::missing(stream).await.map_err(jetstream)?;
        Ok(erasure::all_ended(&self.pool, &missing).await?)
    }

    async fn find(&self) -> Result<Option<Stream>, RepairError> {
        match self.jetstream.get_stream(&self.config.name).await {
            Ok(stream) => Ok(Some(stream)),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(refusal) if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    Ok(None)
                }
                _ => Err(jetstream(error)),
            },
        }
    }

    async fn create(&self) -> Result<i64, RepairError> {
        self.jetstream.create_stream(self.config.clone()).await.map_err(jetstream)?;
        Ok(0)
    }

    async fn replace(&self, reason: &str) -> Result<i64, RepairError> {
        tracing::warn!(stream = self.config.name, reason, "replacing the stream, it is filled again from the store");
        metrics::counter!("workdock_stream_replaced_total").increment(1);
        self.jetstream.delete_stream(&self.config.name).await.map_err(jetstream)?;
        self.create().await
    }

    /// A stream that is ahead: replaced or refused.
    async fn cut(&self, stream: &Stream, last: i64, head: i64) -> Result<i64, RepairError> {
        let dropped = dropped(stream, head + 1, last).await?;
        if self.accept_truncation {
            return self.replace(&format!("{dropped}, as accepted")).await;
        }
        Err(RepairError::Ahead(Box::new(SequencerError::StreamAhead {
            stream: self.config.name.clone(),
            stream_head: last,
            store_head: head,
            dropped,
        })))
    }

    /// Whether the event at a position is the same in both; its hash stands for all before it.
    async fn agree_at(&self, stream: &Stream, position: i64) -> Result<bool, RepairError> {
        let query = sqlx::query_scalar("select hash from store.log where position = $1").bind(position);
        let stored: Vec<u8> = query.fetch_one(&self.pool).await?;
        match stream.get_raw_message(position.unsigned_abs()).await {
            Ok(message) => {
                let hash = message.headers.get("ce-hash").map(|value| hex::decode(value.as_str()));
                Ok(hash.is_some_and(|hash| hash.as_ref() == Ok(&stored)))
            }
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(false),
            Err(error) => Err(jetstream(error)),
        }
    }
}

async fn dropped(stream: &Stream, first: i64, last: i64) -> Result<Dropped, RepairError> {
    let mut types = BTreeMap::new();
    for position in first..=last.min(first + MOST_NAMED - 1) {
        let name = match stream.get_raw_message(position.unsigned_abs()).await {
            Ok(message) => message.headers.get("ce-type").map_or("of no type", |name| name.as_str()).to_owned(),
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => "gone".to_owned(),
            Err(error) => return Err(jetstream(error)),
        };
        *types.entry(name).or_insert(0) += 1;
    }
    Ok(Dropped { first, last, types })
}
