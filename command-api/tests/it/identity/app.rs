//! The routes as the program composes them, and browsers that keep cookies.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use command_api::identity::{
    Identity, KeySealer, Parts, PlaceFile, Security, Settings, Smtp, Transport, is_open, require, router,
};
use domain::access::{Origin, Principal};
use serde_json::{Value, json};
use streams::security::SecurityLog;
use streams::testing::Database;
use tower::ServiceExt;

use super::sink::{Received, Sink};

pub const HOST: &str = "127.0.0.1:8080";
pub const OWN: &str = "http://127.0.0.1:8080";
pub const PASSWORD: &str = "correct horse battery";

pub struct App {
    pub database: Arc<Database>,
    pub identity: Identity,
    pub sink: Sink,
    router: Router,
}

async fn who(Extension(principal): Extension<Principal>) -> String {
    format!("{} {:?}", principal.subject, principal.assurance)
}

async fn guard(identity: State<Identity>, request: Request, next: Next) -> Response {
    if is_open(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    require(identity, request, next).await
}

impl App {
    pub async fn start() -> Self {
        Self::start_at(OWN).await
    }

    pub async fn start_at(base_url: &str) -> Self {
        Self::on(Arc::new(Database::create().await), Sink::listen().await, base_url)
    }

    /// One that knows where addresses are.
    pub async fn start_with(places: PlaceFile) -> Self {
        let (database, sink) = (Database::create().await, Sink::listen().await);
        let identity = Identity::try_new(Parts { places: Some(places), ..parts(&database, &sink, OWN) }).unwrap();
        Self::of(identity, Arc::new(database), sink)
    }

    /// Another process of the same installation.
    pub fn another_process(&self) -> Self {
        Self::on(Arc::clone(&self.database), self.sink.clone(), OWN)
    }

    fn on(database: Arc<Database>, sink: Sink, base_url: &str) -> Self {
        Self::of(identity(&database, &sink, base_url), database, sink)
    }

    fn of(identity: Identity, database: Arc<Database>, sink: Sink) -> Self {
        let inside = Router::new().route("/who", get(who).post(who)).merge(router(identity.clone()));
        let router = inside.layer(from_fn_with_state(identity.clone(), guard));
        Self { database, identity, sink, router }
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser { app: self, cookies: BTreeMap::new(), address: [127, 0, 0, 1].into(), headers: Vec::new() }
    }

    /// What was sent until now.
    pub async fn mail(&self) -> Vec<Received> {
        // What follows an answer may still be at work.
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.identity.deliver_mail().await.unwrap();
        self.sink.take()
    }

    /// The token of the link in the only such letter that was sent. It may still be written.
    pub async fn link(&self, page: &str) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        let mut mail = Vec::new();
        loop {
            mail.extend(self.mail().await);
            let tokens: Vec<_> = mail.iter().filter_map(|mail| token(mail, page)).collect();
            if !tokens.is_empty() || Instant::now() > until {
                assert_eq!(tokens.len(), 1, "{mail:?}");
                return tokens[0].clone();
            }
        }
    }

    /// Somebody who has registered and confirmed the address.
    pub async fn user(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let body = json!({ "email": email, "password": PASSWORD, "name": "Ada" });
        assert_eq!(browser.post("register", body).await.status, 202);
        let token = self.link("verify-email").await;
        assert_eq!(browser.post("verify-email", json!({ "token": token })).await.status, 204);
        browser
    }

    /// Somebody who is signed in.
    pub async fn signed_in(&self, email: &str) -> Browser<'_> {
        let mut browser = self.user(email).await;
        assert_eq!(browser.sign_in(email, PASSWORD).await.status, 200);
        browser
    }

    /// The security events, the oldest first, without their common beginning.
    pub async fn journal(&self) -> Vec<String> {
        let query = "select substr(event_type, 10) from store.events where aggregate_type = 'security' order by id";
        sqlx::query_scalar(query).fetch_all(&self.database.pool()).await.unwrap()
    }

    /// What the security events of one kind say, the oldest first.
    pub async fn told(&self, kind: &str) -> Vec<Value> {
        let query = "select payload from store.events where event_type = 'security.' || $1 order by id";
        sqlx::query_scalar(query).bind(kind).fetch_all(&self.database.pool()).await.unwrap()
    }

    /// Until [`App::take_events`] none of this kind can be recorded.
    pub async fn refuse_events(&self, kind: &str) {
        self.execute(
            "create or replace function store.refuse_event() returns trigger language plpgsql as $$
             begin raise exception 'the journal is broken'; end $$",
        )
        .await;
        self.execute(&format!(
            "create trigger refuse_event before insert on store.events for each row
             when (new.event_type = 'security.{kind}') execute function store.refuse_event()"
        ))
        .await;
    }

    pub async fn take_events(&self) {
        self.execute("drop trigger refuse_event on store.events").await;
    }

    pub async fn execute(&self, statement: &str) {
        sqlx::query(statement).execute(&self.database.pool()).await.unwrap();
    }
}

