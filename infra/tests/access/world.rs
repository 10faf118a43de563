//! Two businesses of different owners behind the program's own routes, asked as anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Extension, Router};
use command_api::books::Books;
use command_api::graphql::Mutation;
use command_api::identity::{Identity, KeySealer, Parts, Session, Settings, Transport};
use connectors::connections::Connections;
use connectors::http::Imports;
use connectors::provider::{MemoryVault, Patience, Registry};
use domain::access::{Assurance, Membership, Principal, Role, Subject};
use domain::account::AccountCommand;
use domain::business::BusinessCommand;
use domain::source::{SourceCommand, SourceKind};
use domain::{
    AccountId, BatchId, BusinessId, Category, FiscalMonth, KeyId, Kind, SourceId, Transaction, TransactionId, UserId,
};
use query_api::graphql::{Deps, schema_builder};
use query_api::live::Hub;
use query_api::reader::Reader;
use serde_json::{Value, json};
use streams::files::Files;
use streams::proof::{Notary, Signatory, Signer};
use streams::retention::Archives;
use streams::testing::{Database, Nats};
use streams::{Commands, Meta};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

/// A business with one account and three transactions.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    pub id: BusinessId,
    pub source: SourceId,
    pub account: AccountId,
    pub transaction: TransactionId,
}

pub struct World {
    pub commands: Commands,
    pub ours: Shop,
    pub theirs: Shop,
    pub deps: Deps,
    pub pool: sqlx::PgPool,
    pub notary: Notary,
    pub folder: tempfile::TempDir,
    _shutdown: DropGuard,
    // Dropped last.
    _nats: Nats,
    _database: Database,
}

/// What came back: the code of a refusal, wherever the protocol has it.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    /// Null where the bytes are no JSON.
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> Option<&str> {
        self.body["code"].as_str().or_else(|| self.body["errors"][0]["extensions"]["code"].as_str())
    }

    pub fn text(&self) -> &str {
        self.body["detail"].as_str().or_else(|| self.body["errors"][0]["message"].as_str()).unwrap_or_default()
    }

    /// Turned away by the table of rights, and not by what was asked for.
    pub fn is_turned_away(&self) -> bool {
        let rights = matches!(self.code(), Some("FORBIDDEN" | "UNAUTHENTICATED" | "SECOND_FACTOR"));
        rights || self.text() == "There is no such business."
    }
}

