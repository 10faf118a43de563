//! Dropping old raw rows loses no figure.

use domain::{BusinessId, Sums};
use projectors::metrics::{RetentionError, keep_raw_rows};
use query_api::figures::{Grain, Run};
use query_api::views::{self, Dim, Question, Scope};
use sqlx::{Executor, PgPool};

use crate::events::{Log, business};

async fn years(pool: &PgPool, owner: BusinessId, log: &Log) -> Vec<Sums> {
    let day = |text: &str| text.parse().unwrap();
    let mut question = Question::new(Scope::default());
    question.ask(0, Dim::Category, [Run { grain: Grain::Year, first: day("2020-01-01"), last: day("2030-01-01") }]);
    let mut rows = views::sums(pool, owner, &question, &[log.head() / 2, log.head()]).await.unwrap();
    rows.sort_by(|a, b| (a.seen, &a.key, a.kind, a.currency).cmp(&(b.seen, &b.key, b.kind, b.currency)));
    rows.into_iter().map(|row| row.sums).collect()
}

pub async fn keeps_figures(pool: &PgPool, log: &Log) {
    let before = years(pool, business(1), log).await;
    assert!(!before.is_empty());
    let short = keep_raw_rows(pool, Some(30)).await;
    assert!(matches!(short, Err(RetentionError::TooShort(30))), "{short:?}");
    keep_raw_rows(pool, Some(1_000)).await.unwrap();
    let schema = crate::metrics_schema();
    let policies = "select count(*) from timescaledb_information.jobs where hypertable_schema = $1
        and proc_name = 'policy_retention'";
    let count = || async { sqlx::query_scalar::<_, i64>(policies).bind(&schema).fetch_one(pool).await.unwrap() };
    assert_eq!(count().await, 2);

    // What the policies do in time, done now: the oldest chunks go, compressed or not.
    let check = format!("select coalesce(sum(amount_in), 0)::text from {schema}.metric_monthly_check");
    let second_count = || async { sqlx::query_scalar::<_, String>(&check).fetch_one(pool).await.unwrap() };
    let counted = second_count().await;
    let raw = || async {
        let count = format!("select count(*) from {schema}.transaction");
        sqlx::query_scalar::<_, i64>(&count).fetch_one(pool).await.unwrap()
    };
    let all = raw().await;
    let mut connection = pool.acquire().await.unwrap();
    for table in ["transaction", "metric_delta"] {
        let compress = format!("select compress_chunk(c) from show_chunks('{schema}.{table}') c");
        connection.execute(compress.as_str()).await.unwrap();
        let drop = format!("select drop_chunks('{schema}.{table}', older_than => date '2026-06-01')");
        connection.execute(drop.as_str()).await.unwrap();
    }
    drop(connection);
    assert!(raw().await < all, "nothing was dropped");
    assert_eq!(years(pool, business(1), log).await, before);
    assert_eq!(second_count().await, counted, "the second count keeps what was dropped");

    keep_raw_rows(pool, None).await.unwrap();
    assert_eq!(count().await, 0);
}