pub fn identity(database: &Database, sink: &Sink, base_url: &str) -> Identity {
    Identity::try_new(parts(database, sink, base_url)).unwrap()
}

fn parts(database: &Database, sink: &Sink, base_url: &str) -> Parts {
    let smtp = Smtp { host: "127.0.0.1".into(), port: sink.port, security: Security::Plain, user: None };
    Parts {
        pool: database.pool(),
        settings: Settings { base_url: base_url.to_owned(), own_words: Vec::new() },
        sealer: Arc::new(KeySealer::from_key(&[7; 32])),
        keys: streams::testing::keys(&database.pool()),
        journal: Arc::new(SecurityLog::new(database.pool(), streams::testing::keys(&database.pool()))),
        transport: Transport::smtp("Workdock <workdock@localhost>", &smtp).unwrap(),
        places: None,
    }
}

pub fn token(mail: &Received, page: &str) -> Option<String> {
    let start = mail.text.split_once(&format!("/{page}?token="))?.1;
    Some(start.split_whitespace().next()?.to_owned())
}

/// Keeps cookies as a browser does, by name and path.
#[derive(Clone)]
pub struct Browser<'a> {
    app: &'a App,
    pub cookies: BTreeMap<String, (String, String)>,
    pub address: IpAddr,
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// What an onlooker can compare.
    pub fn visible(&self) -> (u16, String, Vec<String>) {
        let mut names: Vec<String> = self.headers.keys().map(ToString::to_string).collect();
        names.sort();
        (self.status, self.text.clone(), names)
    }
}

impl Browser<'_> {
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("sign-in", json!({ "email": email, "password": password })).await
    }

    /// To a route of identity.
    pub async fn post(&mut self, route: &str, body: Value) -> Answer {
        self.send(Method::POST, &format!("/api/v1/identity/{route}"), Some(body)).await
    }

    pub async fn get(&mut self, route: &str) -> Answer {
        self.send(Method::GET, &format!("/api/v1/identity/{route}"), None).await
    }

    pub async fn delete(&mut self, route: &str) -> Answer {
        self.send(Method::DELETE, &format!("/api/v1/identity/{route}"), None).await
    }

    /// Who the guard says it is, with its assurance.
    pub async fn who(&mut self) -> String {
        let answer = self.send(Method::GET, "/who", None).await;
        if answer.status == 200 { answer.text } else { answer.status.to_string() }
    }

    pub async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        let fits = |(_, (at, _)): &(&String, &(String, String))| path.starts_with(at.as_str());
        let cookies: Vec<_> =
            self.cookies.iter().filter(fits).map(|(name, (_, value))| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if self.headers.iter().all(|(name, _)| *name != "origin") {
            request = request.header("origin", OWN);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        // As the gateway puts it there.
        let agent = self.headers.iter().find(|(name, _)| *name == "user-agent").map_or("Test", |(_, agent)| agent);
        let agent = Some(agent.to_owned());
        let request = request.extension(Origin { address: Some(self.address), agent, ..Origin::default() });
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let response = self.app.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        self.keep(&headers);
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            let path = rest.split("Path=").nth(1).unwrap().split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), (path.to_owned(), value.to_owned()));
            }
        }
    }

    pub fn cookie(&self, name: &str) -> String {
        self.cookies[name].1.clone()
    }
}
