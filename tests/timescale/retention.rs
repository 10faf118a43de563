//! Dropping old raw rows loses no figure.

use domain::{BusinessId, Sums};
use projectors::metrics::{RetentionError, keep_raw_rows, tend};
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

/// The policies of the tables which serve, by procedure.
async fn policies(pool: &PgPool) -> Vec<(String, i64)> {
    let jobs = "select proc_name::text, count(*) from timescaledb_information.jobs
        where proc_name in ('policy_compression', 'policy_refresh_continuous_aggregate', 'policy_retention')
        group by 1 order by 1";
    sqlx::query_as(jobs).fetch_all(pool).await.unwrap()
}

/// Compresses, too: what follows erases and writes in compressed rows.
pub async fn sees_to_policies(pool: &PgPool) {
    assert_eq!(policies(pool).await, []);
    let expected = [("policy_compression".to_owned(), 2), ("policy_refresh_continuous_aggregate".to_owned(), 1)];
    for _ in 0..2 {
        tend(pool, None).await.unwrap();
        assert_eq!(policies(pool).await, expected, "nothing is dropped unless it is asked for");
    }
    let jobs: Vec<i32> = sqlx::query_scalar(
        "select job_id from timescaledb_information.jobs
         where proc_name in ('policy_compression', 'policy_refresh_continuous_aggregate') order by proc_name",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    // As if all of it were old by now.
    let alter = "select alter_job(job_id, config => jsonb_set(config, '{compress_after}', '\"0 days\"'))
        from timescaledb_information.jobs where proc_name = 'policy_compression'";
    sqlx::query(alter).execute(pool).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    for job in jobs {
        connection.execute(format!("call run_job({job})").as_str()).await.unwrap();
    }
    let compressed = "select count(*) from timescaledb_information.chunks where is_compressed";
    let compressed: i64 = sqlx::query_scalar(compressed).fetch_one(&mut *connection).await.unwrap();
    assert!(compressed > 1, "{compressed} chunks are compressed");
    drop(connection);
    assert_eq!(projectors::reconcile(pool).await.unwrap(), []);
}

pub async fn keeps_figures(pool: &PgPool, log: &Log) {
    let before = years(pool, business(1), log).await;
    assert!(!before.is_empty());
    let short = keep_raw_rows(pool, Some(30)).await;
    assert!(matches!(short, Err(RetentionError::TooShort(30))), "{short:?}");
    tend(pool, Some(1_000)).await.unwrap();
    let schema = crate::metrics_schema();
    let dropping = "select count(*) from timescaledb_information.jobs where hypertable_schema = $1
        and proc_name = 'policy_retention'";
    let count = || async { sqlx::query_scalar::<_, i64>(dropping).bind(&schema).fetch_one(pool).await.unwrap() };
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
        let compress =
            format!("select compress_chunk(c, if_not_compressed => true) from show_chunks('{schema}.{table}') c");
        connection.execute(compress.as_str()).await.unwrap();
        let drop = format!("select drop_chunks('{schema}.{table}', older_than => date '2026-06-01')");
        connection.execute(drop.as_str()).await.unwrap();
    }
    drop(connection);
    assert!(raw().await < all, "nothing was dropped");
    assert_eq!(years(pool, business(1), log).await, before);
    assert_eq!(second_count().await, counted, "the second count keeps what was dropped");

    tend(pool, None).await.unwrap();
    assert_eq!(count().await, 0);
    let kinds: Vec<String> = policies(pool).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["policy_compression", "policy_refresh_continuous_aggregate"]);
}
