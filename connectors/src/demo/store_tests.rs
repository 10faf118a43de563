//! The demo business in a real store.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use streams::testing::Database;
use tokio_util::sync::CancellationToken;

use super::{Rate, Seed, Seeded, first_day, live, midnight, seed, settings};

async fn seed_until(pool: &PgPool, day: NaiveDate) -> Seeded {
    seed(&streams::testing::commands(pool.clone()), pool, Seed(1), day, |_| {}).await.unwrap()
}

async fn count(pool: &PgPool, what: &str) -> i64 {
    sqlx::query_scalar(&format!("select count(*) from {what}")).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn seeding_twice_adds_nothing_and_a_later_day_only_the_days_between() {
    let database = Database::create().await;
    let pool = database.pool();
    let before: NaiveDate = "2026-11-20".parse().unwrap();
    let mut days = Vec::new();
    let first = seed(&streams::testing::commands(pool.clone()), &pool, Seed(1), before, |progress| days.push(progress))
        .await
        .unwrap();
    assert!(first.pages > 1_500 && first.lines > 20_000, "{first:?}");
    assert!(days.is_sorted_by_key(|progress| progress.pages));
    assert_eq!(days.last().map(|progress| (progress.day, progress.of_pages)), Some((before, first.pages)));
    // Each day is recorded as it ended, in the order of days, since the first one began.
    assert_eq!(
        count(
            &pool,
            "(select from store.events a join store.events b on b.id > a.id and b.recorded_at < a.recorded_at) early"
        )
        .await,
        0
    );
    let recorded = "select min(recorded_at), max(recorded_at) from store.events";
    let recorded: (DateTime<Utc>, DateTime<Utc>) = sqlx::query_as(recorded).fetch_one(&pool).await.unwrap();
    let last = midnight(before) - TimeDelta::seconds(1);
    assert_eq!(recorded, (midnight(first_day(before)), last));

    let known = count(&pool, "store.account_known").await;
    assert!((20_000..26_000).contains(&known), "{known}");

    let events = count(&pool, "store.events").await;
    let again = seed_until(&pool, before).await;
    assert_eq!((again.pages, again.last), (0, None));
    assert_eq!(count(&pool, "store.events").await, events);

    let later = seed_until(&pool, "2026-11-24".parse().unwrap()).await;
    assert!((4..=20).contains(&later.pages), "{later:?}");
    assert!(count(&pool, "store.account_known").await > known);
}

/// The events of the demo's accounts that say the same thing twice: additions of a transaction that was there.
const DOUBLED: &str = "(
    select line ->> 'id' from store.events event, json_array_elements(event.payload -> 'added') line
    where event.event_type = 'account.synced' group by 1 having count(*) > 1) doubled";

/// Waits until so many events are recorded.
async fn recorded(pool: &PgPool, events: i64) {
    let mut listener = PgListener::connect_with(pool).await.unwrap();
    listener.listen("workdock_events").await.unwrap();
    while count(pool, "store.events").await < events {
        listener.recv().await.unwrap();
    }
}

#[tokio::test]
async fn it_lives_on_after_a_restart_without_doubling() {
    let database = Database::create().await;
    let pool = database.pool();
    seed_until(&pool, settings().time_zone.day_of(Utc::now())).await;
    for _ in 0..2 {
        let events = count(&pool, "store.events").await;
        let shutdown = CancellationToken::new();
        let commands = streams::testing::commands(pool.clone());
        let living = live(&commands, &pool, Seed(1), Rate::per_minute(1_200), shutdown.clone());
        let watching = async {
            let seen = tokio::time::timeout(Duration::from_secs(60), recorded(&pool, events + 20)).await;
            shutdown.cancel();
            seen
        };
        let (lived, seen) = tokio::join!(living, watching);
        lived.unwrap();
        seen.expect("20 events at 20 a second");
    }
    assert_eq!(count(&pool, DOUBLED).await, 0);
}
