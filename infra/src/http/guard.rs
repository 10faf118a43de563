//! Without a session nothing is served but health, the sign-in page and its files.

use axum::extract::{Request, State};
use axum::http::header::ACCEPT;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use command_api::session::{Session, Sessions, require};
use query_api::live::SessionUntil;

use super::ui;

/// A socket ends so long before its session, so that a page that is still open renews it by connecting again.
const MARGIN: TimeDelta = TimeDelta::seconds(30);

/// Lets open paths through and asks all others for a session. A person who opens a page is shown where to sign in.
pub async fn pass(sessions: State<Sessions>, request: Request, next: Next) -> Response {
    let (path, method) = (request.uri().path(), request.method());
    if is_open(method, path) {
        return next.run(request).await;
    }
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let is_page = method == Method::GET && accepts.is_some_and(|kinds| kinds.contains("text/html"));
    let response = require(sessions, request, next).await;
    if is_page && response.status() == StatusCode::UNAUTHORIZED {
        return Redirect::to("/sign-in").into_response();
    }
    response
}

/// Tells sockets when they end: with the session that opened them, or with its last renewal before that. A page that
/// is still open connects again at once, and with a session that is still good its cookie is renewed by that.
pub async fn until(mut request: Request, next: Next) -> Response {
    if let Some(ends_at) = request.extensions().get::<Session>().map(|session| session.ends_at) {
        request.extensions_mut().insert(SessionUntil(ends_at - MARGIN));
    }
    next.run(request).await
}

fn is_open(method: &Method, path: &str) -> bool {
    match path {
        "/sign-in" => method == Method::GET || method == Method::HEAD,
        "/api/v1/session" => method == Method::POST,
        _ => ui::is_file(path),
    }
}
