use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use command_api::rest;
use domain::access::{Origin, Principal};
use serde_json::{Value, json};
use streams::files::Files;
use streams::testing::keys;
use tower::ServiceExt;

use crate::store::{App, FixedBooks};

struct Edge {
    app: App,
    router: Router,
}

impl Edge {
    async fn start() -> Self {
        let app = App::start().await;
        let files = rest::files(app.commands.clone(), Files::new(app.pool(), keys(&app.pool()), 1 << 20));
        Self { router: rest::router(app.commands.clone(), Arc::new(FixedBooks)).merge(files), app }
    }

    async fn send(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        request.extensions_mut().insert(Principal::local_owner());
        request.extensions_mut().insert(Origin { request: "the-request".into(), ..Origin::default() });
        self.answer(request).await
    }

    async fn answer(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(kind, if status.is_success() { "application/json" } else { "application/problem+json" });
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }
}

fn harbour(name: &str) -> String {
    json!({ "name": name, "base_currency": "GBP", "time_zone": "Europe/London" }).to_string()
}

#[tokio::test]
async fn a_business_is_registered_once_for_each_key() {
    let edge = Edge::start().await;
    let post = async |key, name: &str| edge.send("POST", "/api/v1/businesses", key, &harbour(name)).await;
    let (status, first) = post(Some("a"), "Harbour").await;
    assert_eq!((status, &first["position"]), (StatusCode::CREATED, &json!(1)), "{first}");
    let again = post(Some("\"a\""), "Harbour").await;
    assert_eq!(again, (StatusCode::CREATED, first.clone()), "the same request again");
    let (status, other) = post(Some("a"), "Quay").await;
    assert_eq!((status, &other["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("REFUSED")), "{other}");
    let (_, second) = post(Some("b"), "Harbour").await;
    let (_, third) = post(None, "Harbour").await;
    assert!(first["id"] != second["id"] && second["id"] != third["id"]);
    assert_eq!(edge.app.events().await, 3);
    assert_eq!(post(Some(""), "Harbour").await.0, StatusCode::BAD_REQUEST);

    // Many at once are one.
    let all = futures_of(12, || post(Some("race"), "Harbour")).await;
    assert!(all.iter().all(|answer| *answer == all[0]), "{all:?}");
    assert_eq!(edge.app.events().await, 4);
}

async fn futures_of<F: Future>(count: usize, mut make: impl FnMut() -> F) -> Vec<F::Output> {
    futures::future::join_all((0..count).map(|_| make())).await
}

#[tokio::test]
async fn what_a_body_names_is_changed_and_nothing_where_it_is_so() {
    let edge = Edge::start().await;
    let (_, made) = edge.send("POST", "/api/v1/businesses", None, &harbour("Harbour")).await;
    let path = format!("/api/v1/businesses/{}", made["id"].as_str().unwrap());
    let changes = json!({ "name": "Quay", "time_zone": "Europe/Paris", "fiscal_year_first_month": 4 }).to_string();
    let (status, changed) = edge.send("PATCH", &path, None, &changes).await;
    assert_eq!((status, &changed["position"]), (StatusCode::OK, &json!(4)), "{changed}");
    let (_, again) = edge.send("PATCH", &path, None, &changes).await;
    assert_eq!(again["position"], 0);
    let correlations: Vec<String> = sqlx::query_scalar("select distinct metadata ->> 'correlation' from store.events")
        .fetch_all(&edge.app.pool())
        .await
        .unwrap();
    assert_eq!(correlations, ["the-request"], "the request is named with each event");
}

#[tokio::test]
async fn refusals_are_problems_and_change_nothing() {
    let edge = Edge::start().await;
    let (_, made) = edge.send("POST", "/api/v1/businesses", None, &harbour("Harbour")).await;
    let own = format!("/api/v1/businesses/{}", made["id"].as_str().unwrap());
    let nobody = "/api/v1/businesses/018f0000-0000-7000-8000-0000000000ff";
    let account = format!("{own}/accounts/018f0000-0000-7000-8000-0000000000ff");
    for (method, path, body, status, says) in [
        ("POST", "/api/v1/businesses", "{".to_owned(), 400, "does not fit"),
        ("POST", "/api/v1/businesses", json!({ "name": "x" }).to_string(), 400, "missing field"),
        ("POST", "/api/v1/businesses", harbour("  "), 422, "1 to 120 characters"),
        ("POST", "/api/v1/businesses", harbour("x").replace("GBP", "XXQ"), 400, "XXQ"),
        ("POST", "/api/v1/businesses", harbour(&"x".repeat(70_000)), 413, "too large"),
        ("PATCH", &own, json!({ "fiscal_year_first_month": 13 }).to_string(), 400, "month"),
        ("PATCH", &own, json!({ "base_currency": "EUR" }).to_string(), 400, "unknown field"),
        ("PATCH", &own, json!({ "name": "", "time_zone": "Europe/Paris" }).to_string(), 422, "1 to 120"),
        ("PATCH", nobody, json!({ "name": "x" }).to_string(), 404, "no such business"),
        ("PATCH", "/api/v1/businesses/x", json!({ "name": "x" }).to_string(), 404, "nothing at this address"),
        ("PATCH", &account, json!({ "closed": true }).to_string(), 404, ""),
        ("PATCH", &account, json!({ "closed": false }).to_string(), 422, "not opened again"),
    ] {
        let (actual, problem) = edge.send(method, path, None, &body).await;
        assert_eq!(actual.as_u16(), status, "{method} {path} {body}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{says}: {problem}");
    }
    assert_eq!(edge.app.events().await, 1);
}

/// A key that was pasted into a wrong field stands in no answer, and so in no log of whoever asked.
#[tokio::test]
async fn no_refusal_repeats_what_was_sent() {
    let edge = Edge::start().await;
    let (_, made) = edge.send("POST", "/api/v1/businesses", None, &harbour("Harbour")).await;
    let own = format!("/api/v1/businesses/{}", made["id"].as_str().unwrap());
    let secret = "sk_live_hush";
    for body in [
        json!({ "fiscal_year_first_month": secret }),
        json!({ "name": [secret] }),
        json!({ secret: 1 }),
        json!({ "name": "x", secret: "x" }),
        json!(secret),
    ] {
        for (method, path) in [("PATCH", own.as_str()), ("POST", "/api/v1/businesses")] {
            let (status, problem) = edge.send(method, path, None, &body.to_string()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
            assert!(!problem.to_string().contains(secret), "{problem}");
        }
    }
    let (_, problem) = edge.send("PATCH", &own, None, &format!("{{\"name\": {secret}")).await;
    assert!(!problem.to_string().contains(secret), "{problem}");
}

#[tokio::test]
async fn without_a_session_every_route_is_refused() {
    let edge = Edge::start().await;
    let described = rest::openapi();
    let routes = || rest::ROUTES.iter().chain(rest::FILE_ROUTES);
    let paths: std::collections::BTreeSet<_> = routes().map(|(_, path)| *path).collect();
    assert_eq!(described.paths.paths.len(), paths.len());
    for (method, route) in routes() {
        assert!(described.paths.paths.contains_key(*route), "{route}");
        let id = "018f0000-0000-7000-8000-0000000000ff";
        let path = route.replace("{business_id}", id).replace("{account_id}", id).replace("{rule_id}", id);
        let path = path.replace("{month}", "2026-03").replace("{transaction_id}", id).replace("{attachment_id}", id);
        let path = path.replace("{series_id}", id);
        let request = Request::builder().method(*method).uri(path).body(Body::empty()).unwrap();
        assert_eq!(edge.answer(request).await.0, StatusCode::UNAUTHORIZED, "{method} {route}");
    }
}

#[tokio::test]
async fn a_month_is_closed_once_and_opened_again_for_a_reason() {
    let edge = Edge::start().await;
    let (_, registered) = edge.send("POST", "/api/v1/businesses", None, &harbour("Harbour")).await;
    let months = format!("/api/v1/businesses/{}/months", registered["id"].as_str().unwrap());
    let order = async |what: &str, body: &str| edge.send("POST", &format!("{months}/{what}"), None, body).await;
    let (status, closed) = order("2026-03/close", "{}").await;
    assert_eq!((status, &closed["position"]), (StatusCode::OK, &json!(2)), "{closed}");
    assert_eq!(order("2026-03/close", "{\"seen\": 1}").await.0, StatusCode::CONFLICT);
    assert_eq!(order("2026-04/close", "{}").await.0, StatusCode::UNPROCESSABLE_ENTITY, "not over");
    assert_eq!(order("2026-4/close", "{}").await.0, StatusCode::NOT_FOUND);
    assert_eq!(order("2026-03/reopen", "{\"reason\": \" \"}").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(order("2026-03/reopen", "{}").await.0, StatusCode::BAD_REQUEST);
    let (status, opened) = order("2026-03/reopen", "{\"reason\": \"A late invoice\"}").await;
    assert_eq!(status, StatusCode::OK, "{opened}");
    assert_eq!(order("2026-03/reopen", "{\"reason\": \"A late invoice\"}").await.0, StatusCode::UNPROCESSABLE_ENTITY);
}
