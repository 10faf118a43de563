//! Every error as a problem (RFC 9457) that names the request, so that whoever reports it can be helped.

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use domain::{Code, Problem};
use serde_json::{Map, Value};

const KIND: HeaderValue = HeaderValue::from_static("application/problem+json");
/// A problem is a few sentences.
const MOST: usize = 64 * 1024;

/// Errors that a handler gave as JSON of its own stay; bare ones and those of the framework become problems.
pub async fn told(response: Response, request: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let (is_problem, is_text) = (kind.starts_with("application/problem+json"), kind.starts_with("text/plain"));
    if !is_problem && !is_text && !kind.is_empty() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, MOST).await.unwrap_or_default();
    let members = match serde_json::from_slice::<Map<String, Value>>(&body) {
        Ok(members) if is_problem => members,
        _ => members_of(status, &String::from_utf8_lossy(&body)),
    };
    let mut members = members;
    members.insert("request".to_owned(), Value::String(request.to_owned()));
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, KIND);
    Response::from_parts(parts, Body::from(Value::Object(members).to_string()))
}

/// `said`: what the framework says of a request it cannot take; of our own faults it says nothing.
fn members_of(status: StatusCode, said: &str) -> Map<String, Value> {
    let (code, detail) = code_of(status);
    let said = said.trim();
    let keeps = status.is_client_error() && !said.is_empty() && said.len() <= 300 && detail.is_empty();
    let mut problem = Problem::new(code, if keeps { said } else { detail });
    problem.status = status.as_u16();
    if problem.detail.is_empty() {
        problem.detail = code.title().to_owned();
    }
    match serde_json::to_value(problem) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn code_of(status: StatusCode) -> (Code, &'static str) {
    match status {
        StatusCode::UNAUTHORIZED => (Code::Unauthenticated, "Sign in first."),
        StatusCode::FORBIDDEN => (Code::Forbidden, ""),
        StatusCode::NOT_FOUND | StatusCode::GONE => (Code::NotFound, "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => {
            (Code::MethodNotAllowed, "This address does not take that method; Allow says which it takes.")
        }
        StatusCode::REQUEST_TIMEOUT => (Code::Timeout, "The request did not arrive in time; send it again."),
        StatusCode::CONFLICT => (Code::Conflict, ""),
        StatusCode::PAYLOAD_TOO_LARGE => (Code::TooLarge, "The request's body is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (Code::UnsupportedMedia, "Send the body in the type that is taken here."),
        StatusCode::UNPROCESSABLE_ENTITY => (Code::Refused, ""),
        StatusCode::TOO_MANY_REQUESTS => (Code::TooManyRequests, "Too many requests; Retry-After says when to try."),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            (Code::Unavailable, "This cannot be answered just now; try again.")
        }
        status if status.is_client_error() => (Code::Invalid, ""),
        _ => (Code::Internal, "This could not be answered. It is logged; nothing is lost."),
    }
}