impl World {
    pub async fn new() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let (pool, shutdown) = (database.pool(), CancellationToken::new());
        let sequencer = streams::sequencer::Config::new(pool.clone(), nats.client(), nats.prefix());
        let follow = streams::projection::Config::new(pool.clone(), nats.client(), nats.prefix());
        streams::projection::prepare(&pool, &infra::compose::projections()).await.unwrap();
        let stop = shutdown.clone();
        tokio::spawn(async move { streams::sequencer::run(sequencer, stop).await.unwrap() });
        tokio::spawn(streams::projection::run(follow, infra::compose::projections(), shutdown.clone()));
        let keys = streams::testing::keys(&pool);
        let (commands, reader) = (Commands::new(pool.clone(), keys.clone()), Reader::new(pool.clone(), keys));
        let (ours, theirs) = (shop(&commands, "Ours").await, shop(&commands, "Theirs").await);
        for projection in infra::compose::projections() {
            let head: i64 = sqlx::query_scalar("select max(position) from store.log").fetch_one(&pool).await.unwrap();
            streams::projection::wait_for(&pool, projection.name(), head, Duration::from_secs(20)).await.unwrap();
        }
        let deps = Deps { hub: Hub::new(nats.client(), nats.prefix(), reader.clone()), reader };
        let _shutdown = shutdown.drop_guard();
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("checkpoint.key");
        let signer = Signer::open(&key, || "example.com/log".into()).unwrap();
        let notary = Notary::new(pool.clone(), signer, &key, Vec::new());
        Self { commands, ours, theirs, deps, pool, notary, folder, _shutdown, _nats: nats, _database: database }
    }

    fn books(&self) -> Arc<dyn Books> {
        Arc::new(infra::compose::MonthBooks { reader: self.deps.reader.clone(), signatory: self.signatory() })
    }

    pub fn signatory(&self) -> Signatory {
        Signatory::Here(self.notary.clone())
    }

    fn routes(&self) -> Router {
        let schema = schema_builder(Mutation::default(), &self.deps);
        let schema = schema.data(self.commands.clone()).data(self.books()).finish();
        let imports = Imports { commands: self.commands.clone(), pool: self.pool.clone(), most_bytes: 1 << 20 };
        let exports = query_api::export::Exports {
            reader: self.deps.reader.clone(),
            commands: self.commands.clone(),
            people: Arc::new(self.identity()),
        };
        query_api::router(&self.deps, schema)
            .merge(query_api::rest::checkpoints(self.signatory()))
            .merge(query_api::rest::log::router(self.deps.reader.clone(), self.signatory()))
            .merge(query_api::rest::archives::router(self.deps.reader.clone(), Archives::new(std::env::temp_dir())))
            .merge(query_api::rest::sign_ins::router(self.deps.reader.clone(), Arc::new(self.identity())))
            .merge(query_api::export::router(exports))
            .merge(command_api::rest::router(self.commands.clone(), self.books()))
            .merge(command_api::rest::files(self.commands.clone(), self.files()))
            .merge(query_api::erasure::router(query_api::erasure::Erasures { pool: self.pool.clone() }))
            .merge(command_api::identity::router(self.identity()))
            .merge(connectors::http::router(imports))
            .merge(connectors::http::connections_router(self.connections()))
    }

    /// Behind the check of the session, as the program serves its routes.
    pub fn guarded(&self, routes: Router) -> Router {
        let gateway = infra::http::Gateway::new(&infra::config::Config::default().http, false);
        let recording = infra::compose::recording::Recording::new(self.commands.journal(), self.pool.clone());
        infra::http::guarded(routes, self.identity(), &gateway, recording)
    }

    /// Without a mail server: letters would lie in the folder.
    fn identity(&self) -> Identity {
        let transport = Transport::folder("Workdock <workdock@localhost>", self.folder.path()).unwrap();
        Identity::try_new(Parts {
            pool: self.pool.clone(),
            settings: Settings { base_url: "http://127.0.0.1:8080".to_owned(), own_words: Vec::new() },
            sealer: Arc::new(KeySealer::from_key(&[7; 32])),
            keys: streams::testing::keys(&self.pool),
            journal: Arc::new(self.commands.journal()),
            transport,
            places: None,
        })
        .unwrap()
    }

    pub fn files(&self) -> Files {
        Files::new(self.pool.clone(), streams::testing::keys(&self.pool), 1 << 20)
    }

    /// Of an installation that knows no provider: rights are looked at before anything else.
    fn connections(&self) -> Connections {
        Connections {
            commands: self.commands.clone(),
            pool: self.pool.clone(),
            vault: Arc::new(MemoryVault::default()),
            registry: Registry::default(),
            page: "http://127.0.0.1".to_owned(),
            webhooks: None,
            patience: Patience::default(),
        }
    }

    pub async fn send(&self, who: Option<&Principal>, request: Request<Body>) -> Answer {
        let router = match who {
            Some(principal) => self.routes().layer(Extension(session(principal))).layer(Extension(principal.clone())),
            None => self.routes(),
        };
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, bytes, body }
    }

    pub async fn graphql(&self, who: Option<&Principal>, query: &str) -> Answer {
        let body = json!({ "query": query }).to_string();
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        self.send(who, request.body(Body::from(body)).unwrap()).await
    }

    /// The first message of a subscription.
    pub async fn first_of(&self, who: Option<&Principal>, query: &str) -> Answer {
        use futures::StreamExt;
        let schema = schema_builder(Mutation::default(), &self.deps).data(self.commands.clone()).finish();
        let request = async_graphql::Request::new(query);
        let request = who.iter().fold(request, |request, principal| request.data((*principal).clone()));
        let mut messages = schema.execute_stream(request).boxed();
        let first = tokio::time::timeout(Duration::from_secs(10), messages.next()).await.unwrap().unwrap();
        let body = serde_json::to_value(query_api::graphql::finished(first)).unwrap();
        Answer { status: StatusCode::OK, headers: HeaderMap::new(), bytes: Bytes::new(), body }
    }

    /// Somebody who is nothing but this, here.
    pub fn member(&self, role: Role, assurance: Assurance) -> Principal {
        let membership = Membership { role, needs_second_factor: false };
        Principal::user(UserId::new(), assurance, BTreeMap::from([(self.ours.id, membership)]))
    }

    /// The owner of the other business.
    pub fn stranger(&self) -> Principal {
        let membership = Membership { role: Role::Owner, needs_second_factor: false };
        Principal::user(UserId::new(), Assurance::SteppedUp, BTreeMap::from([(self.theirs.id, membership)]))
    }

    pub fn idle_key(&self) -> Principal {
        Principal::key(KeyId::new(), self.ours.id, Role::Owner, BTreeSet::new())
    }
}

