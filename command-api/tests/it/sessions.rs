use axum::body::Body;
use axum::http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::{Method, Request, Response};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Extension, Router};
use command_api::session::{SessionKey, Sessions, issue_link, require, router};
use domain::access::Principal;
use streams::testing::Database;
use tower::ServiceExt;

const HOST_NAME: &str = "127.0.0.1:8080";
const OWN: &str = "http://127.0.0.1:8080";

struct App {
    database: Database,
    router: Router,
}

async fn who(Extension(principal): Extension<Principal>) -> String {
    principal.subject.to_string()
}

impl App {
    async fn start() -> Self {
        let database = Database::create().await;
        let sessions = Sessions::new(database.pool(), SessionKey::from_bytes([7; 32]));
        let sign_in = router(sessions.clone());
        let inside = Router::new()
            .route("/who", get(who).post(who))
            .merge(router(sessions.clone()))
            .layer(from_fn_with_state(sessions, require));
        // As the program composes them: only the exchange is open.
        let router = Router::new().nest("/open", sign_in).merge(inside);
        Self { database, router }
    }

    async fn link(&self) -> String {
        let link = issue_link(&self.database.pool(), OWN).await.unwrap();
        link.split_once("token=").unwrap().1.to_owned()
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, HOST_NAME);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", "application/json").body(Body::from(body)).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn exchange(&self, token: &str) -> Response<Body> {
        let body = serde_json::json!({"token": token}).to_string();
        self.send(Method::POST, "/open/api/v1/session", &[(ORIGIN.as_str(), OWN)], body).await
    }

    /// A cookie of a session that has just begun.
    async fn sign_in(&self) -> String {
        let answer = self.exchange(&self.link().await).await;
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        cookie.split_once(';').unwrap().0.to_owned()
    }

    async fn status(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> u16 {
        self.send(method, path, headers, String::new()).await.status().as_u16()
    }
}

async fn text(answer: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_link_signs_in_once_with_a_cookie_that_scripts_cannot_read() {
    let app = App::start().await;
    let token = app.link().await;
    let answer = app.exchange(&token).await;
    assert_eq!(answer.status(), 204);
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    for flag in ["workdock_session=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert_eq!(app.exchange(&token).await.status(), 401);
}

#[tokio::test]
async fn wrong_used_and_expired_links_are_refused_alike() {
    let app = App::start().await;
    let used = app.link().await;
    assert_eq!(app.exchange(&used).await.status(), 204);
    let expired = app.link().await;
    let past = "update access.sign_in_link set expires_at = now() - interval '1 second' where used_at is null";
    sqlx::query(past).execute(&app.database.pool()).await.unwrap();
    let mut answers = Vec::new();
    for token in [used.as_str(), expired.as_str(), "wrong", ""] {
        let answer = app.exchange(token).await;
        answers.push((answer.status(), answer.headers()["content-type"].clone(), text(answer).await));
    }
    assert_eq!(answers[0].0, 401);
    assert_eq!(answers[0].1, "application/problem+json");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn only_the_hash_of_a_link_is_kept() {
    let app = App::start().await;
    let token = app.link().await;
    let kept: Vec<u8> =
        sqlx::query_scalar("select hash from access.sign_in_link").fetch_one(&app.database.pool()).await.unwrap();
    assert_eq!(kept.len(), 32);
    assert_ne!(kept, token.as_bytes());
}

#[tokio::test]
async fn without_a_valid_session_nothing_is_served() {
    let app = App::start().await;
    let cookie = app.sign_in().await;
    assert_eq!(text(app.send(Method::GET, "/who", &[(COOKIE.as_str(), &cookie)], String::new()).await).await, "owner");
    let bearer = format!("Bearer {}", cookie.split_once('=').unwrap().1);
    assert_eq!(app.status(Method::POST, "/who", &[("authorization", &bearer)]).await, 200);

    let (head, signature) = cookie.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let tampered = format!("{head}.{turned}");
    let none = format!("workdock_session=eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", head.rsplit_once('.').unwrap().1);
    for cookie in [tampered.as_str(), none.as_str(), "workdock_session=", "other=1"] {
        assert_eq!(app.status(Method::GET, "/who", &[(COOKIE.as_str(), cookie)]).await, 401, "{cookie}");
    }
    assert_eq!(app.status(Method::GET, "/who", &[]).await, 401);
}

#[tokio::test]
async fn a_token_of_another_key_is_refused() {
    let (app, other) = (App::start().await, App::start().await);
    let other = Sessions::new(other.database.pool(), SessionKey::from_bytes([8; 32]));
    let cookie = app.sign_in().await;
    assert!(other.verify(cookie.split_once('=').unwrap().1).await.is_err());
}

#[tokio::test]
async fn signing_out_ends_the_session_for_whoever_copied_it() {
    let app = App::start().await;
    let cookie = app.sign_in().await;
    let session = [(COOKIE.as_str(), cookie.as_str()), (ORIGIN.as_str(), OWN)];
    let answer = app.send(Method::DELETE, "/api/v1/session", &session, String::new()).await;
    assert_eq!(answer.status(), 204);
    assert!(answer.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(app.status(Method::GET, "/who", &session).await, 401);
}

#[tokio::test]
async fn another_sites_page_changes_nothing_with_the_cookie() {
    let app = App::start().await;
    let cookie = app.sign_in().await;
    let with = |name: &'static str, value: &'static str| [(COOKIE.as_str(), cookie.clone()), (name, value.to_owned())];
    for (name, value, status) in [
        ("origin", "http://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", OWN, 200),
    ] {
        let headers = with(name, value);
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(app.status(Method::POST, "/who", &headers).await, status, "{name}: {value}");
    }
}
