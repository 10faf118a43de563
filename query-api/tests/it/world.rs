//! A running read side with a database, a stream and a business of its own.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::EmptyMutation;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Extension, Router};
use domain::access::Principal;
use domain::account::AccountCommand;
use domain::business::BusinessCommand;
use domain::source::{SourceCommand, SourceKind};
use domain::{
    AccountId, BatchId, BusinessId, Category, Currency, FiscalMonth, Kind, SourceId, Transaction, TransactionId,
};
use query_api::graphql::{Deps, build_schema};
use query_api::live::{Hub, SocketLimits};
use query_api::reader::{Reader, View};
use query_api::views::AsOf;
use serde_json::{Value, json};
use sqlx::PgPool;
use streams::testing::{Database, Nats};
use streams::{Commands, Meta};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

pub struct World {
    pub commands: Commands,
    pub reader: Reader,
    pub deps: Deps,
    pub business: BusinessId,
    pub account: AccountId,
    pub source: SourceId,
    pub pool: PgPool,
    _shutdown: DropGuard,
    _tasks: Vec<JoinHandle<()>>,
    // Dropped last.
    _nats: Nats,
    _database: Database,
}

impl World {
    /// "Ada's Bakery" of Berlin in EUR, its fiscal year beginning in April, with one open account.
    pub async fn new() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let (pool, shutdown) = (database.pool(), CancellationToken::new());
        let sequencer = streams::sequencer::Config::new(pool.clone(), nats.client(), nats.prefix());
        let follow = streams::projection::Config::new(pool.clone(), nats.client(), nats.prefix());
        let projections: Vec<Arc<dyn streams::projection::Projection>> = vec![
            Arc::new(projectors::Metrics::new()),
            Arc::new(projectors::Entities::new()),
            Arc::new(projectors::Audit::new()),
        ];
        streams::projection::prepare(&pool, &projections).await.unwrap();
        let stop = shutdown.clone();
        let sequencer = tokio::spawn(async move { streams::sequencer::run(sequencer, stop).await.unwrap() });
        let projections = tokio::spawn(streams::projection::run(follow, projections, shutdown.clone()));
        let reader = Reader::new(pool.clone(), streams::testing::keys(&pool));
        let deps = Deps { hub: Hub::new(nats.client(), nats.prefix(), reader.clone()), reader: reader.clone() };
        let mut world = Self {
            commands: streams::testing::commands(pool.clone()),
            reader,
            deps,
            business: BusinessId::new(),
            account: AccountId::new(),
            source: SourceId::new(),
            pool,
            _shutdown: shutdown.drop_guard(),
            _tasks: vec![sequencer, projections],
            _nats: nats,
            _database: database,
        };
        world.business = world.register("Ada's Bakery").await;
        world.account = world.open(world.business, "Current").await;
        world
    }

    pub async fn register(&self, name: &str) -> BusinessId {
        let id = BusinessId::new();
        let command = BusinessCommand::Register {
            id,
            name: name.to_owned(),
            base_currency: eur(),
            time_zone: "Europe/Berlin".parse().unwrap(),
            fiscal_year_first_month: FiscalMonth::try_from(4).unwrap(),
            founder: None,
        };
        let receipt = self.commands.business(id, command, &Meta::new(id, "owner")).await.unwrap();
        self.shown(&receipt).await;
        id
    }

    pub async fn open(&self, business: BusinessId, name: &str) -> AccountId {
        let (id, meta) = (AccountId::new(), Meta::new(business, "owner"));
        let connect =
            SourceCommand::Connect { id: self.source, business, kind: SourceKind::File, name: "Statements".to_owned() };
        // The second account of a world is of the same source.
        drop(self.commands.source(self.source, connect, &meta).await);
        let open = AccountCommand::Open {
            id,
            business,
            source: self.source,
            name: name.to_owned(),
            currency: eur(),
            external_id: None,
        };
        let receipt = self.commands.account(id, open, &meta).await.unwrap();
        self.shown(&receipt).await;
        id
    }

    /// Brings one page into the first account; returns its position once every table shows it.
    pub async fn bring(&self, reported: Vec<Transaction>, removed: Vec<TransactionId>) -> i64 {
        self.bring_to(self.account, reported, removed).await
    }

    pub async fn bring_to(&self, account: AccountId, reported: Vec<Transaction>, removed: Vec<TransactionId>) -> i64 {
        let sync = AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed, told: vec![] };
        self.told_to(account, sync).await
    }

    /// Its position once every table shows it.
    pub async fn told_to(&self, account: AccountId, command: AccountCommand) -> i64 {
        let receipt = self.commands.account(account, command, &Meta::new(self.business, "owner")).await.unwrap();
        self.shown(&receipt).await
    }

    pub async fn shown(&self, receipt: &streams::Receipt) -> i64 {
        let Some(positions) = self.commands.position_of(receipt).await.unwrap() else {
            return self.head().await;
        };
        for projection in ["metrics", "entities"] {
            streams::projection::wait_for(&self.pool, projection, positions.last, Duration::from_secs(120))
                .await
                .unwrap();
        }
        positions.last
    }

    pub async fn head(&self) -> i64 {
        sqlx::query_scalar("select coalesce(max(position), 0) from store.log").fetch_one(&self.pool).await.unwrap()
    }

    pub async fn view(&self, as_of: Option<AsOf>) -> View {
        self.reader.view(self.business, as_of, None).await.unwrap()
    }

    /// As the edge would be with a session.
    pub fn app(&self) -> Router {
        self.app_without_session().layer(Extension(Principal::local_owner()))
    }

    pub fn app_without_session(&self) -> Router {
        query_api::router(&self.deps, build_schema(EmptyMutation, &self.deps))
    }

    pub fn app_with(&self, sockets: SocketLimits) -> Router {
        query_api::router_with(&self.deps, build_schema(EmptyMutation, &self.deps), sockets)
            .layer(Extension(Principal::local_owner()))
    }

    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let (status, _, body) = self.send(request).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body
    }

    /// The data of a query that must have no errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut body = self.graphql(query, variables).await;
        assert!(body.get("errors").is_none(), "{body:#}");
        body["data"].take()
    }

    pub async fn get(&self, path: &str) -> (StatusCode, axum::http::HeaderMap, Value) {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> (StatusCode, axum::http::HeaderMap, Value) {
        answer_of(self.app(), request).await
    }
}

/// The answer, its body as JSON where it is.
pub async fn answer_of(app: Router, request: Request<Body>) -> (StatusCode, axum::http::HeaderMap, Value) {
    let response = app.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
    (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

pub fn eur() -> Currency {
    "EUR".parse().unwrap()
}

/// A line of the bakery's account.
pub fn line(name: &str, day: &str, amount: &str, kind: Kind, category: &str) -> Transaction {
    Transaction {
        id: TransactionId::derive([name.as_bytes()]),
        booked: day.parse().unwrap(),
        value_date: None,
        pending: false,
        amount: amount.parse().unwrap(),
        currency: eur(),
        kind,
        category: Category::from_label(category).unwrap(),
        provider_category: None,
        decided: None,
        description: Some(format!("Line {name}")),
        counterparty: None,
        reference: None,
        line: Some(7),
    }
}

pub fn sale(name: &str, day: &str, amount: &str) -> Transaction {
    line(name, day, amount, Kind::Revenue, "product_sale")
}

pub fn rent(name: &str, day: &str, amount: &str) -> Transaction {
    line(name, day, amount, Kind::Expense, "rent")
}
