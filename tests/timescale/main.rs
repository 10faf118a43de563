//! One set of tables and statements on two servers: every migration, every write of the projections and every query
//! shape on plain PostgreSQL and on TimescaleDB, over the same log, with the same answers. `run` starts the servers.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod answers;
mod erasure;
#[allow(dead_code, reason = "the projections' own tests use more of it")]
#[path = "../../projectors/tests/it/log.rs"]
mod events;
mod log;
mod retention;

use std::str::FromStr;
use std::sync::Arc;

use projectors::{Audit, Entities, Metrics};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, Executor, PgPool};
use streams::projection::{Generation, Projection, Step, Writer, prepare};
use streams::testing::Database;

/// The server of WORKDOCK_TEST_TIMESCALE: it may serve one connection at a time, and forget nothing between them.
async fn timescale() -> PgPool {
    let address = std::env::var("WORKDOCK_TEST_TIMESCALE").expect("WORKDOCK_TEST_TIMESCALE: run tests/timescale/run");
    let options = PgConnectOptions::from_str(&address).unwrap().statement_cache_capacity(0);
    PgPoolOptions::new()
        .max_connections(1)
        .after_connect(|connection, _| Box::pin(async move { connection.execute("deallocate all").await.map(drop) }))
        .connect_lazy_with(options)
}

/// The plain server is written to as in production, by COPY where that pays. The one with TimescaleDB is a build of
/// PostgreSQL for WebAssembly, whose wire takes no COPY: there the same rows go as statements.
fn by_statements() -> Metrics {
    Metrics::new().without_copy()
}

fn projections(metrics: Metrics) -> Vec<Arc<dyn Projection>> {
    vec![Arc::new(metrics), Arc::new(Entities::new()), Arc::new(Audit::new())]
}

/// Where the metrics' tables are.
fn metrics_schema() -> String {
    Generation::live(&Metrics::new()).schema
}

/// Migrates, stores the log, and brings the projections to its head.
async fn fill(pool: &PgPool, log: &events::Log, metrics: fn() -> Metrics) {
    streams::migrate(pool).await.unwrap();
    log::store(pool, log).await;
    prepare(pool, &projections(metrics())).await.unwrap();
    for projection in projections(metrics()) {
        let generation = Generation::live(&*projection);
        let mut writer = Writer::new(pool.clone(), projection, generation);
        for batch in log.events.chunks(9) {
            let Step::Written(written) = writer.write(batch).await.unwrap() else { panic!("a gap") };
            assert!(written.dead.is_empty(), "{:?}", written.dead);
        }
    }
}

#[tokio::test]
async fn both_servers_give_the_same_answers() {
    let (database, timescale, mut log) = (Database::create().await, timescale().await, log::log());
    let plain = database.pool();
    fill(&plain, &log, Metrics::new).await;
    fill(&timescale, &log, by_statements).await;
    let named =
        "select hypertable_name::text from timescaledb_information.hypertables where hypertable_schema = $1 order by 1";
    let hypertables: Vec<String> =
        sqlx::query_scalar(named).bind(metrics_schema()).fetch_all(&timescale).await.unwrap();
    assert_eq!(hypertables, ["metric_delta", "transaction"]);

    let (expected, found) = (answers::rows(&plain).await, answers::rows(&timescale).await);
    assert_eq!(expected.len(), found.len());
    for ((question, expected), (_, found)) in expected.iter().zip(&found) {
        assert!(!expected.is_empty(), "{question} is empty");
        assert_eq!(expected, found, "{question}");
    }
    let (expected, found) = (answers::figures(&plain, &log).await, answers::figures(&timescale, &log).await);
    assert_eq!(expected.len(), found.len());
    for ((question, expected), (_, found)) in expected.iter().zip(&found) {
        assert_eq!(expected, found, "{question}");
    }
    println!("{} answers agree", expected.len());
    answers::prepare_every_shape(&plain).await;
    answers::prepare_every_shape(&timescale).await;
    assert_eq!(projectors::reconcile(&timescale).await.unwrap(), []);
    swap(&timescale).await;
    retention::sees_to_policies(&timescale).await;
    erasure::of_one_business_leaves_the_other(&timescale, &mut log).await;
    retention::keeps_figures(&timescale, &log).await;
}

/// What a rebuild does with schemas, which are full of hypertables here.
async fn swap(pool: &PgPool) {
    let metrics = Metrics::new();
    let mut connection = pool.acquire().await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    Generation::next(&metrics).create_in_tx(&mut tx, &metrics).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    let (live, next) = (metrics_schema(), Generation::next(&metrics).schema);
    let renames = format!(
        "alter schema {live} rename to metrics_old; alter schema {next} rename to {live};
        alter schema {live} rename to {next}; alter schema metrics_old rename to {live}"
    );
    tx.execute(renames.as_str()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = connection.begin().await.unwrap();
    Generation::next(&metrics).drop_in_tx(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}
