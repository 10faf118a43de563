//! A store of its own with the roles of `workdock up` on it, and the real set.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use connectors::file::import::{Request, import};
use connectors::file::{Defaults, Limits, Report};
use domain::account::AccountCommand;
use domain::business::BusinessCommand;
use domain::{AccountId, BatchId, Booked, BusinessId, FiscalMonth, Kind, SourceId, Transaction, TransactionId};
use projectors::{Audit, Entities, Metrics};
use rust_decimal::Decimal;
use sqlx::PgPool;
use streams::projection::{self, Projection};
use streams::testing::{Database, Nats};
use streams::{Commands, Meta, Receipt, sequencer};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct World {
    /// Dropped with its database when the bench ends.
    _database: Database,
    pub pool: PgPool,
    pub nats: Nats,
    pub commands: Commands,
    pub business: BusinessId,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

pub fn file() -> PathBuf {
    let beside =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/transactions/uk_online_retail_2010_2011.csv.gz");
    std::env::var_os("WORKDOCK_BENCH_FILE").map_or_else(|| beside.into(), PathBuf::from)
}

/// What the figures rest on.
pub async fn print_settings() {
    let database = Database::create().await;
    let query = "select string_agg(name || ' ' || setting, ', ' order by name) from pg_settings
                 where name in ('fsync', 'synchronous_commit', 'server_version')";
    let settings: String = sqlx::query_scalar(query).fetch_one(&database.pool()).await.unwrap();
    println!("servers  PostgreSQL: {settings}; JetStream on files");
}

pub fn projections() -> Vec<Arc<dyn Projection>> {
    vec![Arc::new(Entities::new()), Arc::new(Metrics::new()), Arc::new(Audit::new())]
}

impl World {
    /// A migrated store with one business; nothing follows it yet.
    pub async fn new() -> Self {
        let database = Database::create().await;
        let pool = database.pool();
        projection::prepare(&pool, &projections()).await.unwrap();
        let commands = streams::testing::commands(pool.clone());
        let business = BusinessId::new();
        let register = BusinessCommand::Register {
            id: business,
            name: "Bench".to_owned(),
            base_currency: "GBP".parse().unwrap(),
            time_zone: "Europe/London".parse().unwrap(),
            fiscal_year_first_month: FiscalMonth::JANUARY,
            founder: None,
        };
        commands.business(business, register, &Meta::new(business, "bench")).await.unwrap();
        let (stop, tasks) = (CancellationToken::new(), Vec::new());
        let nats = Nats::connect().await;
        Self { _database: database, pool, nats, commands, business, stop, tasks }
    }

    pub fn sequence(&mut self) {
        let config = sequencer::Config::new(self.pool.clone(), self.nats.client(), self.nats.prefix());
        let stop = self.stop.clone();
        self.tasks.push(tokio::spawn(async move { sequencer::run(config, stop).await.unwrap() }));
    }

    pub fn project(&mut self) {
        let config = projection::Config::new(self.pool.clone(), self.nats.client(), self.nats.prefix());
        self.tasks.push(tokio::spawn(projection::run(config, projections(), self.stop.clone())));
    }

    pub async fn import(&self) -> Report {
        self.import_file(&file()).await
    }

    pub async fn import_file(&self, path: &Path) -> Report {
        self.import_into(path, None).await
    }

    /// `account`: what it is called. The same file into another account is new.
    pub async fn import_into(&self, path: &Path, account: Option<&str>) -> Report {
        let request = Request {
            business: self.business,
            meta: Meta::new(self.business, "bench"),
            path: path.to_owned(),
            file: "bench".to_owned(),
            mapping: None,
            defaults: Defaults {
                currency: "GBP".parse().unwrap(),
                zone: "Europe/London".parse().unwrap(),
                account: account.map(str::to_owned),
                remembered: Vec::new(),
            },
            strict: false,
            dry_run: false,
            limits: Limits::default(),
        };
        import(&self.commands, &self.pool, &request, |_| ()).await.unwrap()
    }

    /// How large what was recorded is, on average.
    pub async fn bytes_of_an_event(&self) -> i64 {
        let query = "select avg(octet_length(payload::text))::bigint from store.events";
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    /// An open account of a source that nobody looks at; queries know it.
    pub async fn account(&self) -> AccountId {
        let id = self.account_unseen().await;
        let head = streams::log::head(&self.pool).await.unwrap().position;
        self.shown(head).await;
        id
    }

    /// An open account; nothing but the sequencer need run.
    pub async fn account_unseen(&self) -> AccountId {
        let id = AccountId::new();
        let open = AccountCommand::Open {
            id,
            business: self.business,
            source: SourceId::new(),
            name: "Account".to_owned(),
            currency: "GBP".parse().unwrap(),
            external_id: None,
        };
        let opened = self.commands.account(id, open, &Meta::new(self.business, "bench")).await.unwrap();
        self.commands.position_of(&opened).await.unwrap();
        id
    }

    /// Waits until everything that is recorded has a position; gives the last one.
    pub async fn sequenced(&self) -> i64 {
        let counts = "select (select count(*) from store.events), (select coalesce(max(position), 0) from store.log)";
        loop {
            let (events, head): (i64, i64) = sqlx::query_as(counts).fetch_one(&self.pool).await.unwrap();
            if events == head {
                return head;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// One transaction of today.
    pub async fn sync_one(&self, account: AccountId, name: &str) -> Receipt {
        let transaction = Transaction {
            id: TransactionId::derive([account.as_uuid().as_bytes().as_slice(), name.as_bytes()]),
            booked: Booked::Instant(chrono::Utc::now()),
            value_date: None,
            pending: false,
            amount: Decimal::new(1_999, 2),
            currency: "GBP".parse().unwrap(),
            kind: Kind::Revenue,
            category: "product_sale".parse().unwrap(),
            provider_category: None,
            decided: None,
            description: Some(format!("Sale {name}")),
            counterparty: None,
            reference: None,
            line: None,
        };
        let sync = AccountCommand::Sync {
            batch: BatchId::new(),
            to_cursor: None,
            reported: vec![transaction],
            removed: Vec::new(),
            told: vec![],
        };
        self.commands.account(account, sync, &Meta::new(self.business, "bench")).await.unwrap()
    }

    /// Waits until every projection has passed a position.
    pub async fn shown(&self, position: i64) {
        for name in ["entities", "metrics"] {
            projection::wait_for(&self.pool, name, position, Duration::from_secs(600)).await.unwrap();
        }
    }

    /// Ends what follows the log; the log stays.
    pub async fn pause(&mut self) {
        self.stop.cancel();
        for task in std::mem::take(&mut self.tasks) {
            task.await.unwrap();
        }
    }

    pub async fn stop(mut self) {
        self.pause().await;
        self.pool.close().await;
    }
}
