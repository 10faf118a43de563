//! A log with its followers, and businesses in it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::account::{
    AccountCommand, BesideCommand, Document, DocumentKind, Documents, NotedPart, Pays, SplitCommand, Told,
};
use domain::business::{BusinessCommand, RecordsCommand};
use domain::meaning::Part;
use domain::{
    AccountId, BatchId, BusinessId, Category, DocumentId, FiscalMonth, Kind, SourceId, Transaction, TransactionId,
    UserId,
};
use infra::compose::projections;
use sqlx::PgPool;
use streams::erasure::{Eraser, Parts, Step};
use streams::files::Payloads;
use streams::proof::{Notary, Signer};
use streams::replay;
use streams::retention::{self, Archives, Keeper};
use streams::sealing::{FileKeys, Keys};
use streams::testing::{Database, Nats};
use streams::{Commands, Meta, sequencer};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct World {
    pub pool: PgPool,
    pub nats: Nats,
    pub commands: Commands,
    pub notary: Notary,
    pub folder: tempfile::TempDir,
    _database: Database,
}

pub struct Running(CancellationToken, Vec<JoinHandle<()>>);

impl Running {
    pub async fn stop(self) {
        self.0.cancel();
        for task in self.1 {
            task.await.unwrap();
        }
    }
}

impl World {
    pub async fn new() -> Self {
        let (database, nats, folder) = (Database::create().await, Nats::connect().await, tempfile::tempdir().unwrap());
        let pool = database.pool();
        streams::projection::prepare(&pool, &projections()).await.unwrap();
        let commands = Commands::new(pool.clone(), keys(&pool, folder.path()));
        let key = folder.path().join("checkpoint.key");
        let signer = Signer::open(&key, || "example.com/log".into()).unwrap();
        let notary = Notary::new(pool.clone(), signer, &key, Vec::new());
        Self { pool, nats, commands, notary, folder, _database: database }
    }

    pub fn run(&self) -> Running {
        let stop = CancellationToken::new();
        let config = sequencer::Config::new(self.pool.clone(), self.nats.client(), self.nats.prefix());
        let follow = streams::projection::Config::new(self.pool.clone(), self.nats.client(), self.nats.prefix());
        let end = stop.clone();
        let tasks = vec![
            tokio::spawn(async move { sequencer::run(config, end).await.unwrap() }),
            tokio::spawn(streams::projection::run(follow, projections(), stop.clone())),
        ];
        Running(stop, tasks)
    }

    /// A process that knows nothing of those before it: no key in memory either.
    pub fn eraser(&self) -> Eraser {
        Eraser::new(Parts {
            pool: self.pool.clone(),
            commands: Commands::new(self.pool.clone(), keys(&self.pool, self.folder.path())),
            nats: self.nats.client(),
            prefix: self.nats.prefix().to_owned(),
            notary: self.notary.clone(),
            archives: self.archives(),
        })
    }

    /// In a folder that is not there yet.
    pub fn archives(&self) -> Archives {
        Archives::new(self.folder.path().join("archives"))
    }

    /// The job that archives, as a new process has it.
    pub fn keeper(&self) -> Keeper {
        Keeper::new(retention::Parts {
            pool: self.pool.clone(),
            commands: Commands::new(self.pool.clone(), keys(&self.pool, self.folder.path())),
            notary: self.notary.clone(),
            archives: self.archives(),
        })
    }

    pub async fn caught_up(&self) {
        let head = head_of(&self.pool).await;
        for projection in projections() {
            let name = projection.name();
            streams::projection::wait_for(&self.pool, name, head, Duration::from_secs(60)).await.unwrap();
        }
    }

    pub async fn step_of(&self, business: BusinessId) -> Step {
        let all = streams::erasure::list(&self.pool).await.unwrap();
        all.into_iter().find(|state| state.business == business).unwrap().step
    }

    /// Every row of the business in every view, as text.
    pub async fn rows(&self, business: BusinessId) -> Vec<String> {
        let tables = [
            "read.business where id = $1",
            "read.account where business = $1",
            "read.source where business = $1",
            "read.batch where business = $1",
            "read.transaction where business = $1",
            "read.metric_delta where business = $1",
            "read.metric_daily where business = $1",
            "read.metric_cell where business = $1",
            "read.metric_version where cell in (select id from read.metric_cell where business = $1)",
            "read.event where business = $1",
            "read.known where business = $1",
            "read.archive where business = $1",
            "access.member where business = $1",
            "sources.mapping where business = $1",
        ];
        let files = ["upload", "chunk", "file", "attachment", "memo", "payload"]
            .map(|table| format!("files.{table} where business = $1"));
        let mut rows = Vec::new();
        for table in tables.into_iter().map(str::to_owned).chain(files) {
            let all = format!("select to_jsonb(x)::text from (select * from {table}) x order by 1");
            let found: Vec<String> =
                sqlx::query_scalar(&all).bind(business.as_uuid()).fetch_all(&self.pool).await.unwrap();
            rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
        }
        rows
    }

    pub async fn replay_agrees(&self) {
        for projection in projections() {
            let report = replay::verify(&self.pool, Arc::clone(&projection), &|_| {}).await.unwrap();
            let differing: Vec<_> = report.tables.iter().filter(|table| !table.equal).collect();
            assert!(differing.is_empty(), "{}: {differing:?}", report.projection);
        }
    }
}

pub fn keys(pool: &PgPool, folder: &Path) -> Keys {
    Keys::new(pool, Arc::new(FileKeys::open(&folder.join("keys")).unwrap()))
}

