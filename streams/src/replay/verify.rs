//! Checking the rows that serve against the log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use sqlx::{Connection, PgConnection, PgPool, Postgres, Transaction};

use super::checksum::{Summed, Table, settle};
use super::fill::Filler;
use super::lock::ReplayLock;
use super::{OnProgress, Phase, Progress, ReplayError};
use crate::projection::generation::version_of;
use crate::projection::{Generation, Projection, active_version, unresolved};

/// Differing rows shown of each table and side.
const MOST_SHOWN: usize = 5;

/// What a replay of the log gave, beside what serves.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub projection: &'static str,
    pub version: u32,
    /// Both are as of this position.
    pub position: i64,
    pub tables: Vec<TableReport>,
    /// Positions of the events at which businesses stand still.
    pub blocked_live: Vec<i64>,
    pub blocked_rebuilt: Vec<i64>,
    pub seconds: f64,
}

#[derive(Debug, Clone, Serialize)]
pub struct TableReport {
    pub table: &'static str,
    pub live: Checksum,
    pub rebuilt: Checksum,
    pub equal: bool,
    /// A few rows, as JSON objects, that only one side has.
    pub only_live: Vec<String>,
    pub only_rebuilt: Vec<String>,
}

/// Independent of the rows' order and of trailing zeros of amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checksum {
    pub rows: i64,
    /// 16 hexadecimal digits.
    pub sum: String,
}

impl Report {
    pub fn is_equal(&self) -> bool {
        self.blocked_live == self.blocked_rebuilt && self.tables.iter().all(|table| table.equal)
    }
}

/// Rebuilds the projection into a shadow from the log in PostgreSQL alone, up to the checkpoint of the rows that
/// serve, compares every table, and drops the shadow. What serves goes on and is not touched. Needs the right to
/// create schemas. `projection` is an instance of its own.
///
/// The rows that serve are read in a snapshot that is held until the end. It only reads, so that it holds back
/// neither the sequencer nor any writer, but what is deleted meanwhile is cleaned up only afterwards.
pub async fn verify(
    pool: &PgPool,
    projection: Arc<dyn Projection>,
    on_progress: OnProgress<'_>,
) -> Result<Report, ReplayError> {
    let lock = ReplayLock::take(pool, &*projection).await?;
    let mut connection = pool.acquire().await?.detach();
    let shadow = Generation::shadow(&*projection);
    create(&mut connection, &shadow, &*projection).await?;
    let report = compare(pool, &mut connection, &projection, &shadow, on_progress).await;
    let mut tx = connection.begin().await?;
    shadow.drop_in_tx(&mut tx).await?;
    tx.commit().await?;
    lock.release().await?;
    report
}

async fn create(
    connection: &mut PgConnection,
    shadow: &Generation,
    projection: &dyn Projection,
) -> Result<(), ReplayError> {
    let mut tx = connection.begin().await?;
    shadow.drop_in_tx(&mut tx).await?;
    shadow.create_in_tx(&mut tx, projection).await?;
    tx.commit().await?;
    Ok(())
}

async fn compare(
    pool: &PgPool,
    rebuilt: &mut PgConnection,
    projection: &Arc<dyn Projection>,
    shadow: &Generation,
    on_progress: OnProgress<'_>,
) -> Result<Report, ReplayError> {
    let began = Instant::now();
    let mut session = pool.acquire().await?.detach();
    settle(&mut session).await?;
    settle(rebuilt).await?;
    let live = Generation::live(&**projection);
    let mut snapshot = session.begin_with("begin isolation level repeatable read, read only").await?;
    let position = serving_position(&mut snapshot, &**projection, &live).await?;
    on_progress(&Progress { phase: Phase::Measuring, position: 0, target: position });
    let measured = measure(&mut snapshot, &live, &**projection).await?;
    Filler::new(pool, projection, shadow.clone(), on_progress).fill_to(position).await?;
    on_progress(&Progress { phase: Phase::Comparing, position, target: position });
    let mut tables = Vec::with_capacity(measured.len());
    for (name, table, summed) in measured {
        let shadow_table = Table::describe(rebuilt, &shadow.schema, name).await?;
        tables.push(compare_table(name, (&mut snapshot, &table, &summed), (rebuilt, &shadow_table)).await?);
    }
    let report = Report {
        projection: projection.name(),
        version: projection.version(),
        position,
        tables,
        blocked_live: blocked(&mut snapshot, &live).await?,
        blocked_rebuilt: blocked(rebuilt, shadow).await?,
        seconds: Duration::as_secs_f64(&began.elapsed()),
    };
    snapshot.rollback().await?;
    Ok(report)
}

async fn serving_position(
    snapshot: &mut PgConnection,
    projection: &dyn Projection,
    live: &Generation,
) -> Result<i64, ReplayError> {
    let own = version_of(projection);
    let not_serving = ReplayError::NotServing { projection: projection.name(), own };
    if active_version(snapshot, projection.name()).await? != Some(own) {
        return Err(not_serving);
    }
    live.position(snapshot).await?.ok_or(not_serving)
}

async fn measure(
    snapshot: &mut Transaction<'_, Postgres>,
    live: &Generation,
    projection: &dyn Projection,
) -> Result<Vec<(&'static str, Table, Summed)>, ReplayError> {
    let mut measured = Vec::new();
    for name in projection.tables() {
        let table = Table::describe(snapshot, &live.schema, name).await?;
        let summed = table.sum(snapshot).await?;
        measured.push((*name, table, summed));
    }
    Ok(measured)
}

async fn compare_table(
    name: &'static str,
    (snapshot, live, live_sum): (&mut PgConnection, &Table, &Summed),
    (rebuilt, shadow): (&mut PgConnection, &Table),
) -> Result<TableReport, ReplayError> {
    let shadow_sum = shadow.sum(rebuilt).await?;
    let differing = live_sum.differing(&shadow_sum);
    let mut report = TableReport {
        table: name,
        live: Checksum { rows: live_sum.rows(), sum: live_sum.text() },
        rebuilt: Checksum { rows: shadow_sum.rows(), sum: shadow_sum.text() },
        equal: differing.is_empty() && live.columns() == shadow.columns(),
        only_live: Vec::new(),
        only_rebuilt: Vec::new(),
    };
    if !differing.is_empty() {
        let (live, rebuilt) = (live.rows(snapshot, &differing).await?, shadow.rows(rebuilt, &differing).await?);
        report.only_live = only_first(&live, &rebuilt);
        report.only_rebuilt = only_first(&rebuilt, &live);
    }
    Ok(report)
}

/// What `first` has more often than `second`.
fn only_first(first: &[String], second: &[String]) -> Vec<String> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    second.iter().for_each(|row| *left.entry(row).or_default() += 1);
    let more = first.iter().filter(|row| match left.get_mut(row.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    more.take(MOST_SHOWN).cloned().collect()
}

async fn blocked(connection: &mut PgConnection, generation: &Generation) -> Result<Vec<i64>, sqlx::Error> {
    let letters = unresolved(connection, generation).await?;
    Ok(letters.iter().map(|letter| letter.position).collect())
}
