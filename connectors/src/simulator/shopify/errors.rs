//! Shopify's refusals: REST by status, GraphQL in answers of status 200.

use axum::http::HeaderValue;
use axum::response::Response;
use serde_json::{Value, json};

use super::Bucket;
use crate::simulator::answer::json as answer;
use crate::simulator::faults::FaultKind;

pub fn unauthenticated() -> Response {
    answer(401, &json!({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}))
}

pub fn too_many() -> Response {
    let text = "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.";
    let mut response = answer(429, &json!({"errors": text}));
    response.headers_mut().insert("retry-after", HeaderValue::from_static("2.0"));
    response.headers_mut().insert("x-shopify-shop-api-call-limit", HeaderValue::from_static("40/40"));
    response
}

pub fn cost(requested: i64, actual: Option<i64>, available: i64) -> Value {
    json!({
        "cost": {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": f64::from(u16::try_from(Bucket::SIZE).unwrap_or(u16::MAX)),
                "currentlyAvailable": f64::from(u16::try_from(available.max(0)).unwrap_or(u16::MAX)),
                "restoreRate": f64::from(u16::try_from(Bucket::RESTORES).unwrap_or(u16::MAX)),
            },
        },
    })
}

pub fn throttled(requested: i64, available: i64) -> Response {
    let error = json!({"message": "Throttled", "extensions": {
        "code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits",
    }});
    answer(200, &json!({"errors": [error], "extensions": cost(requested, None, available)}))
}

/// As if the bucket were almost empty.
pub fn throttled_query() -> Response {
    throttled(112, 12)
}

pub fn query(message: &str, code: &str) -> Response {
    answer(200, &json!({"errors": [{"message": message, "extensions": {"code": code}}]}))
}

pub fn of_fault(kind: &FaultKind) -> Option<Response> {
    Some(match kind {
        FaultKind::RateLimited { .. } => too_many(),
        FaultKind::ServerError { status } => answer(*status, &json!({"errors": "Internal Server Error"})),
        FaultKind::ExpiredToken | FaultKind::RevokedToken => unauthenticated(),
        _ => return None,
    })
}
