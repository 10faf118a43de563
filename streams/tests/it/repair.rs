use async_nats::jetstream::stream::Config as StreamConfig;
use async_nats::jetstream::{self, Context};
use streams::Event;
use streams::message::{all_subjects, stream_name};
use streams::sequencer::{Config, SequencerError};
use streams::testing::{Database, Nats};

use crate::given::{account, line, sync};
use crate::running::{assert_published, config, published, start, until, whole_log};

/// A log of `events` events, already published.
async fn log_of(database: &Database, nats: &Nats, events: i64) -> Vec<Event> {
    let commands = streams::testing::commands(database.pool());
    let sequencer = start(config(database, nats));
    let (id, meta) = account(&commands).await;
    let pages = (1..events).map(|n| sync(vec![line(&n.to_string(), n)])).collect();
    let receipt = commands.account_pages(id, pages, &meta).await.unwrap();
    commands.position_of(&receipt).await.unwrap();
    published(nats, usize::try_from(events).unwrap()).await;
    sequencer.stop().await.unwrap();
    whole_log(&database.pool()).await
}

/// Another stream of that name, as after an accident with its files.
async fn remade(nats: &Nats, first_sequence: Option<u64>) -> Context {
    let context = jetstream::new(nats.client());
    context.delete_stream(stream_name(nats.prefix())).await.unwrap();
    let (name, subjects) = (stream_name(nats.prefix()), vec![all_subjects(nats.prefix())]);
    context.create_stream(StreamConfig { name, subjects, first_sequence, ..StreamConfig::default() }).await.unwrap();
    context
}

async fn publish_stranger(context: &Context, nats: &Nats) {
    let subject = all_subjects(nats.prefix()).replace('>', "business.business.id.renamed");
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("ce-type", "business.renamed.v1");
    context.publish_with_headers(subject, headers, "{}".into()).await.unwrap().await.unwrap();
}

async fn assert_repaired(database: &Database, nats: &Nats, log: &[Event]) {
    let sequencer = start(config(database, nats));
    until(async || sequencer.status.published() == log.len() as i64).await;
    assert_published(nats, log).await;
    sequencer.stop().await.unwrap();
}

#[tokio::test]
async fn a_deleted_stream_is_filled_again() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let log = log_of(&database, &nats, 5).await;
    jetstream::new(nats.client()).delete_stream(stream_name(nats.prefix())).await.unwrap();
    assert_repaired(&database, &nats, &log).await;
}

#[tokio::test]
async fn a_stream_deleted_under_way_is_filled_again() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    log_of(&database, &nats, 5).await;
    let sequencer = start(config(&database, &nats));
    until(async || sequencer.status.published() == 5).await;
    jetstream::new(nats.client()).delete_stream(stream_name(nats.prefix())).await.unwrap();
    account(&streams::testing::commands(database.pool())).await;
    let pool = database.pool();
    until(async || streams::log::head(&pool).await.unwrap().position == 6).await;
    assert_published(&nats, &whole_log(&pool).await).await;
    sequencer.stop().await.unwrap();
}

/// The end is missing: as after a crash between the log and the publication, or a lost end of the stream.
#[tokio::test]
async fn a_stream_that_is_behind_is_filled_up() {
    let (database, nats, other) = (Database::create().await, Nats::connect().await, Nats::connect().await);
    log_of(&database, &nats, 3).await;
    // These positions are given, and published elsewhere only.
    let sequencer = start(config(&database, &other));
    let (_, meta) = account(&streams::testing::commands(database.pool())).await;
    published(&other, 4).await;
    sequencer.stop().await.unwrap();
    let log = whole_log(&database.pool()).await;
    assert_eq!(log[3].business, meta.business);
    let created =
        jetstream::new(nats.client()).get_stream(stream_name(nats.prefix())).await.unwrap().cached_info().created;
    assert_repaired(&database, &nats, &log).await;
    let kept =
        jetstream::new(nats.client()).get_stream(stream_name(nats.prefix())).await.unwrap().cached_info().created;
    assert_eq!(created, kept, "it is filled up, not replaced");
}

#[tokio::test]
async fn a_stream_without_its_beginning_is_replaced() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let log = log_of(&database, &nats, 5).await;
    let context = remade(&nats, Some(4)).await;
    publish_stranger(&context, &nats).await;
    assert_repaired(&database, &nats, &log).await;
}

#[tokio::test]
async fn a_stream_with_a_hole_is_replaced() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let log = log_of(&database, &nats, 5).await;
    let context = jetstream::new(nats.client());
    // By accident: its business was not erased.
    context.get_stream(stream_name(nats.prefix())).await.unwrap().delete_message(2).await.unwrap();
    assert_repaired(&database, &nats, &log).await;
}

#[tokio::test]
async fn a_stream_that_ends_in_another_event_is_replaced() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let log = log_of(&database, &nats, 2).await;
    let context = remade(&nats, None).await;
    publish_stranger(&context, &nats).await;
    assert_repaired(&database, &nats, &log).await;
}

/// As after a restore of the store from a backup.
#[tokio::test]
async fn a_stream_that_is_ahead_is_refused_until_accepted() {
    let (database, nats) = (Database::create().await, Nats::connect().await);
    let log = log_of(&database, &nats, 3).await;
    let context = jetstream::new(nats.client());
    for _ in 0..2 {
        publish_stranger(&context, &nats).await;
    }
    let refusal = start(config(&database, &nats)).ended().await.unwrap_err();
    let SequencerError::StreamAhead { stream_head, store_head, .. } = &refusal;
    assert_eq!((*stream_head, *store_head), (5, 3));
    let text = refusal.to_string();
    assert!(text.contains("positions 4 to 5 would be dropped (2 business.renamed.v1)"), "{text}");
    assert!(text.contains("--accept-truncation"), "{text}");

    let sequencer = start(Config { accept_truncation: true, ..config(&database, &nats) });
    until(async || sequencer.status.published() == 3).await;
    assert_published(&nats, &log).await;
    sequencer.stop().await.unwrap();
}
