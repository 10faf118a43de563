//! Rows and checkpoint, whatever is delivered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use sqlx::PgPool;
use streams::Event;
use streams::projection::{Generation, Projection, Step, Writer, Written};
use streams::testing::Database;

use super::books::{Books, Page, businesses};
use super::ledger::{Ledger, NUL, PANIC, POISON, rows};

/// A generation of its own for each case.
async fn generation(pool: &PgPool, schema: &str) -> Generation {
    let generation = Generation { label: schema.to_owned(), version: 1, schema: schema.to_owned() };
    let mut tx = pool.begin().await.unwrap();
    generation.create_in_tx(&mut tx, &*Ledger::new()).await.unwrap();
    tx.commit().await.unwrap();
    generation
}

fn writer(pool: &PgPool, projection: Arc<Ledger>, generation: &Generation) -> Writer {
    Writer::new(pool.clone(), projection as Arc<dyn Projection>, generation.clone())
}

async fn write(writer: &mut Writer, events: &[Event]) -> Written {
    match writer.write(events).await.unwrap() {
        Step::Written(written) => written,
        Step::Gap { after, before } => panic!("a gap from {after} to {before}"),
    }
}

#[tokio::test]
async fn events_delivered_twice_are_written_once() {
    let database = Database::create().await;
    let pool = database.pool();
    let books = Books::new(pool.clone());
    books.append_many(&businesses(3), 20).await;
    let events = books.events(0).await;
    let (once, twice) = (generation(&pool, "once").await, generation(&pool, "twice").await);
    write(&mut writer(&pool, Ledger::new(), &once), &events).await;

    let mut writer = writer(&pool, Ledger::new(), &twice);
    write(&mut writer, &events[..12]).await;
    let again = write(&mut writer, &events[..12]).await;
    assert_eq!((again.events, again.repeated, again.position), (0, 12, 12));
    let rest = write(&mut writer, &events[5..]).await;
    assert_eq!((rest.events, rest.repeated, rest.position), (8, 7, 20));
    assert_eq!(rows(&pool, "twice").await, rows(&pool, "once").await);
}

#[tokio::test]
async fn a_gap_is_refused_and_what_stands_before_it_is_written() {
    let database = Database::create().await;
    let pool = database.pool();
    let books = Books::new(pool.clone());
    books.append_many(&businesses(1), 6).await;
    let events = books.events(0).await;
    let generation = generation(&pool, "gap").await;
    let mut writer = writer(&pool, Ledger::new(), &generation);
    let with_gap = [&events[..2], &events[4..]].concat();
    assert_eq!(write(&mut writer, &with_gap).await.position, 2);
    let refused = writer.write(&with_gap).await.unwrap();
    assert!(matches!(refused, Step::Gap { after: 2, before: 5 }), "{refused:?}");
    assert_eq!(write(&mut writer, &events).await.position, 6);
}

