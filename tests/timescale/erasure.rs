//! A business goes from hypertables, their compressed chunks and the continuous aggregate; the one beside it stays as it is.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use domain::BusinessId;
use domain::business::BusinessEvent;
use sqlx::{Executor, PgPool};
use streams::projection::{Generation, Projection, Step, Writer};

use crate::events::{Log, business};
use crate::{by_statements, log, metrics_schema, projections};

/// Every row of a business in the views, and its sums in the second count.
async fn rows(pool: &PgPool, of: BusinessId) -> Vec<String> {
    let tables = [
        "read.business where id = $1",
        "read.account where business = $1",
        "read.batch where business = $1",
        "read.transaction where business = $1",
        "read.metric_delta where business = $1",
        "read.metric_daily where business = $1",
        "read.metric_cell where business = $1",
        "read.metric_version where cell in (select id from read.metric_cell where business = $1)",
        "read.metric_monthly_check where business = $1",
        "read.event where business = $1",
        "read.known where business = $1",
        "read.archive where business = $1",
    ];
    let mut rows = Vec::new();
    for table in tables {
        let all = format!("select to_jsonb(x)::text from (select * from {table}) x order by 1");
        let found: Vec<String> = sqlx::query_scalar(&all).bind(of.as_uuid()).fetch_all(pool).await.unwrap();
        rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
    }
    rows
}

/// Relations of TimescaleDB's own, chunks and compressed ones among them, that still name the business.
async fn chunks_of(pool: &PgPool, of: BusinessId) -> Vec<String> {
    let with_business = "select format('%I.%I', n.nspname, c.relname)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
        where c.relkind in ('r', 'p') and a.attname = 'business' and a.atttypid = 'uuid'::regtype
          and not a.attisdropped and n.nspname like '\\_timescaledb%' order by 1";
    let tables: Vec<String> = sqlx::query_scalar(with_business).fetch_all(pool).await.unwrap();
    assert!(!tables.is_empty(), "no chunks");
    let mut naming = Vec::new();
    for table in tables {
        let any = format!("select exists (select from only {table} where business = $1)");
        if sqlx::query_scalar(&any).bind(of.as_uuid()).fetch_one(pool).await.unwrap() {
            naming.push(table);
        }
    }
    naming
}

async fn compress(pool: &PgPool) {
    let schema = metrics_schema();
    let mut connection = pool.acquire().await.unwrap();
    for table in ["transaction", "metric_delta"] {
        let compress = format!("select compress_chunk(c, true) from show_chunks('{schema}.{table}') c");
        connection.execute(compress.as_str()).await.unwrap();
    }
    // What the aggregate holds in tables of its own, too.
    let refresh = format!("call refresh_continuous_aggregate('{schema}.metric_monthly_check', null, null)");
    connection.execute(refresh.as_str()).await.unwrap();
}

pub async fn of_one_business_leaves_the_other(pool: &PgPool, log: &mut Log) {
    let (gone, stays) = (business(2), business(1));
    compress(pool).await;
    let compressed: i64 = sqlx::query_scalar(
        "select count(*) from timescaledb_information.chunks where hypertable_schema = $1 and is_compressed",
    )
    .bind(metrics_schema())
    .fetch_one(pool)
    .await
    .unwrap();
    assert!(compressed > 0, "nothing is compressed, so nothing is tested");
    let before = rows(pool, stays).await;
    assert!(before.len() > 100 && !rows(pool, gone).await.is_empty() && !chunks_of(pool, gone).await.is_empty());

    let due_at = Utc::now() - TimeDelta::days(1);
    for event in [BusinessEvent::ErasureRequested { due_at }, BusinessEvent::Erased] {
        log.business(gone, &event);
    }
    let end = Log { events: log.events[log.events.len() - 2..].to_vec() };
    log::store(pool, &end).await;
    for projection in projections(by_statements()) {
        write(pool, projection, &end).await;
    }
    let left = rows(pool, gone).await;
    assert!(matches!(left.as_slice(), [one] if one.contains("business.erased")), "{left:#?}");
    assert_eq!(chunks_of(pool, gone).await, Vec::<String>::new());
    assert_eq!(rows(pool, stays).await, before);
    assert_eq!(projectors::reconcile(pool).await.unwrap(), []);
}

async fn write(pool: &PgPool, projection: Arc<dyn Projection>, end: &Log) {
    let generation = Generation::live(&*projection);
    let step = Writer::new(pool.clone(), projection, generation).write(&end.events).await.unwrap();
    let Step::Written(written) = step else { panic!("a gap") };
    assert!(written.dead.is_empty(), "{:?}", written.dead);
}
