//! What each kind of change does to rows and figures, and what is refused.

use domain::account::Synced;
use domain::business::BusinessEvent;
use domain::{Amended, Transaction};
use projectors::Metrics;
use sqlx::PgPool;
use streams::projection::{Notice, Projection, ProjectionError};
use streams::testing::Database;

use crate::log::{Log, account, business, line, page};
use crate::schema::Schema;

fn shop() -> Log {
    let mut log = Log::default();
    log.register(business(1), "Europe/London");
    log.open(business(1), account(1), "GBP");
    log
}

async fn written(pool: &PgPool, log: &Log) -> Schema {
    let metrics = Metrics::new();
    let schema = Schema::create(pool, "metrics", &metrics).await;
    schema.write(&metrics, &log.events).await.unwrap();
    schema
}

/// The month's revenue by cause, now.
async fn by_cause(schema: &Schema) -> Vec<(String, String)> {
    let statement = format!(
        "select c.key, (v.amount_in - v.amount_out)::text from {0}.metric_cell c cross join lateral (
            select * from {0}.metric_version w where w.cell = c.id order by w.position desc limit 1) v
         where c.grain = 'month' and c.dim = 'cause' and c.kind = 'revenue' order by 1",
        schema.name
    );
    sqlx::query_as(&statement).fetch_all(&schema.pool).await.unwrap()
}

fn amended(was: &Transaction, change: impl FnOnce(&mut Transaction)) -> Amended {
    let mut now = was.clone();
    change(&mut now);
    Amended::new(was.clone(), now)
}

#[tokio::test]
async fn each_cause_is_told_apart_and_all_of_them_make_the_figure() {
    let database = Database::create().await;
    let mut log = shop();
    let lines = ["a", "b", "c", "d"].map(|name| line(name, "2026-03-10", "100.00"));
    log.sync(business(1), account(1), Synced { added: lines.to_vec(), ..page() });
    log.sync(
        business(1),
        account(1),
        Synced {
            known_until: Some("2026-03-10".parse().unwrap()),
            added: vec![line("e", "2026-03-02", "7.50"), line("f", "2026-03-10", "1")],
            amended: vec![
                amended(&lines[0], |now| now.amount = "90.00".parse().unwrap()),
                amended(&lines[1], |now| now.category = "gift_voucher".parse().unwrap()),
            ],
            removed: vec![lines[2].clone()],
            ..page()
        },
    );
    let schema = written(&database.pool(), &log).await;
    let expected = [("corrected", "-10"), ("late", "7.5"), ("new", "401"), ("recategorised", "0"), ("removed", "-100")];
    // Recategorised within one kind changes nothing of the kind's sum: there is no such cell.
    let expected: Vec<_> =
        expected.iter().filter(|(_, sum)| *sum != "0").map(|(c, s)| ((*c).to_owned(), (*s).to_owned())).collect();
    assert_eq!(by_cause(&schema).await, expected);
    let month: Vec<_> = schema.figures(business(1), 4).await.into_iter().filter(|f| f.starts_with("month|")).collect();
    assert!(month.contains(&"month|2026-03-01|all||revenue|GBP 298.5 0 5".to_owned()), "{month:?}");
    assert!(month.contains(&"month|2026-03-01|category|gift_voucher|revenue|GBP 100 0 1".to_owned()), "{month:?}");
    let known_before = schema.figures(business(1), 3).await;
    assert!(known_before.contains(&"month|2026-03-01|all||revenue|GBP 400 0 4".to_owned()), "{known_before:?}");
}

