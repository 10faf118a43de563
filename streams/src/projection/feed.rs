//! Where a running projection gets its events: a durable pull consumer of JetStream, and PostgreSQL wherever that
//! does not deliver.
//!
//! JetStream only makes it fast. What it skips, loses or holds back is read from the log; while it is gone altogether
//! the log is asked several times a second.

use std::time::Duration;

use async_nats::connection::State as Link;
use async_nats::jetstream::consumer::pull::{self, MessagesError};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, Info};
use async_nats::jetstream::{self, Message};
use futures::{FutureExt, StreamExt};
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep, timeout};

use super::config::Config;
use super::generation::Generation;
use super::health::Feeding;
use super::pace::Pace;
use crate::{Event, log, message};

/// Silence after which the log is asked whether JetStream holds something back.
const SILENCE: Duration = Duration::from_millis(250);
/// How often JetStream is looked for while it is gone.
const ATTACH_EVERY: Duration = Duration::from_secs(1);
/// How long the stream is left alone after it brought what the log does not have.
const DISTRUST: Duration = Duration::from_secs(5);
/// In flight between server and client, beyond what is being written.
const PREFETCH_MESSAGES: usize = 2_000;
const PREFETCH_BYTES: usize = 16 * 1024 * 1024;
/// A consumer further behind the checkpoint than this is made anew, instead of delivering all that again.
const WORTH_SKIPPING: u64 = 1_000;

pub(crate) struct Feed {
    config: Config,
    jetstream: jetstream::Context,
    consumer: String,
    attached: Option<pull::Stream>,
    attach_at: Instant,
    /// Where the checkpoint stood at the last silence: events that are there for the second time are held back.
    silent_at: Option<i64>,
}

/// Events in ascending order, each once.
pub(crate) struct Batch {
    pub events: Vec<Event>,
    pub bytes: usize,
    /// How many more JetStream has.
    pub behind: u64,
    pub from: Feeding,
    last: Option<Message>,
}

impl Feed {
    pub fn new(config: &Config, generation: &Generation) -> Self {
        let mut jetstream = jetstream::new(config.nats.clone());
        jetstream.set_timeout(Duration::from_secs(2));
        Self {
            config: config.clone(),
            jetstream,
            consumer: generation.schema.clone(),
            attached: None,
            attach_at: Instant::now(),
            silent_at: None,
        }
    }

    /// Waits for events after `position`; may also bring some before it again. `None` after a silence in which
    /// nothing was held back.
    pub async fn next(&mut self, position: i64, pace: &Pace) -> Result<Option<Batch>, sqlx::Error> {
        if self.attached.is_none() && Instant::now() >= self.attach_at {
            self.attach(position).await;
        }
        let Some(messages) = &mut self.attached else {
            sleep(SILENCE).await;
            return self.read_log(position, pace).await;
        };
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(Ok(first))) => {
                self.silent_at = None;
                let batch = collect(first, messages, pace);
                Ok(self.is_of_the_log(&batch).await?.then_some(batch))
            }
            Ok(Some(Err(error))) => {
                self.lose(&error);
                Ok(None)
            }
            Ok(None) => {
                self.lose("the subscription ended");
                Ok(None)
            }
            Err(_silence) if self.silent_at.replace(position) == Some(position) => self.read_log(position, pace).await,
            Err(_silence) => Ok(None),
        }
    }

    async fn read_log(&self, position: i64, pace: &Pace) -> Result<Option<Batch>, sqlx::Error> {
        let events = log::read(&self.config.pool, position, pace.most_events()).await?;
        Ok((!events.is_empty()).then(|| Batch {
            bytes: events.iter().map(|event| event.payload.len()).sum(),
            events,
            behind: 0,
            from: Feeding::Log,
            last: None,
        }))
    }

    async fn attach(&mut self, position: i64) {
        self.attach_at = Instant::now() + ATTACH_EVERY;
        if self.config.nats.connection_state() != Link::Connected {
            return;
        }
        match self.try_attach(position).await {
            Ok(messages) => self.attached = Some(messages),
            Err(error) => {
                tracing::debug!(consumer = self.consumer, error = %error, "JetStream cannot be followed; the log is read");
            }
        }
    }

    async fn try_attach(&self, position: i64) -> Result<pull::Stream, async_nats::Error> {
        let stream = message::stream_name(&self.config.prefix);
        let found = self.jetstream.get_consumer_from_stream::<pull::Config, _, _>(&self.consumer, &stream).await;
        let consumer = match found {
            Ok(consumer) if fits(consumer.cached_info(), position) => consumer,
            Ok(_) => {
                self.jetstream.delete_consumer_from_stream(&self.consumer, &stream).await?;
                self.jetstream.create_consumer_on_stream(self.consumer_after(position), &stream).await?
            }
            Err(_) => self.jetstream.create_consumer_on_stream(self.consumer_after(position), &stream).await?,
        };
        let messages = consumer
            .stream()
            .max_messages_per_batch(PREFETCH_MESSAGES)
            .max_bytes_per_batch(PREFETCH_BYTES)
            .expires(Duration::from_secs(30))
            .heartbeat(Duration::from_secs(5))
            .messages()
            .await?;
        Ok(messages)
    }

    fn consumer_after(&self, position: i64) -> pull::Config {
        pull::Config {
            durable_name: Some(self.consumer.clone()),
            description: Some("follows the log for a projection; made anew from its checkpoint".to_owned()),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: position.unsigned_abs() + 1 },
            // Acknowledging a batch's last message acknowledges the batch.
            ack_policy: AckPolicy::All,
            ack_wait: Duration::from_secs(30),
            max_ack_pending: 8 * i64::try_from(PREFETCH_MESSAGES).unwrap_or(i64::MAX),
            ..pull::Config::default()
        }
    }

    /// Whether the log has the batch's last event, and so all before it. A stream that is ahead of a restored store
    /// holds events that never came to be; the log is read until the sequencer has seen to the stream.
    async fn is_of_the_log(&mut self, batch: &Batch) -> Result<bool, sqlx::Error> {
        let Some(last) = batch.events.last() else { return Ok(true) };
        let hash: Option<Vec<u8>> = sqlx::query_scalar("select hash from store.log where position = $1")
            .bind(last.position)
            .fetch_optional(&self.config.pool)
            .await?;
        let is = hash.is_some_and(|hash| hash == last.hash);
        if !is {
            self.lose(format!("position {} of the stream is not in the log", last.position));
            self.attach_at = Instant::now() + DISTRUST;
        }
        Ok(is)
    }

    fn lose(&mut self, why: impl std::fmt::Display) {
        tracing::warn!(consumer = self.consumer, error = %why, "JetStream stopped delivering; attaching again");
        self.attached = None;
        self.attach_at = Instant::now();
    }
}

