use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json};
use domain::access::{Origin, Principal};
use domain::{Code, Problem};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::config::Http;

/// Handlers as careless as they come.
fn routes() -> Router {
    async fn broken() -> String {
        panic!("secret of the handler")
    }
    let refused = || async { problem::response(Problem::new(Code::Conflict, "Said by the handler.")) };
    Router::new()
        .route("/api/v1/origin", get(|Extension(origin): Extension<Origin>| async move { format!("{origin:?}") }))
        .route("/api/v1/body", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/api/v1/json", post(|body: Json<Value>| async move { body }))
        .route("/api/v1/panic", get(broken))
        .route("/api/v1/refused", get(refused))
        .route("/api/v1/leaky", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "select * from secrets") }))
        .route("/health/ready", get(|| async { (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "missing": [] }))) }))
        .route("/large", get(|| async { "a".repeat(4_000) }))
}

fn app(change: impl FnOnce(&mut Http)) -> Router {
    let mut config = Http::default();
    change(&mut config);
    Gateway::new(&config, false).around(routes())
}

async fn send(app: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
}

fn from(path: &str, address: &str) -> Request<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    let peer = std::net::SocketAddr::new(address.parse().unwrap(), 4711);
    request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    request
}

#[tokio::test]
async fn every_error_is_a_problem_that_names_the_request_and_nothing_else() {
    let app = app(|_| ());
    let large = vec![b'x'; 3 << 20];
    let json = |body: &'static str| Request::post("/api/v1/json").header("content-type", "application/json").body(body);
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    for (request, status, code, says) in [
        (get("/nothing"), 404, "NOT_FOUND", "nothing at this address"),
        (get("/api/v1/json"), 405, "METHOD_NOT_ALLOWED", "Allow says which"),
        (json("{").unwrap().map(Body::from), 400, "INVALID", "JSON"),
        (Request::post("/api/v1/json").body(Body::from("x")).unwrap(), 415, "UNSUPPORTED_MEDIA", "type"),
        (Request::post("/api/v1/body").body(Body::from(large)).unwrap(), 413, "TOO_LARGE", "too large"),
        (get("/api/v1/panic"), 500, "INTERNAL", "It is logged"),
        (get("/api/v1/leaky"), 500, "INTERNAL", "It is logged"),
        (get("/api/v1/refused"), 409, "CONFLICT", "Said by the handler."),
    ] {
        let path = request.uri().to_string();
        let (actual, headers, body) = send(&app, request).await;
        assert_eq!(actual, status, "{path}: {body}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{path}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{path}: {body}");
        assert_eq!(problem["request"], headers[REQUEST_ID].to_str().unwrap(), "{path}");
        assert!(!body.contains("secret"), "{path}: {body}");
    }
    let (_, headers, _) = send(&app, get("/api/v1/json")).await;
    assert_eq!(headers[header::ALLOW], "POST");
    let (status, _, body) = send(&app, get("/health/ready")).await;
    assert_eq!((status, body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "{\"missing\":[]}"), "a report stays one");
}

