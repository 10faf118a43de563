//! A sequencer under test and what it leads to.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::stream::StorageType;
use futures::StreamExt;
use sqlx::PgPool;
use streams::Event;
use streams::message::stream_name;
use streams::sequencer::{Config, SequencerError, Status, run};
use streams::testing::{Database, Nats};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Nothing under test takes this long.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Running {
    pub status: Arc<Status>,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), SequencerError>>,
}

pub fn config(database: &Database, nats: &Nats) -> Config {
    Config { storage: StorageType::Memory, ..Config::new(database.pool(), nats.client(), nats.prefix()) }
}

pub fn start(config: Config) -> Running {
    let (status, shutdown) = (config.status.clone(), CancellationToken::new());
    let task = tokio::spawn(run(config, shutdown.clone()));
    Running { status, shutdown, task }
}

impl Running {
    pub async fn stop(self) -> Result<(), SequencerError> {
        self.shutdown.cancel();
        self.ended().await
    }

    /// Waits until it ends by itself.
    pub async fn ended(self) -> Result<(), SequencerError> {
        within(self.task).await.unwrap()
    }
}

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it takes too long")
}

/// Waits until it holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    within(async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Waits for the stream's first messages, each with its sequence.
pub async fn published(nats: &Nats, count: usize) -> Vec<(u64, Event)> {
    let context = jetstream::new(nats.client());
    until(async || match context.get_stream(stream_name(nats.prefix())).await {
        Ok(stream) => stream.cached_info().state.messages >= count as u64,
        Err(_) => false,
    })
    .await;
    let stream = context.get_stream(stream_name(nats.prefix())).await.unwrap();
    let consumer = stream.create_consumer(OrderedConfig::default()).await.unwrap();
    let messages = consumer.messages().await.unwrap().take(count);
    let events = messages.map(|message| {
        let message = message.unwrap();
        (message.info().unwrap().stream_sequence, Event::from_message(&message).unwrap())
    });
    within(events.collect()).await
}

/// The log as it is stored, and that it has neither gaps nor faults.
pub async fn whole_log(pool: &PgPool) -> Vec<Event> {
    let log = streams::log::read(pool, 0, 100_000).await.unwrap();
    let positions: Vec<_> = log.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=log.len() as i64).collect::<Vec<_>>());
    let verdict = streams::verify(pool, |_| {}).await.unwrap();
    assert_eq!((verdict.misfit, verdict.fitting), (None, log.len() as i64));
    log
}

/// That the stream is the log.
pub async fn assert_published(nats: &Nats, log: &[Event]) {
    let published = published(nats, log.len()).await;
    for ((sequence, message), stored) in published.iter().zip(log) {
        assert_eq!(*sequence, stored.position as u64);
        assert_eq!(message.hash, stored.hash);
        assert_eq!(message.payload, stored.payload);
        assert_eq!(message.metadata, stored.metadata);
        assert_eq!((message.recorded_at, message.known_at), (stored.recorded_at, stored.known_at));
        assert_eq!((message.business, message.business_sequence), (stored.business, stored.business_sequence));
        let aggregate = |event: &Event| (event.aggregate_type.clone(), event.aggregate_id, event.sequence);
        assert_eq!(aggregate(message), aggregate(stored));
        assert_eq!(message.full_type(), stored.full_type());
    }
}