impl Batch {
    /// To be called once its events are committed.
    pub async fn acknowledge(&self) {
        if let Some(message) = &self.last
            && let Err(error) = message.ack().await
        {
            tracing::debug!(%error, "not acknowledged; its redelivery is dropped");
        }
    }
}

/// Whether following this consumer brings what comes after `position` without much that comes before.
fn fits(info: &Info, position: i64) -> bool {
    let acknowledged = info.ack_floor.stream_sequence.max(start_of(info).saturating_sub(1));
    let position = position.unsigned_abs();
    acknowledged <= position && position - acknowledged < WORTH_SKIPPING
}

fn start_of(info: &Info) -> u64 {
    match info.config.deliver_policy {
        DeliverPolicy::ByStartSequence { start_sequence } => start_sequence,
        _ => 1,
    }
}

/// What has already arrived, up to the bounds: it waits for nothing.
fn collect(first: Message, messages: &mut pull::Stream, pace: &Pace) -> Batch {
    let mut batch = Batch { events: Vec::new(), bytes: 0, behind: 0, from: Feeding::Jetstream, last: None };
    let mut next = Some(first);
    while let Some(message) = next.take() {
        batch.take(message);
        if pace.has_room(batch.events.len(), batch.bytes) {
            next = arrived(messages);
        }
    }
    batch.events.sort_by_key(|event| event.position);
    batch.events.dedup_by_key(|event| event.position);
    batch
}

/// An error is not lost: the subscription reports it again, or stays silent, which is noticed too.
fn arrived(messages: &mut pull::Stream) -> Option<Message> {
    let next: Option<Option<Result<Message, MessagesError>>> = unconstrained(messages.next()).now_or_never();
    next.flatten()?.ok()
}

impl Batch {
    fn take(&mut self, message: Message) {
        match Event::from_message(&message) {
            Ok(event) => {
                self.bytes += event.payload.len();
                self.events.push(event);
            }
            // Its position is then a gap, which is filled from the log.
            Err(_) if message::is_place(&message) => {}
            Err(error) => tracing::warn!(%error, subject = %message.subject, "a message of the stream is not an event"),
        }
        let Ok(info) = message.info() else { return };
        let newest = self.last.as_ref().and_then(|last| last.info().ok()).map_or(0, |last| last.stream_sequence);
        if info.stream_sequence >= newest {
            self.behind = info.pending;
            self.last = Some(message);
        }
    }
}