#[tokio::test]
async fn a_handler_knows_where_its_request_came_from() {
    let app = app(|http| http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    let mut request = from("/api/v1/origin", "127.0.0.1");
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-proto", "https"),
        ("x-request-id", "a-request-1"),
        ("traceparent", trace),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let (_, headers, body) = send(&app, request).await;
    for part in ["a-request-1", "203.0.113.9", trace] {
        assert!(body.contains(part), "{body}");
    }
    assert_eq!(headers["x-request-id"], "a-request-1");
    assert!(headers[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap().starts_with("max-age=63072000"));
    let (_, plain, _) = send(&app, from("/api/v1/origin", "127.0.0.1")).await;
    assert!(plain.get(header::STRICT_TRANSPORT_SECURITY).is_none(), "never over plain HTTP");
    let policy = plain[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(plain[header::CACHE_CONTROL], "no-store", "where the handler says nothing");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(plain[name], value, "{name}");
    }
}

#[tokio::test]
async fn other_sites_read_nothing_unless_they_are_on_the_list() {
    let asked =
        |origin: &str| Request::get("/api/v1/origin").header(header::ORIGIN, origin).body(Body::empty()).unwrap();
    let preflight = |origin: &str| {
        let request = Request::options("/api/v1/body").header(header::ORIGIN, origin);
        request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST").body(Body::empty()).unwrap()
    };
    let allowed = |headers: &HeaderMap| headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
    let closed = app(|_| ());
    let open = app(|http| http.allowed_origins = vec!["https://books.example".to_owned()]);
    for (app, origin, expected) in [
        (&closed, "https://books.example", None),
        (&open, "https://books.example", Some("https://books.example")),
        (&open, "https://evil.example", None),
        (&open, "null", None),
    ] {
        let (_, headers, _) = send(app, asked(origin)).await;
        assert_eq!(allowed(&headers), expected.map(|origin| origin.parse().unwrap()), "{origin}");
        assert!(headers.get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
        let (_, headers, _) = send(app, preflight(origin)).await;
        assert_eq!(allowed(&headers), expected.map(|origin| origin.parse().unwrap()), "{origin}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let app = app(|http| http.limits = Limits { address: 3, ..Limits::default() });
    for left in [2, 1, 0] {
        let (status, headers, _) = send(&app, from("/api/v1/origin", "192.0.2.1")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["ratelimit-policy"], "\"address\";q=3;w=60");
        assert!(headers["ratelimit"].to_str().unwrap().starts_with(&format!("\"address\";r={left};t=")));
    }
    let (status, headers, body) = send(&app, from("/api/v1/origin", "192.0.2.1")).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=120).contains(&seconds) && body.contains(&format!("try again in {seconds} seconds")), "{body}");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["code"], "TOO_MANY_REQUESTS");
    let (status, _, _) = send(&app, from("/health/ready", "192.0.2.1")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "who watches is not counted");
    let (status, _, _) = send(&app, from("/api/v1/origin", "192.0.2.2")).await;
    assert_eq!(status, StatusCode::OK, "another address");
}

#[tokio::test]
async fn users_and_keys_are_counted_wherever_they_come_from() {
    let limiter = Limiter::new(Limits { user: 2, changes: 1, ..Limits::default() });
    let counted = Router::new()
        .route("/api/v1/origin", get(|| async { "ok" }).post(|| async { "ok" }))
        .layer(from_fn_with_state(limiter, limit_subject));
    let ask = async |method: &str| {
        let mut request = Request::builder().method(method).uri("/api/v1/origin").body(Body::empty()).unwrap();
        request.extensions_mut().insert(Principal::local_owner());
        let response: Response = counted.clone().oneshot(request).await.into_response();
        (response.status().as_u16(), response.headers().get_all("ratelimit").iter().count())
    };
    assert_eq!(ask("POST").await, (200, 2), "as a user, and for the change");
    assert_eq!(ask("POST").await, (429, 2), "one change a minute");
    assert_eq!(ask("GET").await, (429, 1), "what was refused for one rule counts under the other");
}

/// As many at once as would be too many one after the other.
#[tokio::test]
async fn changes_within_a_request_are_counted_by_who_reads_it() {
    let limiter = Limiter::new(Limits { changes: 5, ..Limits::default() });
    let change = |Path(count): Path<usize>, Extension(limit): Extension<CountChanges>| async move {
        (limit.0)(count).unwrap_or_else(|| "changed".into_response())
    };
    let counted =
        Router::new().route("/changes/{count}", get(change)).layer(from_fn_with_state(limiter, limit_subject));
    let ask = async |count: usize| {
        let mut request = Request::get(format!("/changes/{count}")).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Principal::local_owner());
        let response: Response = counted.clone().oneshot(request).await.into_response();
        let told =
            response.headers().get_all("ratelimit").iter().any(|told| told.to_str().unwrap().contains("changes"));
        (response.status().as_u16(), told)
    };
    assert_eq!(ask(0).await, (200, false));
    assert_eq!((ask(4).await, ask(2).await), ((200, true), (429, true)));
}

#[tokio::test]
async fn what_is_large_is_packed_where_the_client_takes_it() {
    let app = app(|_| ());
    let mut request = from("/large", "192.0.2.1");
    request.headers_mut().insert(header::ACCEPT_ENCODING, "gzip".parse().unwrap());
    let (_, headers, _) = send(&app, request).await;
    assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
    let (_, headers, body) = send(&app, from("/large", "192.0.2.1")).await;
    assert!(headers.get(header::CONTENT_ENCODING).is_none() && body.len() == 4_000);
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_given_up() {
    let silent = futures::stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"x")) });
    let silent = futures::StreamExt::chain(silent, futures::stream::pending());
    let request = Request::post("/api/v1/body").body(Body::from_stream(silent)).unwrap();
    let (request, fault) = body::guarded(request, 100, Duration::from_millis(20)).unwrap();
    let broken = to_bytes(request.into_body(), 100).await.unwrap_err();
    assert!(broken.to_string().contains("stopped arriving"), "{broken}");
    assert_eq!(fault.get(), Some(Fault::Stalled));
}