#[test]
fn any_batching_gives_the_same_rows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (database, events) = runtime.block_on(async {
        let database = Database::create().await;
        let books = Books::new(database.pool());
        books.append_many(&businesses(3), 60).await;
        (database, books.events(0).await)
    });
    let pool = database.pool();
    let expected = runtime.block_on(async {
        let generation = generation(&pool, "whole").await;
        write(&mut writer(&pool, Ledger::new(), &generation), &events).await;
        rows(&pool, "whole").await
    });
    // (length of a batch, how far it reaches back into what was delivered already, whether another runner writes it)
    let batches = proptest::collection::vec((1..20usize, 0..10usize, any::<bool>()), 1..30);
    let case = AtomicU32::new(0);
    TestRunner::new(Cases { cases: 24, ..Cases::default() })
        .run(&batches, |batches| {
            let schema = format!("case_{}", case.fetch_add(1, Ordering::Relaxed));
            let got = runtime.block_on(async {
                let generation = generation(&pool, &schema).await;
                let mut writers = [Ledger::new(), Ledger::new()].map(|ledger| writer(&pool, ledger, &generation));
                let mut next = 0;
                for (length, back, other) in batches {
                    let end = (next + length).min(events.len());
                    write(&mut writers[usize::from(other)], &events[next.saturating_sub(back)..end]).await;
                    next = end;
                }
                write(&mut writers[0], &events).await;
                rows(&pool, &schema).await
            });
            prop_assert_eq!(&got, &expected);
            Ok(())
        })
        .unwrap();
    drop(pool);
    let _inside = runtime.enter();
    drop(database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_at_once_write_each_event_once() {
    let database = Database::create().await;
    let pool = database.pool();
    let books = Books::new(pool.clone());
    books.append_many(&businesses(4), 300).await;
    let events = Arc::new(books.events(0).await);
    let (alone, shared) = (generation(&pool, "alone").await, generation(&pool, "shared").await);
    write(&mut writer(&pool, Ledger::new(), &alone), &events).await;

    let start = Arc::new(tokio::sync::Barrier::new(2));
    let race = |mut writer: Writer, mut folded: usize, size: usize| {
        let (start, events) = (Arc::clone(&start), Arc::clone(&events));
        tokio::spawn(async move {
            start.wait().await;
            let mut position = 0;
            while position < events.len() {
                let end = (position + size).min(events.len());
                let written = write(&mut writer, &events[position..end]).await;
                folded += written.events;
                position = usize::try_from(written.position).unwrap();
            }
            folded
        })
    };
    // Each has written, so that both hold rows of their own when they begin to race.
    let [mut one, mut other] = [Ledger::new(), Ledger::new()].map(|ledger| writer(&pool, ledger, &shared));
    let first = write(&mut one, &events[..10]).await.events;
    let second = write(&mut other, &events[..20]).await.events;
    assert_eq!((first, second), (10, 10));
    let (one, other) = (race(one, first, 3), race(other, second, 7));
    assert_eq!(one.await.unwrap() + other.await.unwrap(), 300);
    assert_eq!(rows(&pool, "shared").await, rows(&pool, "alone").await);
}

/// Each way in which an event can be impossible to fold.
#[tokio::test]
async fn an_event_that_cannot_be_folded_stops_only_its_business() {
    let database = Database::create().await;
    let pool = database.pool();
    for (number, bad) in [POISON, PANIC, NUL].into_iter().enumerate() {
        let books = Books::new(pool.clone());
        let all = businesses(3);
        let (sick, account) = all[0];
        let first = sqlx::query_scalar::<_, i64>("select count(*) from store.log").fetch_one(&pool).await.unwrap();
        books.continue_from(first).await;
        books.append_many(&all, 9).await;
        books.append(&[Page::new(sick, account, &[("1", "fine"), ("5", bad)])]).await;
        books.append_many(&all, 9).await;
        let events = books.events(first).await;
        let schema = format!("sick_{number}");
        let generation = generation(&pool, &schema).await;
        sqlx::query("update streams.checkpoint set position = $1 where schema = $2")
            .bind(first)
            .bind(&schema)
            .execute(&pool)
            .await
            .unwrap();

        let written = write(&mut writer(&pool, Ledger::new(), &generation), &events).await;
        assert_eq!(written.position, first + 19, "{bad:?}");
        assert_eq!((written.events, written.parked), (15, 3), "{bad:?}");
        let [letter] = &*written.dead else { panic!("{:?}", written.dead) };
        assert_eq!((letter.position, letter.business), (first + 10, sick));
        // Its rows stand where it stopped; those of the others are complete.
        let counts: Vec<(uuid::Uuid, i64)> =
            sqlx::query_as(&format!("select business, count from {schema}.balance")).fetch_all(&pool).await.unwrap();
        for (business, count) in counts {
            assert_eq!(count, if business == sick.as_uuid() { 6 } else { 12 });
        }
        // Later events of that business are parked without being tried.
        let next = books.append(&[Page::new(sick, account, &[("2", "later")])]).await;
        let later = write(&mut writer(&pool, Ledger::mended(), &generation), &books.events(next - 1).await).await;
        assert_eq!((later.events, later.parked, later.position), (0, 1, next));
    }
}
