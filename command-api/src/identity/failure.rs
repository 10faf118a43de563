use std::time::Duration;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{Code, Problem};
use streams::CommandError;

use super::seal::SealError;

/// Why a request is not answered as asked: a problem after RFC 9457, and when to ask again.
#[derive(Debug)]
pub struct Failure {
    pub problem: Problem,
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem::new(code, detail).into()
    }

    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "You are not signed in, or your session has ended.")
    }

    /// A link of a mail: wrong, used and expired ones are refused alike.
    pub fn dead_link() -> Self {
        Self::new(Code::Refused, "This link was used, has expired, or is not one of ours. Ask for a new one.")
    }

    pub fn internal(error: &dyn std::fmt::Display, what: &str) -> Self {
        tracing::error!(%error, "{what}");
        Self::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, retry_after: None }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        // A constraint's message can name values; only its kind is told.
        let kind = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        match kind {
            Some(code) => tracing::error!(code, "a statement of identity failed"),
            None => tracing::error!(%error, "identity cannot reach its tables"),
        }
        Self::new(Code::Unavailable, "Accounts cannot be reached just now; try again in a moment.")
    }
}

/// Of the journal: what cannot be recorded is not done.
impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error.code() {
            Code::Internal => Self::internal(&error, "what was to be done cannot be recorded"),
            _ => error.problem().into(),
        }
    }
}

/// Of an archive: nothing else of accounts is written to a file.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::internal(&error, "an archive cannot be written")
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Unavailable(reason) => {
                tracing::warn!(%reason, "accounts cannot be opened");
                Self::new(Code::Unavailable, "The keys of accounts cannot be reached; try again in a moment.")
            }
            closed => Self::internal(&closed, "an account cannot be opened"),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(after) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}