/// As the check of the session leaves it with the request.
fn session(principal: &Principal) -> Session {
    let ends_at = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let is_person = !matches!(principal.subject, Subject::Key(_));
    Session { id: uuid::Uuid::now_v7(), principal: principal.clone(), ends_at, is_person }
}

async fn shop(commands: &Commands, name: &str) -> Shop {
    let (id, account, source) = (BusinessId::new(), AccountId::new(), SourceId::new());
    let meta = Meta::new(id, "owner");
    let register = BusinessCommand::Register {
        id,
        name: name.to_owned(),
        base_currency: "EUR".parse().unwrap(),
        time_zone: "Europe/Berlin".parse().unwrap(),
        fiscal_year_first_month: FiscalMonth::JANUARY,
        founder: None,
    };
    commands.business(id, register, &meta).await.unwrap();
    let connect = SourceCommand::Connect { id: source, business: id, kind: SourceKind::File, name: name.to_owned() };
    commands.source(source, connect, &meta).await.unwrap();
    let open = AccountCommand::Open {
        id: account,
        business: id,
        source,
        name: format!("{name} current"),
        currency: "EUR".parse().unwrap(),
        external_id: None,
    };
    commands.account(account, open, &meta).await.unwrap();
    let reported: Vec<_> = (1..=3).map(|n| line(name, n)).collect();
    let transaction = reported[0].id;
    let sync = AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed: vec![], told: vec![] };
    let receipt = commands.account(account, sync, &meta).await.unwrap();
    commands.position_of(&receipt).await.unwrap();
    Shop { id, source, account, transaction }
}

pub fn line(of: &str, n: u32) -> Transaction {
    Transaction {
        id: TransactionId::derive([of.as_bytes(), &n.to_be_bytes()]),
        booked: format!("2026-03-0{n}").parse().unwrap(),
        value_date: None,
        pending: false,
        amount: (100 * n).into(),
        currency: "EUR".parse().unwrap(),
        kind: Kind::Revenue,
        category: Category::from_label("sale").unwrap(),
        provider_category: None,
        decided: None,
        description: Some(format!("Secret of {of}")),
        counterparty: None,
        reference: None,
        line: None,
    }
}

/// The sources of the program, without its tests.
pub fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let crates = ["command-api", "query-api", "connectors", "streams", "projectors", "ml-workers", "infra"];
    let mut files = Vec::new();
    for name in crates {
        collect(&root.join(name).join("src"), &mut files);
    }
    files
        .into_iter()
        .map(|path| (path.strip_prefix(root).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            // What stands for providers is a server of its own, for tests and trials.
            if !matches!(name.as_str(), "testing" | "simulator") {
                collect(&path, files);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// For a list of the program and the list here.
pub fn assert_same(what: &str, found: &BTreeSet<String>, listed: &BTreeSet<String>) {
    let new: Vec<_> = found.difference(listed).collect();
    let gone: Vec<_> = listed.difference(found).collect();
    assert!(new.is_empty(), "{what}: say in the list who may use {new:#?}");
    assert!(gone.is_empty(), "{what}: no longer served, take out of the list {gone:#?}");
}

/// An id that nobody has.
pub fn nobody() -> BusinessId {
    BusinessId::new()
}
