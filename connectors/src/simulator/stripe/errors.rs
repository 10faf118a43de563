//! Stripe's refusals.

use axum::http::HeaderValue;
use axum::response::Response;
use serde_json::{Value, json};

use crate::simulator::answer::json as answer;
use crate::simulator::faults::FaultKind;

fn error(status: u16, members: &Value) -> Response {
    answer(status, &json!({"error": members}))
}

pub fn invalid(parameter: &str, message: &str) -> Response {
    error(400, &json!({"type": "invalid_request_error", "param": parameter, "message": message}))
}

pub fn missing(list: &str, id: &str) -> Response {
    let name = list.rsplit('/').next().unwrap_or_default().trim_end_matches('s');
    let message = format!("No such {name}: '{id}'");
    error(404, &json!({"type": "invalid_request_error", "code": "resource_missing", "param": "id", "message": message}))
}

pub fn unauthenticated(key: &str, expired: bool) -> Response {
    let shown: String = key.chars().take(8).collect();
    let message = match expired {
        true => format!("Expired API Key provided: {shown}****"),
        false => format!("Invalid API Key provided: {shown}****"),
    };
    let mut members = json!({"type": "invalid_request_error", "message": message});
    if expired {
        members["code"] = json!("api_key_expired");
    }
    error(401, &members)
}

pub fn rate_limited() -> Response {
    let mut response = error(
        429,
        &json!({"type": "invalid_request_error", "code": "rate_limit", "message": "Request rate limit exceeded."}),
    );
    response.headers_mut().insert("stripe-rate-limited-reason", HeaderValue::from_static("endpoint-rate"));
    response
}

pub fn of_fault(kind: &FaultKind) -> Option<Response> {
    Some(match kind {
        FaultKind::RateLimited { .. } => rate_limited(),
        FaultKind::ServerError { status } => {
            error(*status, &json!({"type": "api_error", "message": "Something went wrong on Stripe's end."}))
        }
        FaultKind::ExpiredToken => unauthenticated("rk_live_simulated", true),
        FaultKind::RevokedToken => unauthenticated("rk_live_simulated", false),
        _ => return None,
    })
}
