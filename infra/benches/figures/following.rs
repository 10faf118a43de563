//! Refilling JetStream from the log, against a raw pipelined publish of the same messages.

use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::jetstream::{self, stream};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use streams::{log, message, sequencer};
use tokio_util::sync::CancellationToken;

use crate::world::{World, file};
use crate::{ROUNDS, ratios, seconds};

/// Publishes that wait for their acknowledgement at once: of these messages as many as the sequencer's window holds.
const WINDOW: usize = 150;

struct Raw {
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
}

pub async fn measure() {
    let mut world = World::new().await;
    world.sequence();
    // Enough messages that the windows, which are full when the clock begins, are few of them.
    for account in ["One", "Two", "Three"] {
        world.import_into(&file(), Some(account)).await;
    }
    world.settled().await;
    let messages = kept(&world).await;
    world.pause().await;
    let bytes: usize = messages.iter().map(|message| message.payload.len()).sum();
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        limit.push(raw(&world, &messages, round).await);
        ours.push(refill(&world, messages.len()).await);
    }
    let count = messages.len();
    println!("publish  {count} messages of {} bytes: {} s; raw: {} s", bytes / count, seconds(&ours), seconds(&limit));
    println!("         ratio {} (at least 0.8)", ratios(&limit, &ours));
    world.stop().await;
}

impl World {
    /// Waits until the stream holds the whole log.
    async fn settled(&self) {
        let context = jetstream::new(self.nats.client());
        loop {
            let head = log::head(&self.pool).await.unwrap();
            if let Ok(stream) = context.get_stream(message::stream_name(self.nats.prefix())).await
                && i64::try_from(stream.get_info().await.unwrap().state.last_sequence).unwrap() >= head.position
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The messages as the stream has them.
async fn kept(world: &World) -> Vec<Raw> {
    let context = jetstream::new(world.nats.client());
    let stream = context.get_stream(message::stream_name(world.nats.prefix())).await.unwrap();
    let last = stream.get_info().await.unwrap().state.last_sequence;
    let mut messages = Vec::new();
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        messages.push(Raw { subject: message.subject.to_string(), headers: message.headers, payload: message.payload });
    }
    messages
}

async fn raw(world: &World, messages: &[Raw], round: usize) -> Duration {
    let context = jetstream::new(world.nats.client());
    let name = format!("{}_RAW_{round}", world.nats.prefix());
    let config = stream::Config { name: name.clone(), subjects: vec![format!("{name}.>")], ..Default::default() };
    context.create_stream(config).await.unwrap();
    // From the first acknowledgement on, as of the sequencer.
    let mut begun = None;
    let mut waiting = FuturesUnordered::new();
    for message in messages {
        let mut plain = HeaderMap::new();
        for (key, values) in message.headers.iter().filter(|(key, _)| !key.to_string().starts_with("Nats-")) {
            values.iter().for_each(|value| plain.append(key.clone(), value.clone()));
        }
        let subject = format!("{name}.{}", message.subject);
        waiting
            .push(context.publish_with_headers(subject, plain, message.payload.clone()).await.unwrap().into_future());
        if waiting.len() >= WINDOW {
            waiting.next().await.unwrap().unwrap();
            begun.get_or_insert_with(Instant::now);
        }
    }
    while let Some(acknowledged) = waiting.next().await {
        acknowledged.unwrap();
    }
    let took = begun.expect("more messages than the window holds").elapsed();
    context.delete_stream(name).await.unwrap();
    took
}

/// The sequencer on a log whose stream was lost.
async fn refill(world: &World, count: usize) -> Duration {
    let prefix = format!("{}_refill", world.nats.prefix());
    let context = jetstream::new(world.nats.client());
    let config = sequencer::Config::new(world.pool.clone(), world.nats.client(), &prefix);
    let (status, stop) = (config.status.clone(), CancellationToken::new());
    let task = tokio::spawn(sequencer::run(config, stop.clone()));
    // What is measured is the pace, not the start, which compares both heads.
    while status.published() == 0 {
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    while usize::try_from(status.published()).unwrap() < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = begun.elapsed();
    stop.cancel();
    task.await.unwrap().unwrap();
    context.delete_stream(message::stream_name(&prefix)).await.unwrap();
    took
}
