//! The runtime, whatever JetStream and PostgreSQL do meanwhile.

use std::time::Duration;

use async_nats::jetstream;
use futures::StreamExt;
use sqlx::PgPool;
use streams::projection::{CheckpointWatch, Feeding, PublishedNotice, RetryError, State, WaitError, retry, wait_for};
use tokio_util::sync::CancellationToken;

use super::books::{Books, Page, create_stream, publish};
use super::ledger::{Ledger, POISON};
use super::world::{World, until};

type Test = tokio::task::JoinHandle<()>;

#[tokio::test]
async fn follows_the_log_and_tells_of_it() {
    let world = World::new().await;
    world.live(20).await;
    let following = world.follow(Ledger::new());
    world.reached(20).await;
    let (business, account) = world.businesses[0];
    let subject = world.config().notice_subject(business);
    let mut told = world.nats.client().subscribe(subject).await.unwrap();
    world.nats.client().flush().await.unwrap();
    world.books.append(&[Page::new(business, account, &[("1.50", "a"), ("2", "b")])]).await;
    publish(&world.nats.client(), world.nats.prefix(), &world.books.events(20).await).await;
    // What was told of the first 20 may come after their commit was seen.
    let notice = loop {
        let message = tokio::time::timeout(Duration::from_secs(120), told.next()).await.unwrap().unwrap();
        let notice: PublishedNotice = serde_json::from_slice(&message.payload).unwrap();
        if notice.notice.position > 20 {
            break notice;
        }
    };
    assert_eq!((notice.projection.as_str(), notice.notice.position, notice.notice.transactions), ("ledger", 21, 2));
    until("health says so", async || following.health.of("ledger").unwrap().position == 21).await;
    let status = following.health.of("ledger").unwrap();
    assert_eq!((status.state, status.feed, status.error), (State::Running, Feeding::Jetstream, None));
    assert!(following.health.is_ready());
    following.stop().await;
    world.check().await;
}

#[tokio::test]
async fn messages_in_disorder_twice_or_missing_change_nothing() {
    let world = World::new().await;
    world.books.append_many(&world.businesses, 30).await;
    let mut events = world.books.events(0).await;
    events.retain(|event| event.position % 5 != 0);
    events.reverse();
    events.swap(3, 12);
    let twice = [&events[..], &events[4..9]].concat();
    publish(&world.nats.client(), world.nats.prefix(), &twice).await;
    let following = world.follow(Ledger::new());
    world.reached(30).await;
    following.stop().await;
    world.check().await;
}

