//! `GET /health/live` (the process answers) and `GET /health/ready` (it can serve; else what is missing).
//!
//! Both are open to everybody, so they name parts and states, and never the text of an error: that is in the log.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_nats::connection::State as Link;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sqlx::PgPool;
use streams::projection::{self, DeadLetter};
use streams::sequencer::Status;
use tokio::sync::watch;

use crate::servers;

/// What readiness looks at. Clones share it.
#[derive(Clone)]
pub struct Readiness(Arc<Inner>);

struct Inner {
    /// What is being done until there is something to look at.
    phase: watch::Sender<&'static str>,
    live: OnceLock<Live>,
}

/// What can be looked at once everything was started.
pub struct Live {
    pub servers: Vec<(&'static str, watch::Receiver<servers::State>)>,
    pub pool: PgPool,
    pub nats: async_nats::Client,
    /// Of the projections and the sequencer, where they run in this process.
    pub projections: Option<projection::Health>,
    pub sequencer: Option<Arc<Status>>,
}

#[derive(Debug, Serialize)]
pub struct Report {
    pub status: &'static str,
    pub missing: Vec<Missing>,
    /// Works, but not as it should.
    pub degraded: Vec<Missing>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    pub part: String,
    pub state: String,
}

impl Missing {
    fn new(part: impl Into<String>, state: impl Into<String>) -> Self {
        Self { part: part.into(), state: state.into() }
    }
}

impl Readiness {
    pub fn starting() -> Self {
        Self(Arc::new(Inner { phase: watch::Sender::new("starting"), live: OnceLock::new() }))
    }

    pub fn enter(&self, phase: &'static str) {
        self.0.phase.send_replace(phase);
    }

    pub fn watch(&self, live: Live) {
        if self.0.live.set(live).is_err() {
            tracing::error!("readiness was told twice what to look at");
        }
    }

    pub async fn report(&self) -> Report {
        let (mut missing, mut degraded) = (Vec::new(), Vec::new());
        match self.0.live.get() {
            None => missing.push(Missing::new("workdock", *self.0.phase.borrow())),
            Some(live) => live.look(&mut missing, &mut degraded).await,
        }
        let status = match (missing.is_empty(), degraded.is_empty()) {
            (true, true) => "ready",
            (true, false) => "degraded",
            (false, _) => "not_ready",
        };
        Report { status, missing, degraded }
    }
}

impl Live {
    async fn look(&self, missing: &mut Vec<Missing>, degraded: &mut Vec<Missing>) {
        for (name, state) in &self.servers {
            match &*state.borrow() {
                servers::State::Running { .. } => {}
                servers::State::Restarting { .. } => missing.push(Missing::new(*name, "restarting")),
                servers::State::Stopped => missing.push(Missing::new(*name, "stopped")),
            }
        }
        let asked = sqlx::query("select 1").execute(&self.pool);
        if !matches!(tokio::time::timeout(Duration::from_secs(1), asked).await, Ok(Ok(_))) {
            missing.push(Missing::new("database", "does not answer"));
        }
        // The log is in PostgreSQL: without NATS nothing is lost, but pages do not hear of changes.
        if self.nats.connection_state() != Link::Connected {
            missing.push(Missing::new("message stream", "not connected"));
        }
        if self.sequencer.as_ref().is_some_and(|sequencer| sequencer.trouble().is_some()) {
            missing.push(Missing::new("sequencer", "trying again after an error"));
        }
        if let Some(projections) = &self.projections {
            look_at_projections(projections, missing, degraded);
        }
    }
}

fn look_at_projections(health: &projection::Health, missing: &mut Vec<Missing>, degraded: &mut Vec<Missing>) {
    for status in health.all() {
        let part = format!("projection {}", status.projection);
        let state = match status.state {
            projection::State::Running if status.blocked.is_empty() => continue,
            projection::State::Running => {
                degraded.extend(status.blocked.iter().map(|letter| {
                    let DeadLetter { business, position, .. } = letter;
                    Missing::new(&part, format!("business {business} stands still at position {position}"))
                }));
                continue;
            }
            projection::State::Starting => "starting",
            projection::State::Rebuilding => "rebuilding",
            projection::State::Retrying => "trying again after an error",
            projection::State::Superseded => "served by a newer workdock",
            projection::State::Stopped => "stopped",
        };
        missing.push(Missing::new(part, state));
    }
}

pub async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "alive" }))
}

pub async fn ready(State(readiness): State<Readiness>) -> Response {
    let report = readiness.report().await;
    let code = if report.missing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(report)).into_response()
}
