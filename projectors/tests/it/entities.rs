//! What a business consists of, after the events that made it so.

use domain::account::{AccountEvent, Drift, Synced};
use domain::business::BusinessEvent;
use domain::source::SourceEvent;
use domain::{Amended, FiscalMonth};
use projectors::Entities;
use streams::projection::{Projection, ProjectionError};
use streams::testing::Database;

use crate::log::{Log, account, batch, business, line, page, source};
use crate::schema::Schema;

fn changed() -> Log {
    let mut log = Log::default();
    log.register(business(1), "Europe/London");
    log.connect(business(1), source(1));
    log.open(business(1), account(1), "GBP");
    log.open(business(1), account(2), "EUR");
    let a = line("a", "2026-03-10", "1");
    log.sync(business(1), account(1), Synced { added: vec![a.clone()], ..page() });
    log.account(business(1), account(1), &AccountEvent::Renamed { name: "Main".into() });
    let amended = vec![Amended::new(a.clone(), line("a", "2026-03-10", "2"))];
    log.sync(business(1), account(1), Synced { amended, added: vec![line("b", "2026-03-10", "2")], ..page() });
    log.sync(business(1), account(1), Synced { batch: batch(2), removed: vec![a], ..page() });
    log.business(business(1), &BusinessEvent::Renamed { name: "Corner Café".into() });
    log.business(business(1), &BusinessEvent::FiscalYearChanged { first_month: FiscalMonth::JANUARY });
    log.business(business(1), &BusinessEvent::TimeZoneChanged { time_zone: "UTC".parse().unwrap() });
    log.account(business(1), account(2), &AccountEvent::Closed);
    log.source(business(1), source(1), &SourceEvent::Disconnected { reason: "asked".into() });
    log
}

#[tokio::test]
async fn rows_are_what_the_log_says_however_it_is_cut() {
    let database = Database::create().await;
    let log = changed();
    for size in [1, 3, 100] {
        let entities = Entities::new();
        let schema = Schema::create(&database.pool(), &format!("by_{size}"), &entities).await;
        schema.write_by(&entities, &log.events, size).await;
        let rows = schema.rows("business").await;
        assert_eq!(rows, [format!("({},9,GBP,UTC,1,11)", business(1))]);
        assert_eq!(schema.rows("source").await, [format!("({},{},file,2,f,13)", source(1), business(1))]);
        let (b, s) = (business(1), source(1));
        assert_eq!(
            schema.rows("account").await,
            [format!("({},{b},{s},6,3,GBP,f,,0,6)", account(1)), format!("({},{b},{s},4,4,EUR,t,,0,12)", account(2)),]
        );
        let statement = format!(
            "select concat_ws(' ', id, account, source, first_position, last_position,
                to_char(started_at at time zone 'UTC', 'HH24:MI'), to_char(last_at at time zone 'UTC', 'HH24:MI'),
                added, amended, removed) from {}.batch order by 1",
            schema.name
        );
        let batches: Vec<String> = sqlx::query_scalar(&statement).fetch_all(&schema.pool).await.unwrap();
        let place = format!("{} {s}", account(1));
        let first = format!("{} {place} 5 7 00:05 00:07 2 1 0", batch(1));
        assert_eq!(batches, [first, format!("{} {place} 8 8 00:08 00:08 0 0 1", batch(2))]);
    }
}

#[tokio::test]
async fn a_change_of_what_was_never_named_is_poison() {
    let database = Database::create().await;
    let entities = Entities::new();
    let schema = Schema::create(&database.pool(), "entities", &entities).await;
    let mut log = Log::default();
    log.register(business(1), "UTC");
    schema.write(&entities, &log.events).await.unwrap();
    let unknown: [fn(&mut Log); 4] = [
        |log| log.account(business(1), account(1), &AccountEvent::Closed),
        |log| log.sync(business(1), account(1), page()),
        |log| log.source(business(1), source(1), &SourceEvent::Disconnected { reason: "asked".into() }),
        |log| log.business(business(2), &BusinessEvent::Renamed { name: "Nobody".into() }),
    ];
    for push in unknown {
        let mut log = Log { events: log.events.clone() };
        push(&mut log);
        let error = schema.write(&entities, &log.events[1..]).await.unwrap_err();
        assert!(matches!(error, ProjectionError::Poison { position: 2, .. }), "{error}");
    }
}

#[tokio::test]
async fn notices_are_given_for_all_but_pages() {
    let database = Database::create().await;
    let entities = Entities::new();
    let schema = Schema::create(&database.pool(), "entities", &entities).await;
    let notices = schema.write(&entities, &changed().events).await.unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].position, notices[0].events, notices[0].transactions), (13, 10, 0));
    assert_eq!(entities.tables().len(), 4);
}

#[tokio::test]
async fn a_source_that_is_connected_again_is_connected_however_the_log_is_cut() {
    let database = Database::create().await;
    let mut log = Log::default();
    log.register(business(1), "UTC");
    log.connect(business(1), source(1));
    log.source(business(1), source(1), &SourceEvent::Disconnected { reason: "asked".into() });
    log.source(business(1), source(1), &SourceEvent::Authorised { external_id: None });
    for size in [1, 2, 100] {
        let entities = Entities::new();
        let schema = Schema::create(&database.pool(), &format!("again_{size}"), &entities).await;
        schema.write_by(&entities, &log.events, size).await;
        assert_eq!(schema.rows("source").await, [format!("({},{},file,2,t,4)", source(1), business(1))]);
    }
}

#[tokio::test]
async fn an_account_differs_from_the_day_that_was_said_last() {
    let database = Database::create().await;
    let mut log = Log::default();
    log.register(business(1), "UTC");
    log.connect(business(1), source(1));
    log.open(business(1), account(1), "GBP");
    let found = |day: &str| AccountEvent::DriftFound(Drift { from: day.parse().unwrap(), difference: 5.into() });
    log.account(business(1), account(1), &found("2026-03-10"));
    log.account(business(1), account(1), &AccountEvent::DriftEnded);
    log.account(business(1), account(1), &found("2026-03-12"));
    log.account(business(1), account(1), &AccountEvent::Renamed { name: "Main".into() });
    let (b, s) = (business(1), source(1));
    for size in [1, 2, 100] {
        let entities = Entities::new();
        let schema = Schema::create(&database.pool(), &format!("differs_{size}"), &entities).await;
        schema.write_by(&entities, &log.events, size).await;
        let row = format!("({},{b},{s},7,3,GBP,f,2026-03-12,6,7)", account(1));
        assert_eq!(schema.rows("account").await, [row]);
    }
}