#[tokio::test]
async fn revisions_are_valid_from_one_position_until_before_another() {
    let database = Database::create().await;
    let mut log = shop();
    let a = line("a", "2026-03-10", "100.00");
    log.sync(business(1), account(1), Synced { added: vec![a.clone()], ..page() });
    let change = amended(&a, |now| now.booked = "2026-04-01".parse().unwrap());
    let now = change.now.clone();
    log.sync(business(1), account(1), Synced { amended: vec![change], ..page() });
    log.sync(business(1), account(1), Synced { removed: vec![now.clone()], ..page() });
    log.sync(business(1), account(1), Synced { added: vec![now], ..page() });

    let metrics = Metrics::new();
    let pool = database.pool();
    let at_once = Schema::create(&pool, "at_once", &metrics).await;
    at_once.write(&metrics, &log.events).await.unwrap();
    metrics.forget();
    let one_by_one = Schema::create(&pool, "one_by_one", &metrics).await;
    one_by_one.write_by(&metrics, &log.events, 1).await;

    for schema in [&at_once, &one_by_one] {
        let statement = format!(
            "select day::text, amount::text, cause, valid_from, nullif(valid_to, 9223372036854775807)
             from {}.transaction order by valid_from",
            schema.name
        );
        let rows: Vec<(String, String, String, i64, Option<i64>)> =
            sqlx::query_as(&statement).fetch_all(&pool).await.unwrap();
        let row = |day: &str, cause: &str, from, to| (day.to_owned(), "100.00".to_owned(), cause.to_owned(), from, to);
        assert_eq!(
            rows,
            [
                row("2026-03-10", "new", 3, Some(4)),
                row("2026-04-01", "corrected", 4, Some(5)),
                row("2026-04-01", "new", 6, None),
            ]
        );
    }
}

#[tokio::test]
async fn a_change_of_time_zone_holds_for_what_comes_after_it() {
    let database = Database::create().await;
    let mut log = shop();
    let night = line("night", "2026-01-31T23:30:00Z", "10");
    let other = line("other", "2026-01-31T23:40:00Z", "1");
    log.sync(business(1), account(1), Synced { added: vec![night.clone(), other.clone()], ..page() });
    log.business(business(1), &BusinessEvent::TimeZoneChanged { time_zone: "Europe/Berlin".parse().unwrap() });
    log.sync(business(1), account(1), Synced { added: vec![line("later", "2026-01-31T23:30:00Z", "5")], ..page() });
    // Taken back from the day on which they were published; what is there now stands on the new zone's day.
    let corrected = amended(&other, |now| now.amount = "2".parse().unwrap());
    log.sync(business(1), account(1), Synced { removed: vec![night], amended: vec![corrected], ..page() });
    for size in [1, 2, 100] {
        let metrics = Metrics::new();
        let schema = Schema::create(&database.pool(), &format!("by_{size}"), &metrics).await;
        schema.write_by(&metrics, &log.events, size).await;
        let days = |figures: Vec<String>| -> Vec<_> {
            figures.into_iter().filter(|figure| figure.starts_with("day|") && figure.contains("|all|")).collect()
        };
        let day = |day: &str, sum: &str, count| format!("day|2026-{day}|all||revenue|GBP {sum} 0 {count}");
        assert_eq!(days(schema.figures(business(1), 5).await), [day("01-31", "11", 2), day("02-01", "5", 1)]);
        assert_eq!(days(schema.figures(business(1), 6).await), [day("02-01", "7", 2)], "batches of {size}");
    }
}

#[tokio::test]
async fn notices_tell_the_newest_position_of_each_business() {
    let database = Database::create().await;
    let mut log = shop();
    log.register(business(2), "UTC");
    log.open(business(2), account(2), "GBP");
    log.sync(business(1), account(1), Synced { added: vec![line("a", "2026-03-10", "1")], ..page() });
    log.sync(business(2), account(2), Synced { added: vec![line("b", "2026-03-10", "1")], ..page() });
    log.sync(business(1), account(1), Synced { removed: vec![line("a", "2026-03-10", "1")], ..page() });
    log.sync(business(2), account(2), page());
    let metrics = Metrics::new();
    let schema = Schema::create(&database.pool(), "metrics", &metrics).await;
    let notices = schema.write(&metrics, &log.events).await.unwrap();
    assert_eq!(
        notices,
        [
            Notice { business: business(1), position: 7, events: 2, transactions: 2 },
            Notice { business: business(2), position: 6, events: 1, transactions: 1 },
        ]
    );
}

