//! Sessions at the HTTP edge: the cookie, the check that everything passes, sign-in and sign-out.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use domain::{Code, Problem};
use serde::Deserialize;

use super::{Session, Sessions};

const NAME: &str = "workdock_session";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `POST /api/v1/session {token}` signs in (204 and the cookie), `DELETE` signs out (204).
pub fn router(sessions: Sessions) -> Router {
    Router::new().route("/api/v1/session", post(sign_in).delete(sign_out)).with_state(sessions)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    token: String,
}

async fn sign_in(State(sessions): State<Sessions>, headers: HeaderMap, body: Json<SignIn>) -> Response {
    if !is_same_origin(&headers) {
        return refuse(foreign());
    }
    match sessions.exchange(&body.token).await {
        Ok(token) => (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(&token))]).into_response(),
        Err(problem) => refuse(problem),
    }
}

async fn sign_out(State(sessions): State<Sessions>, session: Option<Extension<Session>>) -> Response {
    let Some(Extension(session)) = session else {
        return refuse(Problem::new(Code::Unauthenticated, "You are not signed in."));
    };
    match sessions.end(&session).await {
        Ok(()) => (StatusCode::NO_CONTENT, [(SET_COOKIE, gone())]).into_response(),
        Err(problem) => refuse(problem),
    }
}

/// The check of every request that is not open: a session, from the cookie or as a bearer token. Puts
/// [`domain::access::Principal`] and [`Session`] into the extensions. A cookie alone does not change anything from
/// another site's page.
pub async fn require(State(sessions): State<Sessions>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let by_cookie = bearer.is_none();
    let Some(token) = bearer.map(str::to_owned).or_else(|| from_cookie(headers)) else {
        return refuse(Problem::new(Code::Unauthenticated, "Sign in first: `workdock sign-in` prints a link."));
    };
    let is_socket = headers.contains_key("upgrade");
    if by_cookie && (!request.method().is_safe() || is_socket) && !is_same_origin(headers) {
        return refuse(foreign());
    }
    let session = match sessions.verify(&token).await {
        Ok(session) => session,
        Err(problem) => return refuse(problem),
    };
    let signs_out = request.method() == Method::DELETE;
    let renewed = if by_cookie && !signs_out { sessions.renewed(&session) } else { None };
    request.extensions_mut().insert(session.principal.clone());
    request.extensions_mut().insert(session);
    let mut response = next.run(request).await;
    if let Some(token) = renewed {
        response.headers_mut().append(SET_COOKIE, cookie(&token));
    }
    response
}

fn from_cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, token)| token.to_owned())
}

fn cookie(token: &str) -> HeaderValue {
    let text = format!("{NAME}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200");
    HeaderValue::from_str(&text).unwrap_or_else(|_| gone())
}

fn gone() -> HeaderValue {
    HeaderValue::from_static("workdock_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// What a browser says about whose page asks; a program that says nothing holds the token itself.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(&FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    match (text(&ORIGIN), text(&HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

fn foreign() -> Problem {
    Problem::new(Code::Forbidden, "This came from another site's page.")
}

fn refuse(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_our_own_page_changes_anything_by_cookie() {
        let host = ("host", "127.0.0.1:8080");
        assert!(is_same_origin(&headers(&[host, ("origin", "http://127.0.0.1:8080")])));
        assert!(is_same_origin(&headers(&[host])));
        assert!(!is_same_origin(&headers(&[host, ("origin", "http://127.0.0.1:9090")])));
        assert!(!is_same_origin(&headers(&[host, ("origin", "null")])));
        assert!(!is_same_origin(&headers(&[host, ("sec-fetch-site", "cross-site")])));
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        assert_eq!(from_cookie(&headers(&[("cookie", "a=1; workdock_session=x.y.z")])).as_deref(), Some("x.y.z"));
        assert_eq!(from_cookie(&headers(&[("cookie", "workdock_session2=x")])), None);
    }
}
