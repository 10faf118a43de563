//! A log with its projections and the worker, and a business of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::account::{AccountCommand, Decision, SplitCommand};
use domain::business::{BusinessCommand, RulesCommand};
use domain::meaning::{By, Meaning, Rule, When};
use domain::source::{SourceCommand, SourceKind};
use domain::{
    AccountId, BatchId, BusinessId, Currency, FiscalMonth, Kind, RuleId, SourceId, Transaction, TransactionId,
};
use rust_decimal::Decimal;
use sqlx::PgPool;
use streams::testing::{Database, Nats};
use streams::{Commands, Meta, Receipt};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

pub struct World {
    pub commands: Commands,
    pub business: BusinessId,
    pub account: AccountId,
    pub pool: PgPool,
    _shutdown: DropGuard,
    _tasks: Vec<JoinHandle<()>>,
    // Dropped last.
    _nats: Nats,
    _database: Database,
}

impl World {
    pub async fn new() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let (pool, shutdown) = (database.pool(), CancellationToken::new());
        let projections: Vec<Arc<dyn streams::projection::Projection>> =
            vec![Arc::new(projectors::Metrics::new()), Arc::new(projectors::Entities::new())];
        streams::projection::prepare(&pool, &projections).await.unwrap();
        let sequencer = streams::sequencer::Config::new(pool.clone(), nats.client(), nats.prefix());
        let follow = streams::projection::Config::new(pool.clone(), nats.client(), nats.prefix());
        let commands = streams::testing::commands(pool.clone());
        let worker = ml_workers::meaning::Config { pool: pool.clone(), commands: commands.clone() };
        let matching = ml_workers::matching::Config { pool: pool.clone(), commands: commands.clone() };
        let keys = streams::testing::keys(&pool);
        let rest = Duration::from_millis(50);
        let recurring = ml_workers::recurring::Config { pool: pool.clone(), keys, rest };
        let drift = ml_workers::drift::Config { pool: pool.clone(), commands: commands.clone() };
        let stop = shutdown.clone();
        let tasks = vec![
            tokio::spawn(async move { streams::sequencer::run(sequencer, stop).await.unwrap() }),
            tokio::spawn(streams::projection::run(follow, projections, shutdown.clone())),
            tokio::spawn(ml_workers::meaning::run(worker, shutdown.clone())),
            tokio::spawn(ml_workers::matching::run(matching, shutdown.clone())),
            tokio::spawn(ml_workers::recurring::run(recurring, shutdown.clone())),
            tokio::spawn(ml_workers::drift::run(drift, shutdown.clone())),
        ];
        let mut world = Self {
            commands,
            business: BusinessId::new(),
            account: AccountId::new(),
            pool,
            _shutdown: shutdown.drop_guard(),
            _tasks: tasks,
            _nats: nats,
            _database: database,
        };
        (world.business, world.account) = world.register().await;
        world
    }

    /// A business with an open account.
    pub async fn register(&self) -> (BusinessId, AccountId) {
        let (business, account, source) = (BusinessId::new(), AccountId::new(), SourceId::new());
        let meta = Meta::new(business, "owner");
        let register = BusinessCommand::Register {
            id: business,
            name: "Ada's Bakery".to_owned(),
            base_currency: eur(),
            time_zone: "Europe/Berlin".parse().unwrap(),
            fiscal_year_first_month: FiscalMonth::try_from(1).unwrap(),
            founder: None,
        };
        self.commands.business(business, register, &meta).await.unwrap();
        let connect =
            SourceCommand::Connect { id: source, business, kind: SourceKind::File, name: "Statements".to_owned() };
        self.commands.source(source, connect, &meta).await.unwrap();
        let open = AccountCommand::Open {
            id: account,
            business,
            source,
            name: "Current".to_owned(),
            currency: eur(),
            external_id: None,
        };
        self.commands.account(account, open, &meta).await.unwrap();
        (business, account)
    }

    /// Another account of the business, of a source of its own.
    pub async fn open(&self, kind: SourceKind) -> AccountId {
        let (account, source, meta) = (AccountId::new(), SourceId::new(), Meta::new(self.business, "owner"));
        let name = kind.as_str().to_owned();
        let connect = SourceCommand::Connect { id: source, business: self.business, kind, name: name.clone() };
        self.commands.source(source, connect, &meta).await.unwrap();
        let (id, business, currency) = (account, self.business, eur());
        let open = AccountCommand::Open { id, business, source, name, currency, external_id: None };
        self.commands.account(account, open, &meta).await.unwrap();
        account
    }

    pub async fn report(&self, account: AccountId, reported: Vec<Transaction>, removed: Vec<TransactionId>) {
        let sync = AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed, told: vec![] };
        self.commands.account(account, sync, &Meta::new(self.business, "owner")).await.unwrap();
    }

    /// Figures by kind, in cents.
    pub async fn by_kind(&self) -> std::collections::BTreeMap<String, i64> {
        let query = "select kind, (sum(amount_in) - sum(amount_out)) * 100 from read.metric_daily where business = $1
                     group by kind having sum(amount_in) - sum(amount_out) <> 0";
        let rows: Vec<(String, Decimal)> =
            sqlx::query_as(query).bind(self.business.as_uuid()).fetch_all(&self.pool).await.unwrap();
        rows.into_iter().map(|(kind, cents)| (kind, i64::try_from(cents.trunc().mantissa()).unwrap())).collect()
    }

    /// Waits until everything in the log was looked at beside what else there is.
    pub async fn matched(&self) {
        let query = "select (select looked_to from meaning.match_followed) = (select max(position) from store.log)
                        and (select count(*) from store.events) = (select count(*) from store.log)
                        and (select position from read.position where projection = 'metrics') = (select max(position) from store.log)
                        and not exists (select from meaning.match_pass)";
        for _ in 0..3_000 {
            if sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it was never matched");
    }

    pub async fn bring(&self, reported: Vec<Transaction>) -> Receipt {
        let sync =
            AccountCommand::Sync { batch: BatchId::new(), to_cursor: None, reported, removed: vec![], told: vec![] };
        self.commands.account(self.account, sync, &Meta::new(self.business, "owner")).await.unwrap()
    }

    pub async fn choose(&self, id: TransactionId, category: Option<&str>) {
        let decision = Decision { id, by: By::Choice, to: category.map(expense) };
        let command = AccountCommand::Recategorise { decisions: vec![decision], note: None };
        self.commands.account(self.account, command, &Meta::new(self.business, "owner")).await.unwrap();
    }

    pub async fn split(&self, account: AccountId, command: SplitCommand) {
        let command = AccountCommand::Split(command);
        self.commands.account(account, command, &Meta::new(self.business, "owner")).await.unwrap();
    }

    pub async fn rule(&self, id: RuleId, text: &str, category: &str) {
        let when = When { text: vec![text.to_owned()], ..When::default() };
        self.rules(RulesCommand::Set { rule: Rule { id, when, then: expense(category) }, before: None }).await;
    }

    pub async fn rules(&self, command: RulesCommand) {
        let meta = Meta::new(self.business, "owner");
        self.commands.business(self.business, BusinessCommand::Rules(command), &meta).await.unwrap();
    }

    /// What a transaction means in the views now, and who decided it.
    pub async fn stands(&self, id: TransactionId) -> Option<(String, Option<String>)> {
        let query = "select category, decided from read.transaction where id = $1 and valid_to = 9223372036854775807";
        let found: Option<(String, Option<String>)> =
            sqlx::query_as(query).bind(id.as_uuid()).fetch_optional(&self.pool).await.unwrap();
        found
    }

    /// How long it takes until it means that.
    pub async fn until(&self, id: TransactionId, category: &str, by: Option<&str>) -> Duration {
        let began = Instant::now();
        loop {
            let stands = self.stands(id).await;
            let is = stands.as_ref().is_some_and(|(now, decided)| {
                now == category
                    && by.map_or(decided.is_none(), |by| decided.as_ref().is_some_and(|text| text.contains(by)))
            });
            if is {
                return began.elapsed();
            }
            assert!(began.elapsed() < Duration::from_secs(60), "it stands as {stands:?}, not as {category} by {by:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until everything in the log was looked at, and no pass is left.
    pub async fn settled(&self) {
        let query = "select (select looked_to from meaning.followed) = (select max(position) from store.log)
                        and (select count(*) from store.events) = (select count(*) from store.log)
                        and (select position from read.position where projection = 'metrics') = (select max(position) from store.log)
                        and not exists (select from meaning.pass)";
        for _ in 0..3_000 {
            if sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it never settled");
    }

    pub async fn events(&self) -> i64 {
        sqlx::query_scalar("select count(*) from store.events").fetch_one(&self.pool).await.unwrap()
    }
}

pub fn eur() -> Currency {
    "EUR".parse().unwrap()
}

pub fn expense(category: &str) -> Meaning {
    Meaning { kind: Kind::Expense, category: category.parse().unwrap() }
}

/// A line of a statement of which nothing is known but its text.
pub fn line(n: u32, text: &str) -> Transaction {
    Transaction {
        id: TransactionId::derive([n.to_be_bytes().as_slice()]),
        booked: format!("2026-03-{:02}", 1 + n % 28).parse().unwrap(),
        value_date: None,
        pending: false,
        amount: Decimal::new(-1_000 - i64::from(n), 2),
        currency: eur(),
        kind: Kind::Expense,
        category: "expense".parse().unwrap(),
        provider_category: None,
        decided: None,
        description: Some(text.to_owned()),
        counterparty: None,
        reference: None,
        line: None,
    }
}