pub async fn head_of(pool: &PgPool) -> i64 {
    let unplaced = "select count(*) from store.events where not exists (select from store.log where event_id = id)";
    while sqlx::query_scalar::<_, i64>(unplaced).fetch_one(pool).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sqlx::query_scalar("select max(position) from store.log").fetch_one(pool).await.unwrap()
}

#[derive(Clone)]
pub struct Shop {
    pub id: BusinessId,
    pub account: AccountId,
    pub owner: UserId,
    pub meta: Meta,
}

pub async fn shop(world: &World, name: &str) -> Shop {
    let (id, account, owner) = (BusinessId::new(), AccountId::new(), UserId::new());
    let meta = Meta { address: Some("192.0.2.7".into()), ..Meta::new(id, format!("user:{owner}")) };
    let register = BusinessCommand::Register {
        id,
        name: name.to_owned(),
        base_currency: "EUR".parse().unwrap(),
        time_zone: "Europe/Berlin".parse().unwrap(),
        fiscal_year_first_month: FiscalMonth::JANUARY,
        founder: Some(owner),
    };
    world.commands.business(id, register, &meta).await.unwrap();
    let (source, currency) = (SourceId::new(), "EUR".parse().unwrap());
    let name = format!("{name} current");
    let open = AccountCommand::Open { id: account, business: id, source, name, currency, external_id: None };
    world.commands.account(account, open, &meta).await.unwrap();
    let mapping = "insert into sources.mapping (business, account, format, header, mapping)
        values ($1, '', 'csv', '', '{\"canary\": \"Zanzibar\"}')";
    sqlx::query(mapping).bind(id.as_uuid()).execute(&world.pool).await.unwrap();
    Shop { id, account, owner, meta }
}

fn line(shop: &Shop, number: u32) -> Transaction {
    Transaction {
        id: TransactionId::derive([shop.id.as_uuid().as_bytes().as_slice(), &number.to_be_bytes()]),
        booked: format!("2026-03-{:02}", 1 + number % 28).parse().unwrap(),
        value_date: None,
        pending: false,
        amount: (100 + number).into(),
        currency: "EUR".parse().unwrap(),
        kind: Kind::Revenue,
        category: Category::from_label("sale").unwrap(),
        provider_category: None,
        description: Some(format!("Zanzibar {number}")),
        counterparty: Some("Zebedee".into()),
        reference: None,
        line: None,
        decided: None,
    }
}

pub async fn sell(world: &World, shop: &Shop, number: u32) {
    let sync = AccountCommand::Sync {
        batch: BatchId::new(),
        to_cursor: None,
        reported: vec![line(shop, number)],
        removed: vec![],
        told: vec![],
    };
    world.commands.account(shop.account, sync, &shop.meta).await.unwrap();
}

/// What a provider said of a line that it told.
async fn told(world: &World, shop: &Shop) {
    let mut payloads = Payloads::new(world.pool.clone(), keys(&world.pool, world.folder.path()), shop.id);
    let payload = payloads.take("{\"said\": \"Zanzibar\"}".into()).await.unwrap().unwrap();
    let line = line(shop, 1_000);
    let told = vec![Told { payload, of: vec![line.id] }];
    let (batch, reported) = (BatchId::new(), vec![line]);
    let sync = AccountCommand::Sync { batch, to_cursor: None, reported, removed: vec![], told };
    world.commands.account_told(shop.account, vec![sync], &payloads, &shop.meta).await.unwrap();
}

/// An invoice that a transaction pays a part of.
fn paid_with(shop: &Shop, payment: TransactionId) -> Documents {
    let invoice = Document {
        id: DocumentId::derive([shop.id.as_uuid().as_bytes().as_slice()]),
        kind: DocumentKind::Invoice,
        day: "2026-03-01".parse().unwrap(),
        due: None,
        total: 100.into(),
        open: 40.into(),
        currency: "EUR".parse().unwrap(),
        number: Some("Zanzibar 7".into()),
        counterparty: Some("Zebedee".into()),
        memo: None,
    };
    let payments = vec![Pays { payment, of: vec![(invoice.id, 60.into())] }];
    Documents { told: vec![invoice], removed: vec![], payments }
}

pub async fn keep_beside(world: &World, shop: &Shop) {
    let transaction = TransactionId::derive([shop.id.as_uuid().as_bytes().as_slice(), &0_u32.to_be_bytes()]);
    let file = ("Zanzibar.pdf", format!("%PDF-1.7 {}", "Zanzibar ".repeat(60_000)).into_bytes());
    let keys = keys(&world.pool, world.folder.path());
    let (_, attach) = streams::testing::attach(&world.pool, keys, shop.id, transaction, file).await;
    let memo = BesideCommand::SetMemo { transaction, memo: Some("Zanzibar again".to_owned()) };
    let part = |amount: i64, category: &str| NotedPart {
        part: Part { amount: amount.into(), kind: Kind::Revenue, category: category.parse().unwrap() },
        note: Some(format!("Zanzibar {category}")),
    };
    let split = SplitCommand::Into { transaction, parts: vec![part(60, "sales"), part(40, "services")] };
    let paid = AccountCommand::TellDocuments(paid_with(shop, transaction));
    let commands = vec![attach, AccountCommand::Keep(memo), AccountCommand::Split(split), paid];
    world.commands.account_pages(shop.account, commands, &shop.meta).await.unwrap();
    told(world, shop).await;
}

pub async fn ask_for_erasure(world: &World, shop: &Shop, name: &str) {
    let (confirmation, grace) = (name.to_owned(), TimeDelta::zero());
    let request = RecordsCommand::RequestErasure { confirmation, grace, now: Utc::now() };
    world.commands.business(shop.id, request.into(), &shop.meta).await.unwrap();
}