/// As after a crash between commit and acknowledgement.
#[tokio::test]
async fn what_was_committed_but_not_acknowledged_is_dropped_when_it_comes_again() {
    let world = World::new().await;
    world.live(10).await;
    let following = world.follow(Ledger::new());
    world.reached(10).await;
    following.stop().await;
    let jetstream = jetstream::new(world.nats.client());
    let stream = format!("{}_EVENTS", world.nats.prefix());
    jetstream.delete_consumer_from_stream("ledger_v1", &stream).await.unwrap();
    let config = jetstream::consumer::pull::Config {
        durable_name: Some("ledger_v1".into()),
        ack_policy: jetstream::consumer::AckPolicy::All,
        ..Default::default()
    };
    jetstream.create_consumer_on_stream(config, &stream).await.unwrap();
    let following = world.follow(Ledger::new());
    world.live(10).await;
    world.reached(20).await;
    following.stop().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runners_and_killed_ones_write_each_event_once() {
    let world = World::new().await;
    let one = world.follow(Ledger::new());
    for _ in 0..4 {
        let other = world.follow(Ledger::new());
        let last = world.live(40).await;
        // Wherever it is: between rows and commit, or between commit and acknowledgement.
        tokio::time::sleep(Duration::from_millis(15)).await;
        other.task.abort();
        drop(other);
        world.reached(last - 20).await;
    }
    let last = world.live(5).await;
    world.reached(last).await;
    one.stop().await;
    world.check().await;
}

#[tokio::test]
async fn goes_on_without_jetstream_and_returns_to_it() {
    let world = World::without_stream().await;
    world.books.append_many(&world.businesses, 10).await;
    let following = world.follow(Ledger::new());
    world.reached(10).await;
    create_stream(&world.nats.client(), world.nats.prefix()).await;
    publish(&world.nats.client(), world.nats.prefix(), &world.books.events(0).await).await;
    world.live(10).await;
    world.reached(20).await;

    jetstream::new(world.nats.client()).delete_stream(format!("{}_EVENTS", world.nats.prefix())).await.unwrap();
    world.books.append_many(&world.businesses, 10).await;
    world.reached(30).await;
    // Refilled, as the sequencer does.
    create_stream(&world.nats.client(), world.nats.prefix()).await;
    publish(&world.nats.client(), world.nats.prefix(), &world.books.events(0).await).await;
    until("JetStream feeds again", async || {
        let last = world.live(1).await;
        world.reached(last).await;
        following.health.of("ledger").unwrap().feed == Feeding::Jetstream
    })
    .await;
    following.stop().await;
    world.check().await;
}

/// A store that was restored from a backup, while the stream was not.
#[tokio::test]
async fn events_that_only_the_stream_has_are_not_folded() {
    let world = World::new().await;
    world.live(10).await;
    let ghosts = world.books.events(5).await;
    world.books.cut(5).await;
    let following = world.follow(Ledger::new());
    world.reached(5).await;
    assert!(wait_for(&world.pool, "ledger", 6, Duration::from_millis(600)).await.is_err());
    world.books.append(&[Page::new(world.businesses[0].0, domain::AccountId::new(), &[("9", "after")])]).await;
    world.reached(6).await;
    assert_ne!(ghosts[0].hash, world.books.events(5).await[0].hash);
    following.stop().await;
    world.check().await;
}

#[tokio::test]
async fn rebuilds_where_it_is_ahead_of_a_log_that_was_cut() {
    let world = World::without_stream().await;
    world.books.append_many(&world.businesses, 20).await;
    let following = world.follow(Ledger::new());
    world.reached(20).await;
    following.stop().await;
    world.books.cut(12).await;
    let following = world.follow(Ledger::new());
    until("it serves what the log has", async || {
        following.health.of("ledger").is_some_and(|status| status.state == State::Running && status.position == 12)
    })
    .await;
    following.stop().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_database_connections_lose_nothing() {
    let world = World::new().await;
    let following = world.follow(Ledger::new());
    let server = world.database.options().database("postgres");
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&world.pool).await.unwrap();
    let stop = CancellationToken::new();
    let killer: Test = tokio::spawn({
        let stop = stop.clone();
        async move {
            let mut admin = sqlx::ConnectOptions::connect(&server).await.unwrap();
            while !stop.is_cancelled() {
                sqlx::query(
                    "select pg_terminate_backend(pid) from pg_stat_activity
                     where datname = $1 and application_name <> 'books'",
                )
                .bind(&name)
                .fetch_all(&mut admin)
                .await
                .unwrap();
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        }
    });
    let own = PgPool::connect_with(world.database.options().application_name("books")).await.unwrap();
    let books = Books::new(own);
    let mut appended = 0;
    for _ in 0..6 {
        appended += 20;
        books.append_many(&world.businesses, 20).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    killer.await.unwrap();
    publish(&world.nats.client(), world.nats.prefix(), &world.books.events(0).await).await;
    world.reached(appended).await;
    following.stop().await;
    world.check().await;
}

#[tokio::test]
async fn a_business_that_stands_still_is_reported_and_goes_on_after_a_retry() {
    let world = World::new().await;
    let following = world.follow(Ledger::new());
    let (sick, account) = world.businesses[1];
    world.live(6).await;
    world.books.append(&[Page::new(sick, account, &[("7", POISON)])]).await;
    publish(&world.nats.client(), world.nats.prefix(), &world.books.events(6).await).await;
    // More than one transaction of a retry takes.
    let last = world.live(150).await;
    world.reached(last).await;
    // Health is told after the commit.
    until("50 events are parked", async || {
        let status = following.health.of("ledger").unwrap();
        status.state == State::Running
            && matches!(&*status.blocked, [letter] if (letter.position, letter.business, letter.parked) == (7, sick, 50))
    })
    .await;

    let jetstream = jetstream::new(world.nats.client());
    let letters = format!("{}_DEAD_LETTERS", world.nats.prefix());
    until("the letter is published", async || match jetstream.get_stream(&letters).await {
        Ok(stream) => stream.get_raw_message(1).await.is_ok(),
        Err(_) => false,
    })
    .await;
    let published = jetstream.get_stream(&letters).await.unwrap().get_raw_message(1).await.unwrap();
    assert!(published.subject.ends_with(&format!("deadletter.ledger.{sick}")), "{}", published.subject);

    let still = retry(&world.config(), Ledger::new(), sick).await.unwrap_err();
    assert!(matches!(&still, RetryError::StillBlocked(letter) if letter.position == 7), "{still}");
    let retried = retry(&world.config(), Ledger::mended(), sick).await.unwrap();
    assert_eq!((retried.events, retried.position), (51, last));
    let healthy = retry(&world.config(), Ledger::mended(), sick).await.unwrap_err();
    assert!(matches!(healthy, RetryError::NotBlocked { .. }), "{healthy}");
    until("nobody stands still", async || following.health.of("ledger").unwrap().blocked.is_empty()).await;
    // The running projection remembers nothing outdated of that business.
    let last = world.live(6).await;
    world.reached(last).await;
    following.stop().await;
    world.check().await;
    jetstream.delete_stream(&letters).await.unwrap();
}

#[tokio::test]
async fn waiting_ends_when_the_position_is_shown_or_time_is_up() {
    let world = World::without_stream().await;
    let following = world.follow(Ledger::new());
    world.reached(0).await;
    let stop = CancellationToken::new();
    let watch = CheckpointWatch::start(world.pool.clone(), stop.clone()).await.unwrap();
    let waiter = tokio::spawn({
        let watch = watch.clone();
        async move { watch.wait_for("ledger", 3, Duration::from_secs(120)).await }
    });
    world.books.append_many(&world.businesses, 3).await;
    assert_eq!(waiter.await.unwrap().unwrap(), 3);
    assert_eq!(watch.position("ledger"), 3);
    let late = watch.wait_for("ledger", 4, Duration::from_millis(30)).await.unwrap_err();
    assert!(matches!(late, WaitError::Timeout { at: 3, .. }), "{late}");
    stop.cancel();
    following.stop().await;
}
