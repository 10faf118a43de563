//! Replays beside a projection that goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use streams::projection::{State, wait_for};
use streams::replay::{Phase, ReplayError, rebuild, verify};

use super::ledger::{Ledger, rows};
use super::world::{World, until};

#[tokio::test]
async fn verifying_finds_what_was_altered_by_hand() {
    let world = World::without_stream().await;
    let following = world.follow(Ledger::new());
    let last = world.books.append_many(&world.businesses, 40).await;
    world.reached(last).await;
    let report = verify(&world.pool, Ledger::new(), &|_| {}).await.unwrap();
    assert!(report.is_equal(), "{report:?}");
    assert_eq!((report.position, report.tables[0].live.rows, report.tables[1].live.rows), (40, 80, 3));

    // The same amount, written otherwise, is the same.
    sqlx::query("update ledger_v1.entry set amount = 3.2500 where position = 3 and line = 0")
        .execute(&world.pool)
        .await
        .unwrap();
    assert!(verify(&world.pool, Ledger::new(), &|_| {}).await.unwrap().is_equal());
    sqlx::query("update ledger_v1.entry set amount = 3.26 where position = 3 and line = 0")
        .execute(&world.pool)
        .await
        .unwrap();
    let report = verify(&world.pool, Ledger::new(), &|_| {}).await.unwrap();
    assert!(!report.is_equal());
    let entry = &report.tables[0];
    assert!(!entry.equal && report.tables[1].equal);
    assert_eq!((entry.only_live.len(), entry.only_rebuilt.len()), (1, 1));
    assert!(entry.only_live[0].contains("3.26") && entry.only_rebuilt[0].contains("3.25"), "{entry:?}");
    let left: i64 = sqlx::query_scalar("select count(*) from pg_namespace where nspname like 'ledger_v1_%'")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
    following.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replays_while_events_arrive() {
    let world = Arc::new(World::new().await);
    let following = world.follow(Ledger::new());
    let last = world.live(300).await;
    world.reached(last).await;
    let stop = Arc::new(AtomicBool::new(false));
    let traffic = tokio::spawn({
        let (world, stop) = (Arc::clone(&world), Arc::clone(&stop));
        async move {
            let mut last = 0;
            while !stop.load(Ordering::SeqCst) {
                last = world.live(5).await;
            }
            last
        }
    });
    // What is shown never goes back.
    let watcher = tokio::spawn({
        let (world, stop) = (Arc::clone(&world), Arc::clone(&stop));
        async move {
            let mut shown = 0;
            while !stop.load(Ordering::SeqCst) {
                let now: i64 =
                    sqlx::query_scalar("select max(position) from read.entry").fetch_one(&world.pool).await.unwrap();
                assert!(now >= shown, "{now} after {shown}");
                shown = now;
            }
        }
    });
    for _ in 0..3 {
        let report = verify(&world.pool, Ledger::new(), &|_| {}).await.unwrap();
        assert!(report.is_equal(), "{report:?}");
        let rebuilt = rebuild(&world.pool, Ledger::new(), &|_| {}).await.unwrap();
        assert_eq!(rebuilt.replaced, Some(1));
    }
    stop.store(true, Ordering::SeqCst);
    let last = traffic.await.unwrap();
    watcher.await.unwrap();
    world.reached(last).await;
    following.stop().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_rebuild_is_started_again() {
    let world = World::without_stream().await;
    let following = world.follow(Ledger::new());
    let last = world.books.append_many(&world.businesses, 200).await;
    world.reached(last).await;
    let (sender, mut filling) = tokio::sync::mpsc::unbounded_channel();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let interrupted = tokio::spawn({
        let pool = world.pool.clone();
        async move {
            rebuild(&pool, Ledger::new(), &move |progress| {
                if progress.phase == Phase::Filling {
                    sender.send(()).unwrap();
                    // Held here, with rows of the next generation committed, until it is interrupted.
                    tokio::task::block_in_place(|| held.lock().unwrap().recv().ok());
                }
            })
            .await
        }
    });
    filling.recv().await.unwrap();
    let busy = rebuild(&world.pool, Ledger::new(), &|_| {}).await.unwrap_err();
    assert!(matches!(busy, ReplayError::Busy { .. }), "{busy}");
    interrupted.abort();
    drop(release);
    let _ = interrupted.await;
    until("its session has ended", async || match rebuild(&world.pool, Ledger::new(), &|_| {}).await {
        Ok(rebuilt) => rebuilt.position == last,
        Err(ReplayError::Busy { .. }) => false,
        Err(error) => panic!("{error}"),
    })
    .await;
    following.stop().await;
    world.check().await;
}

#[tokio::test]
async fn a_new_version_replaces_the_old_one_whose_program_stands_back() {
    let world = World::without_stream().await;
    let old = world.follow(Ledger::new());
    let last = world.books.append_many(&world.businesses, 30).await;
    world.reached(last).await;
    let new = world.follow(Ledger::of_version(2));
    until("version 2 serves", async || {
        let version: i32 = sqlx::query_scalar("select version from read.position where projection = 'ledger'")
            .fetch_one(&world.pool)
            .await
            .unwrap();
        version == 2
    })
    .await;
    let last = world.books.append_many(&world.businesses, 5).await;
    wait_for(&world.pool, "ledger", last, Duration::from_secs(120)).await.unwrap();
    until("version 1 stands back", async || old.health.of("ledger").unwrap().state == State::Superseded).await;
    assert_eq!(rows(&world.pool, "ledger_v2").await, world.expected().await);
    let gone: Option<String> =
        sqlx::query_scalar("select to_regnamespace('ledger_v1')::text").fetch_one(&world.pool).await.unwrap();
    assert_eq!(gone, None);
    old.stop().await;
    new.stop().await;
}
