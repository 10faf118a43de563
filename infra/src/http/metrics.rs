//! `GET /metrics`: what the services count, in the text format of Prometheus.

use std::time::Duration;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds: from a query of half a millisecond to a rebuild.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// Makes this process count. Called once, before anything that counts is started.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("metrics cannot be counted")?;
    let tidied = handle.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(TIDY_EVERY);
        loop {
            ticks.tick().await;
            tidied.run_upkeep();
        }
    });
    Ok(handle)
}
