//! The worker over real HTTP: history, faults, two at once, and what a connection is to its user.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use connectors::connections::{Asker, Connections, Data, Returned, Wish};
use connectors::provider::{Connector, Registry, SealedVault, Secret};
use connectors::worker::{self, Budgets};
use domain::access::{Origin, Principal, SessionId};
use domain::{AccountId, BusinessId, Code, SourceId};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;
use uuid::Uuid;

use super::world::{Connected, QUICK, plaid, quickbooks, shopify, stripe};
use crate::simulator::Simulated;

/// How long something is awaited that comes in a second where nothing else runs.
pub const PATIENCE: Duration = Duration::from_secs(150);

pub struct Office {
    pub connected: Connected,
    pub connections: Connections,
    pub who: Asker,
}

impl Office {
    pub async fn new(simulated: &Simulated) -> Self {
        Self::with(registry(simulated), None).await
    }

    /// One that messages reach, and where.
    pub async fn hearing(registry: Registry) -> (Self, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let office = Self::with(registry, Some(base.clone())).await;
        let router = connectors::http::connections_router(office.connections.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (office, base)
    }

    pub async fn with(registry: Registry, webhooks: Option<String>) -> Self {
        let connected = Connected::new().await;
        let (commands, pool) = (connected.world.commands.clone(), connected.world.pool.clone());
        let connections = Connections {
            vault: Arc::new(SealedVault::new(pool.clone(), streams::testing::keys(&pool))),
            commands,
            pool,
            registry,
            page: "http://127.0.0.1:9".to_owned(),
            webhooks,
            patience: QUICK,
        };
        let who = asker();
        Self { connected, connections, who }
    }

    pub fn business(&self) -> BusinessId {
        self.connected.world.business
    }

    /// Through the provider's own pages, as a browser.
    pub async fn connect(&self, simulated: &Simulated, provider: &str) -> SourceId {
        let instance = Some("harbour-coffee.myshopify.com".to_owned());
        let wish = Wish { provider: provider.to_owned(), instance, ..Wish::default() };
        let way = self.connections.begin(&self.who, self.business(), &wish).await.unwrap();
        let back = agree(simulated, &way.url.unwrap()).await;
        let found = self.connections.finish(&self.who, &back).await.unwrap();
        assert!(found.is_new);
        let accounts: Vec<AccountId> = found.accounts.iter().map(|account| account.id).collect();
        self.connections.choose(&self.who, self.business(), found.at.source, &accounts).await.unwrap();
        found.at.source
    }

    pub async fn connect_with_key(&self) -> SourceId {
        let (wish, key) = (Wish { provider: "stripe".into(), ..Wish::default() }, Secret::new("rk_live_simulated"));
        let found = self.connections.connect_with_key(&self.who, self.business(), &wish, key).await.unwrap();
        let accounts: Vec<AccountId> = found.accounts.iter().map(|account| account.id).collect();
        self.connections.choose(&self.who, self.business(), found.at.source, &accounts).await.unwrap();
        found.at.source
    }

    pub fn work(&self) -> DropGuard {
        self.work_with(self.config())
    }

    pub fn work_with(&self, config: worker::Config) -> DropGuard {
        let stop = CancellationToken::new();
        tokio::spawn(worker::run(config, stop.clone()));
        stop.drop_guard()
    }

    pub fn config(&self) -> worker::Config {
        let budgets = Budgets { of: BTreeMap::new(), otherwise: 1000.0 };
        let (every, lease) = (Duration::from_millis(600), Duration::from_secs(2));
        worker::Config { connections: self.connections.clone(), every, at_most: 4, lease, budgets }
    }

    pub async fn row(&self, source: SourceId) -> Value {
        let query = "select to_jsonb(c) from connectors.connection c where source = $1";
        let query = sqlx::query_scalar(query).bind(source.as_uuid());
        query.fetch_one(&self.connections.pool).await.unwrap()
    }

    pub async fn until(&self, source: SourceId, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let row = self.row(source).await;
            if holds(&row) {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what}: {:#}", self.row(source).await)
    }

    /// Everything that the provider has now has been read.
    pub async fn settled(&self, source: SourceId) {
        self.connections.ask(&self.who, self.business(), source).await.unwrap();
        let now = chrono::Utc::now();
        let after = |row: &Value, name: &str| {
            let moment = row[name].as_str().and_then(|text| text.parse::<chrono::DateTime<chrono::Utc>>().ok());
            moment.is_some_and(|moment| moment > now)
        };
        self.until(source, "settled", |row| {
            after(row, "began_at") && after(row, "succeeded_at") && row["history_done_at"].is_string()
        })
        .await;
    }

    pub async fn figures(&self) -> BTreeMap<String, Value> {
        let mut standing = self.connected.standing().await;
        standing.values_mut().for_each(|row| row["id"] = Value::Null);
        standing
    }
}

pub fn registry(simulated: &Simulated) -> Registry {
    let mut registry = Registry::default();
    registry.add(Arc::new(plaid(simulated)) as Arc<dyn Connector>);
    registry.add(Arc::new(stripe(simulated, 100)));
    registry.add(Arc::new(quickbooks(simulated)));
    registry.add(Arc::new(shopify(simulated)));
    registry
}

pub fn asker() -> Asker {
    Asker { principal: Principal::local_owner(), origin: Origin::default(), session: SessionId(Uuid::now_v7()) }
}

/// The user agrees; the browser comes back.
pub async fn agree(simulated: &Simulated, url: &str) -> Returned {
    assert!(simulated.http.get(url).send().await.unwrap().text().await.unwrap().contains("Allow"));
    let agreed = url.replace("/link?", "/link/finish?").replace("/oauth/authorize", "/oauth/agree");
    let agreed = agreed.replace("/connect/oauth2", "/connect/agree");
    let quiet = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = quiet.get(agreed).send().await.unwrap();
    let back = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(back.path(), "/connect/callback");
    let mut params: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    Returned { state: params.remove("state").unwrap(), params }
}

#[tokio::test]
async fn a_way_back_is_of_one_session_and_works_once() {
    let simulated = Simulated::unlimited().await;
    let office = Office::new(&simulated).await;
    let wish = Wish { provider: "stripe".into(), ..Wish::default() };
    let way = office.connections.begin(&office.who, office.business(), &wish).await.unwrap();
    let back = agree(&simulated, &way.url.unwrap()).await;
    let stranger = office.connections.finish(&asker(), &back).await.unwrap_err();
    assert_eq!(stranger.code, Code::NotFound);
    let found = office.connections.finish(&office.who, &back).await.unwrap();
    assert!(!found.accounts.is_empty() && found.accounts.iter().all(|account| !account.chosen));
    assert_eq!(office.connections.finish(&office.who, &back).await.unwrap_err().code, Code::NotFound);
    // Once more is the same source: nothing counts twice.
    let way = office.connections.begin(&office.who, office.business(), &wish).await.unwrap();
    let again = agree(&simulated, &way.url.unwrap()).await;
    assert_eq!(office.connections.finish(&office.who, &again).await.unwrap().at, found.at);
    let events = office.connected.events("source.connected").await;
    assert_eq!(events.len(), 1);
    let refused = Returned { params: BTreeMap::from([("error".into(), "access_denied".into())]), ..back };
    assert_eq!(office.connections.finish(&office.who, &refused).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn the_history_comes_and_then_the_news() {
    let simulated = Simulated::unlimited().await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let (bank, cards) = (office.connect(&simulated, "plaid").await, office.connect(&simulated, "stripe").await);
    simulated.advance(60).await;
    office.settled(bank).await;
    office.settled(cards).await;
    let before = office.figures().await.len();
    assert!(before > 100, "{before}");
    simulated.advance(2 * 86_400).await;
    office.settled(bank).await;
    office.settled(cards).await;
    let after = office.figures().await.len();
    assert!(after > before, "{after}");
    let query = "select count(*) from connectors.balance";
    let balances: i64 = sqlx::query_scalar(query).fetch_one(&office.connections.pool).await.unwrap();
    assert!(balances > 0);
    let query = "select distinct outcome, cause from connectors.sync order by 1, 2";
    let outcomes: Vec<(String, String)> = sqlx::query_as(query).fetch_all(&office.connections.pool).await.unwrap();
    assert!(outcomes.iter().any(|(outcome, cause)| outcome == "done" && cause == "asked"), "{outcomes:?}");
    every_page_says_for_whom_and_in_which_run(&office).await;
}

/// A connector acts for who connected the source, and one run is one correlation and one trace.
async fn every_page_says_for_whom_and_in_which_run(office: &Office) {
    let query =
        "select metadata->>'on_behalf_of', metadata->>'correlation', split_part(metadata->>'traceparent', '-', 2)
        from store.events where event_type = 'account.synced' and metadata->>'actor' like 'connector:%'";
    let pages: Vec<(Option<String>, String, String)> =
        sqlx::query_as(query).fetch_all(&office.connections.pool).await.unwrap();
    let mut runs = BTreeMap::<String, HashSet<String>>::new();
    for (behalf, correlation, trace) in pages {
        assert_eq!(behalf, Some(office.who.principal.subject.to_string()));
        runs.entry(correlation).or_default().insert(trace);
    }
    let syncs: i64 =
        sqlx::query_scalar("select count(*) from connectors.sync").fetch_one(&office.connections.pool).await.unwrap();
    assert!(runs.len() as i64 <= syncs, "{} runs of {syncs} syncs", runs.len());
    assert!(runs.values().all(|traces| traces.len() == 1 && traces.iter().all(|trace| trace.len() == 32)));
}

/// One with many sources that have waited long does not keep another waiting.
#[tokio::test]
async fn sources_are_shared_fairly_between_businesses() {
    let office = Office::new(&Simulated::unlimited().await).await;
    let (many, one) = (office.business(), BusinessId::new());
    let due = "insert into connectors.connection (source, business, provider, external_id, state, next_at)
        values ($1, $2, 'stripe', $1::text, 'active', now() - make_interval(mins => $3))";
    for (business, minutes) in std::iter::repeat_n((many, 60), 8).chain([(one, 0)]) {
        let query = sqlx::query(due).bind(Uuid::now_v7()).bind(business.as_uuid()).bind(minutes);
        query.execute(&office.connections.pool).await.unwrap();
    }
    let _work = office.work_with(worker::Config { at_most: 3, ..office.config() });
    let begun = "select business from connectors.sync order by id";
    let mut order: Vec<Uuid> = Vec::new();
    for _ in 0..400 {
        order = sqlx::query_scalar(begun).fetch_all(&office.connections.pool).await.unwrap();
        if order.len() > 8 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(order[..3].contains(&one.as_uuid()), "{order:?}");
}

#[tokio::test]
async fn a_source_that_waits_for_its_user_is_left_alone_until_it_is_repaired() {
    let simulated = Simulated::unlimited().await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let bank = office.connect(&simulated, "plaid").await;
    simulated.advance(60).await;
    office.settled(bank).await;
    simulated.control("/items", &json!({"trouble": "login_required"})).await;
    let row = office.until(bank, "consent", |row| row["health"] == "consent_needed").await;
    assert_eq!((&row["reason"], &row["next_at"]), (&json!("ITEM_LOGIN_REQUIRED"), &json!("infinity")));
    let syncs = async || {
        let query = "select count(*) from connectors.sync";
        sqlx::query_scalar::<_, i64>(query).fetch_one(&office.connections.pool).await.unwrap()
    };
    let before = syncs().await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(syncs().await, before);
    let wish = Wish { provider: "plaid".into(), repairs: Some(bank), ..Wish::default() };
    let way = office.connections.begin(&office.who, office.business(), &wish).await.unwrap();
    let back = agree(&simulated, &way.url.unwrap()).await;
    assert!(!office.connections.finish(&office.who, &back).await.unwrap().is_new);
    office.settled(bank).await;
    assert_eq!(office.row(bank).await["health"], "healthy");
}

#[tokio::test]
async fn who_leaves_keeps_the_data_or_has_it_taken_out() {
    let simulated = Simulated::unlimited().await;
    let office = Office::new(&simulated).await;
    let _work = office.work();
    let (bank, cards) = (office.connect(&simulated, "plaid").await, office.connect(&simulated, "stripe").await);
    simulated.advance(60).await;
    office.settled(bank).await;
    office.settled(cards).await;
    let all = office.figures().await.len();
    assert_eq!(office.connections.disconnect(&office.who, office.business(), cards, Data::Keep).await.unwrap(), 0);
    assert_eq!(office.figures().await.len(), all);
    let erased = office.connections.disconnect(&office.who, office.business(), bank, Data::Erase).await.unwrap();
    let left = office.figures().await.len();
    assert!(erased > 0 && left > 0);
    assert_eq!(u64::try_from(all - left).unwrap(), erased);
    let gone = office.connections.disconnect(&office.who, office.business(), bank, Data::Keep).await.unwrap_err();
    assert_eq!(gone.code, Code::NotFound);
    let secrets: i64 = sqlx::query_scalar("select count(*) from connectors.credential")
        .fetch_one(&office.connections.pool)
        .await
        .unwrap();
    assert_eq!(secrets, 0);
}

/// News is there long before the next poll, a second delivery wakes nobody, and a forged one is turned away.
#[tokio::test]
async fn a_webhook_is_taken_at_once_and_read_after() {
    let simulated = Simulated::unlimited().await;
    let (office, _) = Office::hearing(registry(&simulated)).await;
    let router = connectors::http::connections_router(office.connections.clone());
    let _work = office.work_with(worker::Config { every: Duration::from_secs(3600), ..office.config() });
    simulated.control("/faults", &json!({"kind": "duplicate_webhooks"})).await;
    let bank = office.connect(&simulated, "plaid").await;
    let shop = office.connect(&simulated, "shopify").await;
    simulated.advance(60).await;
    office.settled(bank).await;
    office.settled(shop).await;
    // Plaid is told where its messages go with each connection, a shop by its app.
    assert!(office.row(shop).await["subscribed_at"].is_string());
    let before = office.figures().await.len();
    simulated.advance(3 * 86_400).await;
    let began = Instant::now();
    while office.figures().await.len() <= before && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(office.figures().await.len() > before);
    for source in [bank, shop] {
        let woken = async || -> i64 {
            let query = "select count(*) from connectors.sync where cause = 'webhook' and source = $1";
            sqlx::query_scalar(query).bind(source.as_uuid()).fetch_one(&office.connections.pool).await.unwrap()
        };
        for _ in 0..200 {
            if woken().await > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(woken().await > 0, "{source}");
    }
    let forged = Request::post("/api/v1/webhooks/stripe").body(Body::from("{}")).unwrap();
    assert_eq!(router.clone().oneshot(forged).await.unwrap().status(), 401);
    let nowhere = Request::post("/api/v1/webhooks/nobody").body(Body::from("{}")).unwrap();
    assert_eq!(router.oneshot(nowhere).await.unwrap().status(), 404);
}

/// A key that was pasted into a wrong field stands in no answer.
#[tokio::test]
async fn a_body_that_does_not_fit_is_not_repeated() {
    let office = Office::new(&Simulated::unlimited().await).await;
    let router = connectors::http::connections_router(office.connections.clone());
    let path = format!("/api/v1/businesses/{}/connections/key", office.business());
    for body in [
        json!({"provider": {"key": "sk_live_hush"}}),
        json!({"provider": "stripe", "key": "x", "sk_live_hush": "y"}),
        json!({"provider": "stripe", "key": "x", "source": "sk_live_hush"}),
    ] {
        let request = Request::post(&path).header("content-type", "application/json");
        let request = request.extension(Principal::local_owner()).body(Body::from(body.to_string())).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 400, "{body}");
        let text = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains("does not fit") && !text.contains("hush"), "{text}");
    }
}
