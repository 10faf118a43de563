//! Without a session nothing is served but health, the pages that lead to one, and their files.

use axum::extract::{Request, State};
use axum::http::header::ACCEPT;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use command_api::identity::{Identity, Session, is_open, require};
use domain::access::{Origin, Principal};
use query_api::live::{SessionEnded, SessionUntil};

use super::ui;
use crate::compose::recording::Recording;

/// Pages for whoever is not signed in: each is the same file, which holds no data.
const OPEN_PAGES: &[&str] = &[
    "/sign-in",
    "/register",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/confirm-email",
    "/unlock",
    "/invitation",
    // A printed report is checked there by its code.
    "/report",
    // Where providers send the browser: its cookies come with what the page asks, not with a link from elsewhere.
    "/connect/callback",
];

/// Lets open paths through and asks all others for a session. A person who opens a page is shown where to sign in.
pub async fn pass(identity: State<Identity>, request: Request, next: Next) -> Response {
    let (path, method) = (request.uri().path(), request.method());
    let is_reading = method == Method::GET || method == Method::HEAD;
    let is_without_session = || OPEN_PAGES.contains(&path) || is_report_check(path) || ui::is_file(path);
    if is_open(method, path) || is_signed(method, path) || is_reading && is_without_session() {
        return next.run(request).await;
    }
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let is_page = method == Method::GET && accepts.is_some_and(|kinds| kinds.contains("text/html"));
    let back = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let response = require(identity, request, next).await;
    if is_page && response.status() == StatusCode::UNAUTHORIZED {
        return Redirect::to(&sign_in(&back)).into_response();
    }
    response
}

/// Webhooks are signed by who sends them.
fn is_signed(method: &Method, path: &str) -> bool {
    method == Method::POST && path.starts_with("/api/v1/webhooks/")
}

/// A printed report is checked by whoever holds it.
fn is_report_check(path: &str) -> bool {
    path.strip_prefix("/api/v1/reports/").is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
}

/// The access token may only have run out: the page renews it and goes on to where it was to go.
fn sign_in(back: &str) -> String {
    if back == "/" {
        return "/sign-in".to_owned();
    }
    let back = percent_encoding::utf8_percent_encode(back, percent_encoding::NON_ALPHANUMERIC);
    format!("/sign-in?back={back}")
}

/// Whatever they are refused, and shown of what is sealed, from here on is recorded.
pub async fn record(State(recording): State<Recording>, mut request: Request, next: Next) -> Response {
    if let Some(principal) = request.extensions_mut().remove::<Principal>() {
        let origin = request.extensions().get::<Origin>().cloned().unwrap_or_default();
        request.extensions_mut().insert(recording.of(principal, &origin));
    }
    next.run(request).await
}

/// A socket outlives its request: it ends with the session, and when the session may see less than it did.
pub async fn watch(State(identity): State<Identity>, mut request: Request, next: Next) -> Response {
    if request.headers().contains_key("upgrade")
        && let Some(session) = request.extensions().get::<Session>().cloned()
    {
        let watch = identity.watch(&session).await;
        request.extensions_mut().insert(SessionUntil(session.ends_at));
        request.extensions_mut().insert(SessionEnded(watch.into_inner()));
    }
    next.run(request).await
}
