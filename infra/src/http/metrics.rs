//! `GET /metrics`: what the services count, in the text format of Prometheus.

use std::time::Duration;

use anyhow::Context;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use domain::access::{Principal, authorise_installation};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::problem;

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

/// Behind sessions: it tells of all businesses, so it is for whoever runs the installation.
pub fn for_the_installation(metrics: PrometheusHandle) -> Router {
    let answer = move |Extension(principal): Extension<Principal>| {
        std::future::ready(match authorise_installation(&principal) {
            Ok(()) => metrics.render().into_response(),
            Err(problem) => problem::response(problem),
        })
    };
    Router::new().route("/metrics", get(answer))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use domain::access::{Action, Role};
    use domain::{BusinessId, KeyId};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn what_tells_of_all_businesses_is_for_whoever_runs_the_installation() {
        let app = for_the_installation(PrometheusBuilder::new().build_recorder().handle());
        let asked = async |principal: Principal| {
            let mut request = Request::get("/metrics").body(Body::empty()).unwrap();
            request.extensions_mut().insert(principal);
            app.clone().oneshot(request).await.unwrap().status()
        };
        let owner = Principal::key(KeyId::new(), BusinessId::new(), Role::Owner, BTreeSet::from(Action::ALL));
        assert_eq!(asked(owner).await, StatusCode::FORBIDDEN);
        assert_eq!(asked(Principal::local_owner()).await, StatusCode::OK);
    }
}