/// Writes a log whose last event must be refused, and says why it was.
async fn refusal(metrics: Metrics, log: &Log) -> String {
    let database = Database::create().await;
    let schema = Schema::create(&database.pool(), "metrics", &metrics).await;
    let (last, before) = log.events.split_last().unwrap();
    schema.write(&metrics, before).await.unwrap();
    let rows = schema.dump(&metrics).await;
    let error = schema.write(&metrics, std::slice::from_ref(last)).await.unwrap_err();
    assert_eq!(schema.dump(&metrics).await, rows, "a refused event leaves nothing behind");
    let ProjectionError::Poison { position, reason } = error else { panic!("not poison: {error}") };
    assert_eq!(position, last.position);
    reason
}

#[tokio::test]
async fn what_cannot_be_folded_is_poison_and_says_why() {
    let mut unopened = shop();
    unopened.sync(business(1), account(9), Synced { added: vec![line("a", "2026-03-10", "1")], ..page() });
    assert!(refusal(Metrics::new(), &unopened).await.contains("was never opened"));

    let mut unregistered = shop();
    unregistered.open(business(8), account(8), "GBP");
    assert!(refusal(Metrics::new(), &unregistered).await.contains("was never registered"));

    let mut foreign = shop();
    foreign.register(business(2), "UTC");
    foreign.sync(business(2), account(1), Synced { added: vec![line("a", "2026-03-10", "1")], ..page() });
    assert!(refusal(Metrics::new(), &foreign).await.contains("belongs to business"));

    let mut unknown = shop();
    unknown.sync(business(1), account(1), Synced { added: vec![line("a", "2026-03-10", "1")], ..page() });
    unknown.sync(business(1), account(1), Synced { removed: vec![line("b", "2026-03-10", "1")], ..page() });
    assert!(refusal(Metrics::new(), &unknown).await.contains("does not stand"));
    unknown.events.remove(2);
    assert!(refusal(Metrics::views_only(), &unknown).await.contains("never brought"));

    let mut large = shop();
    let largest = "79228162514264337593543950335";
    large.sync(business(1), account(1), Synced { added: vec![line("a", "2026-03-10", largest)], ..page() });
    large.sync(business(1), account(1), Synced { added: vec![line("b", "2026-03-10", "0.01")], ..page() });
    assert!(refusal(Metrics::new(), &large).await.contains("does not fit"));

    let mut unreadable = shop();
    unreadable.push(business(1), ("account", account(1).as_uuid()), "account.synced", &"no page");
    assert!(refusal(Metrics::new(), &unreadable).await.contains("not a valid account.synced"));
}

#[tokio::test]
async fn the_second_count_agrees_until_somebody_meddles() {
    let database = Database::create().await;
    let pool = database.pool();
    let mut log = shop();
    log.sync(business(1), account(1), Synced { added: vec![line("a", "2026-03-10", "1.25")], ..page() });
    assert_eq!(projectors::reconcile(&pool).await.unwrap(), []);
    let schema = written(&pool, &log).await;
    schema.serve(&Metrics::new()).await;
    assert_eq!(projectors::reconcile(&pool).await.unwrap(), []);
    sqlx::query("update metrics.metric_delta set amount_in = 1.26").execute(&pool).await.unwrap();
    let differences = projectors::reconcile(&pool).await.unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!(
        (differences[0].figures_in.to_string(), differences[0].check_in.to_string()),
        ("1.25".into(), "1.26".into())
    );
    let day = projectors::metrics::first_day(&pool, &differences[0]).await.unwrap();
    assert_eq!(day, "2026-03-10".parse().ok());
    // There is nothing to see to without TimescaleDB, and nothing that could drop rows.
    projectors::metrics::tend(&pool, None).await.unwrap();
    let kept = projectors::metrics::tend(&pool, Some(1_000)).await;
    assert!(matches!(kept, Err(projectors::metrics::RetentionError::NotSupported)), "{kept:?}");
}
