//! The check that every request passes which is not open.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use domain::Code;
use domain::access::Origin;
use domain::security::TokenFault;

use super::cookies::{self, Kind};
use crate::identity::failure::Failure;
use crate::identity::principals::{self, Rejected};
use crate::identity::{Core, Identity};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Finds who asks, by cookie, bearer token or key, and puts [`domain::access::Principal`] and
/// [`crate::identity::Session`] into the extensions. A cookie alone does not change anything from another site's page.
pub async fn require(State(identity): State<Identity>, mut request: Request, next: Next) -> Response {
    let core = identity.core();
    let headers = request.headers();
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let by_cookie = bearer.is_none();
    let cookie = || cookies::read(&core.settings, headers, Kind::Session);
    let Some(token) = bearer.map(str::to_owned).or_else(cookie) else {
        return Failure::unauthenticated().into_response();
    };
    if by_cookie && token.starts_with(principals::KEY_PREFIX) {
        return Failure::unauthenticated().into_response();
    }
    let is_socket = headers.contains_key("upgrade");
    if by_cookie && (!request.method().is_safe() || is_socket) && !is_same_origin(headers) {
        return foreign().into_response();
    }
    let nowhere = Origin::default();
    let origin = request.extensions().get().unwrap_or(&nowhere);
    let stored = match principals::of_token(core, &token, origin).await {
        Ok(stored) => stored,
        Err(rejected) => return reject(core, rejected, by_cookie, origin).await,
    };
    let session = stored.session(Utc::now());
    request.extensions_mut().insert(session.principal.clone());
    request.extensions_mut().insert(domain::access::SessionId(session.id));
    request.extensions_mut().insert(session);
    next.run(request).await
}

/// Records what nobody shows by accident. A cookie outlives the token in it: a page finds that it has expired, and asks for
/// the next one.
async fn reject(core: &Core, rejected: Rejected, by_cookie: bool, origin: &Origin) -> Response {
    let is_usual = by_cookie && matches!(rejected, Rejected::Token(TokenFault::Expired));
    if let Some((event, meta)) = rejected.told().filter(|_| !is_usual) {
        core.note_with(event, meta, origin).await;
    }
    Failure::from(rejected).into_response()
}

/// Open routes set cookies: another site's page must not sign somebody in, or out.
pub async fn same_origin(request: Request, next: Next) -> Response {
    if !request.method().is_safe() && !is_same_origin(request.headers()) {
        return foreign().into_response();
    }
    next.run(request).await
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

fn foreign() -> Failure {
    Failure::new(Code::Forbidden, "This came from another site's page.")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

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
}
