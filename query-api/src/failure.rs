//! Why a question has no answer. One code each, mapped once to a status and a body.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Code, Problem};

#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// Told to the caller as it is.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// Ours; the caller learns that something failed and nothing more.
    #[error("the database failed: {0}")]
    Database(Arc<sqlx::Error>),
}

impl Failure {
    pub fn invalid(detail: impl Into<String>) -> Self {
        Problem::new(Code::Invalid, detail).into()
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Problem::new(Code::NotFound, detail).into()
    }

    /// What the caller is told. Faults of ours are logged here.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.clone(),
            Self::Database(error) if is_outage(error) => {
                tracing::warn!(%error, "the database does not answer");
                Problem::new(Code::Unavailable, "The figures cannot be read just now. Nothing is lost; try again.")
            }
            Self::Database(error) => {
                tracing::error!(%error, "a query failed");
                Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
            }
        }
    }
}

fn is_outage(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
        // The server stops or starts.
        || matches!(error, sqlx::Error::Database(inner) if inner.code().is_some_and(|code| code.starts_with("57P")))
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        problem_response(&self.problem())
    }
}

/// RFC 9457.
pub(crate) fn problem_response(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(header::CONTENT_TYPE, kind)], axum::Json(problem)).into_response()
}
