//! The second count, and what TimescaleDB does by itself where it is installed.
//!
//! Every hour the sums that figures are read from are compared with those of the deltas, in one snapshot. A difference
//! is a fault of ours: it is told in the log, with the first day that differs, and counted in `/metrics`; figures stay
//! as they are, for a person to look. Any number of processes may do so.

use std::time::Duration;

use projectors::metrics::{RetentionError, first_day, tend};
use projectors::reconcile;
use sqlx::PgPool;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(3600);
/// A start has other work first.
const FIRST: Duration = Duration::from_secs(60);

/// Until it is stopped. `raw_days`: how long raw rows are kept; `None` for ever.
pub async fn run(pool: PgPool, raw_days: Option<i32>, stop: CancellationToken) {
    let mut rest = FIRST;
    loop {
        if let Err(error) = tend(&pool, raw_days).await {
            match error {
                RetentionError::Database(error) => tracing::warn!(%error, "TimescaleDB's policies are set later"),
                error => tracing::error!(%error, "metrics.raw_days cannot be kept to"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(rest) => {}
        }
        if let Err(error) = compare(&pool).await {
            tracing::warn!(%error, "both counts are compared later");
        }
        rest = EVERY;
    }
}

/// Counts the months of categories that differ, and tells of the first.
async fn compare(pool: &PgPool) -> Result<(), sqlx::Error> {
    let differences = reconcile(pool).await?;
    metrics::gauge!("workdock_second_count_differences").set(differences.len() as f64);
    metrics::counter!("workdock_second_counts_total").increment(1);
    if let Some(first) = differences.first() {
        let day = first_day(pool, first).await?.unwrap_or(first.month);
        tracing::error!(
            business = %first.business, %day, category = first.category, currency = first.currency,
            months = differences.len(), "figures are not what the second count gives"
        );
    }
    Ok(())
}
