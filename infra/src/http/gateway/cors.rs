//! Other sites' pages: none may read our answers, unless their origin is on the list.
//!
//! Cookies are never taken from them (they are SameSite=Strict besides): a page on the list brings a bearer token.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::REQUEST_ID;

const REMEMBERED: Duration = Duration::from_secs(600);

/// `None` where the list is empty: then no answer says anything about other origins.
pub fn layer(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    if origins.is_empty() {
        return None;
    }
    let own = |name: &'static str| HeaderName::from_static(name);
    Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_NONE_MATCH,
                own("idempotency-key"),
                REQUEST_ID,
                own("traceparent"),
            ])
            .expose_headers([
                header::ETAG,
                header::LINK,
                header::RETRY_AFTER,
                own("ratelimit"),
                own("ratelimit-policy"),
                REQUEST_ID,
            ])
            .max_age(REMEMBERED),
    )
}
