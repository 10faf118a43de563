//! The log into JetStream, in order, many messages at once.

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{ContextBuilder, PublishAckFuture};
use async_nats::jetstream::message::PublishMessage;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::sync::{mpsc, watch};

use super::ahead::Ahead;
use super::repair::{RepairError, Repairer};
use super::{Config, SequencerError, Status};
use crate::erasure::Ended;
use crate::log::Positioned;
use crate::message::{erased_subject, headers, place_headers, subject};

/// Messages that may wait for their acknowledgement, and their bytes.
const WINDOW: usize = 1_000;
const WINDOW_BYTES: usize = 16 << 20;

/// An acknowledgement that takes longer is taken for lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the first look waits for JetStream before positions are given without it.
const FIRST_LOOK: Duration = Duration::from_secs(5);

pub(super) struct Publisher {
    pool: PgPool,
    log: Ahead,
    jetstream: Context,
    prefix: String,
    /// Where erased businesses end: of what stands before, only the place is published.
    ended: Ended,
    repairer: Repairer,
    status: std::sync::Arc<Status>,
    /// Batches as they are positioned, as far as there is room.
    fed: mpsc::Receiver<Vec<Positioned>>,
    /// The newest position, also of what did not fit.
    heads: watch::Receiver<i64>,
}

#[derive(Debug, thiserror::Error)]
enum PublishError {
    #[error(transparent)]
    Repair(#[from] RepairError),
    #[error("reading the log: {0}")]
    Store(#[from] sqlx::Error),
    #[error("publishing position {position}: {source}")]
    JetStream { position: i64, source: async_nats::jetstream::context::PublishError },
    #[error("position {position} became message {sequence}")]
    Diverged { position: i64, sequence: u64 },
}

/// Messages on their way, oldest first.
#[derive(Default)]
struct Window {
    sent: VecDeque<Sent>,
    bytes: usize,
}

impl Window {
    fn has_room_for(&self, bytes: usize) -> bool {
        self.sent.is_empty() || (self.sent.len() < WINDOW && self.bytes + bytes <= WINDOW_BYTES)
    }

    fn push(&mut self, sent: Sent) {
        self.bytes += sent.bytes;
        self.sent.push_back(sent);
    }

    fn pop(&mut self) -> Option<Sent> {
        let oldest = self.sent.pop_front()?;
        self.bytes -= oldest.bytes;
        Some(oldest)
    }
}

/// A message on its way.
struct Sent {
    position: i64,
    bytes: usize,
    recorded_at: DateTime<Utc>,
    ack: PublishAckFuture,
}

impl Publisher {
    pub fn new(config: &Config, fed: mpsc::Receiver<Vec<Positioned>>, heads: watch::Receiver<i64>) -> Self {
        let jetstream = ContextBuilder::new().timeout(PATIENCE).build(config.nats.clone());
        Self {
            pool: config.pool.clone(),
            log: Ahead::new(config.pool.clone()),
            repairer: Repairer::new(config, jetstream.clone()),
            jetstream,
            prefix: config.prefix.clone(),
            ended: Ended::default(),
            status: config.status.clone(),
            fed,
            heads,
        }
    }

    /// Compares stream and store before the first position is given. JetStream may be away: then it is compared when
    /// it is back.
    pub async fn first_look(&mut self) -> Result<(), SequencerError> {
        match tokio::time::timeout(FIRST_LOOK, self.repairer.reconcile()).await {
            Ok(Ok(published)) => self.status.published_up_to(published),
            Ok(Err(RepairError::Ahead(error))) => return Err(*error),
            Ok(Err(error)) => self.trouble(&error),
            Err(_) => self.trouble(&"JetStream does not answer"),
        }
        Ok(())
    }

    /// Publishes for ever; ends only with what must not be repaired by itself.
    pub async fn run(mut self) -> SequencerError {
        loop {
            match self.follow().await {
                PublishError::Repair(RepairError::Ahead(error)) => return *error,
                error => self.trouble(&error),
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    fn trouble(&self, error: &dyn std::fmt::Display) {
        tracing::warn!(%error, "publication waits, positions go on");
        self.status.troubled(format!("publication waits: {error}"));
    }

    async fn follow(&mut self) -> PublishError {
        let mut window = Window::default();
        match self.repairer.reconcile().await {
            Ok(published) => {
                self.ended = match Ended::read(&self.pool).await {
                    Ok(ended) => ended,
                    Err(error) => return error.into(),
                };
                self.status.published_up_to(published);
                self.status.well();
                let Err(error) = self.publish_after(published, &mut window).await;
                error
            }
            Err(error) => error.into(),
        }
    }

    /// Sends what there is; where there is nothing to send, takes one acknowledgement; where there is none to take,
    /// waits for events.
    async fn publish_after(
        &mut self,
        published: i64,
        window: &mut Window,
    ) -> Result<std::convert::Infallible, PublishError> {
        let mut next = published + 1;
        loop {
            if let Some(batch) = self.available(next).await? {
                for positioned in batch {
                    next = positioned.event.position + 1;
                    self.send(positioned, window).await?;
                }
            } else if let Some(oldest) = window.pop() {
                self.acknowledged(oldest).await?;
            } else if self.heads.changed().await.is_err() {
                // The leader is gone, and this task with it.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Events from `next` on: as they were handed over, or from the store where some were missed.
    async fn available(&mut self, next: i64) -> Result<Option<Vec<Positioned>>, sqlx::Error> {
        while let Ok(batch) = self.fed.try_recv() {
            match (batch.first(), batch.last()) {
                (Some(first), Some(last)) if first.event.position <= next && next <= last.event.position => {
                    let news = batch.into_iter().filter(|positioned| positioned.event.position >= next);
                    return Ok(Some(news.collect()));
                }
                // Behind: published already. Ahead: read from the store below.
                _ => {}
            }
        }
        let head = *self.heads.borrow_and_update();
        if head < next {
            return Ok(None);
        }
        let batch = self.log.read(next - 1, head).await?;
        Ok((!batch.is_empty()).then_some(batch))
    }

    async fn send(&self, positioned: Positioned, window: &mut Window) -> Result<(), PublishError> {
        let bytes = positioned.event.payload.len() + positioned.metadata.len();
        while !window.has_room_for(bytes) {
            let Some(oldest) = window.pop() else { break };
            self.acknowledged(oldest).await?;
        }
        let position = positioned.event.position;
        let event = &positioned.event;
        let (subject, message) = match self.ended.covers(event.business.as_uuid(), position) {
            false => (
                subject(&self.prefix, event),
                PublishMessage::build().headers(headers(&positioned)).payload(event.payload.clone()),
            ),
            true => (
                erased_subject(&self.prefix, event),
                PublishMessage::build().headers(place_headers(event)).payload(bytes::Bytes::new()),
            ),
        };
        let publish = self.jetstream.send_publish(subject, message);
        let ack = publish.await.map_err(|source| PublishError::JetStream { position, source })?;
        window.push(Sent { position, bytes, recorded_at: positioned.event.recorded_at, ack });
        Ok(())
    }

    async fn acknowledged(&self, sent: Sent) -> Result<(), PublishError> {
        let position = sent.position;
        let ack = sent.ack.await.map_err(|source| PublishError::JetStream { position, source })?;
        if i64::try_from(ack.sequence) != Ok(position) {
            return Err(PublishError::Diverged { position, sequence: ack.sequence });
        }
        self.status.published_up_to(position);
        let delay = (Utc::now() - sent.recorded_at).to_std().unwrap_or_default();
        metrics::histogram!("workdock_sequencer_delay_seconds").record(delay);
        Ok(())
    }
}
