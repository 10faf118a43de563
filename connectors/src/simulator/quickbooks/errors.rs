//! Intuit's faults; a token that has expired is told in another shape.

use axum::http::HeaderValue;
use axum::response::Response;
use serde_json::{Value, json};

use crate::simulator::answer::json as answer;
use crate::simulator::faults::FaultKind;

fn fault(status: u16, kind: &str, error: &Value) -> Response {
    answer(status, &json!({"Fault": {"Error": [error], "type": kind}, "time": "2026-02-01T00:00:00.000-08:00"}))
}

pub fn invalid_query(detail: &str) -> Response {
    let error =
        json!({"Message": "Invalid query", "Detail": format!("QueryValidationError: {detail}"), "code": "4001"});
    fault(400, "ValidationFault", &error)
}

pub fn not_found() -> Response {
    let error = json!({"Message": "Object Not Found", "Detail": "Object Not Found : Something you're trying to use has been made inactive.", "code": "610"});
    fault(400, "ValidationFault", &error)
}

pub fn forbidden() -> Response {
    let message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403";
    fault(403, "AuthorizationFault", &json!({"Message": message, "Detail": "", "code": "3100"}))
}

pub fn throttled() -> Response {
    let message = "message=ThrottleExceeded; errorCode=003001; statusCode=429";
    fault(429, "THROTTLE", &json!({"Message": message, "Detail": "The request limit was reached.", "code": "3001"}))
}

pub fn unauthenticated() -> Response {
    let mut response = answer(
        401,
        &json!({
            "warnings": null,
            "intuitObject": null,
            "fault": {
                "error": [{
                    "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                    "detail": "Token expired",
                    "code": "3200",
                    "element": null,
                }],
                "type": "AUTHENTICATION",
            },
            "report": null,
            "queryResponse": null,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": null,
            "requestId": null,
            "time": 1_601_391_072_830_i64,
            "status": null,
            "cdcresponse": [],
        }),
    );
    let value = HeaderValue::from_static("Bearer realm=\"Intuit\", error=\"invalid_token\"");
    response.headers_mut().insert("www-authenticate", value);
    response
}

pub fn of_fault(kind: &FaultKind) -> Option<Response> {
    Some(match kind {
        FaultKind::RateLimited { .. } => throttled(),
        FaultKind::ServerError { status } => fault(
            *status,
            "SystemFault",
            &json!({"Message": "An application error has occurred", "Detail": "", "code": "10000"}),
        ),
        FaultKind::ExpiredToken => unauthenticated(),
        FaultKind::RevokedToken => forbidden(),
        _ => return None,
    })
}
