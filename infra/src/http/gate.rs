//! The router that listens from the first moment: health at once, everything else as soon as it is composed.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use domain::Code;
use tower::ServiceExt;

use super::health::{self, Readiness};
use super::problem;

/// Opened once. Clones share it.
#[derive(Clone, Default)]
pub struct Gate(Arc<OnceLock<Router>>);

impl Gate {
    pub fn open(&self, router: Router) {
        if self.0.set(router).is_err() {
            tracing::error!("the gate was opened twice");
        }
    }

    pub fn router(&self, readiness: Readiness) -> Router {
        let gate = self.clone();
        Router::new()
            .route("/health/live", get(health::live))
            .route("/health/ready", get(health::ready))
            .with_state(readiness)
            .fallback(move |request: Request| gate.clone().pass(request))
    }

    async fn pass(self, request: Request) -> Response {
        match self.0.get() {
            Some(router) => match router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            None => problem::refuse(Code::Unavailable, "Workdock is starting; /health/ready says what it waits for."),
        }
    }
}
