//! A business on real servers: an event store of its own with a running sequencer.

use std::path::Path;

use connectors::file::import::{Request, defaults_of, import};
use connectors::file::{ImportError, Limits, Mapping, Report};
use domain::business::BusinessCommand;
use domain::{BusinessId, FiscalMonth};
use sqlx::PgPool;
use streams::testing::{Database, Nats};
use streams::{Commands, Meta};
use tokio_util::sync::CancellationToken;

pub struct World {
    pub commands: Commands,
    pub pool: PgPool,
    pub business: BusinessId,
    stop: CancellationToken,
    _database: Database,
    _nats: Nats,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    pub async fn new() -> Self {
        let (database, nats) = (Database::create().await, Nats::connect().await);
        let pool = database.pool();
        let stop = CancellationToken::new();
        sequence(pool.clone(), &nats, stop.clone());
        let commands = streams::testing::commands(pool.clone());
        let mut world = Self { commands, pool, business: BusinessId::new(), stop, _database: database, _nats: nats };
        world.another_business().await;
        world
    }

    /// From here on the world is about a new business, in the same store.
    pub async fn another_business(&mut self) {
        let business = BusinessId::new();
        let register = BusinessCommand::Register {
            id: business,
            name: "Shop".to_owned(),
            base_currency: "EUR".parse().unwrap(),
            time_zone: "Europe/London".parse().unwrap(),
            fiscal_year_first_month: FiscalMonth::JANUARY,
            founder: None,
        };
        self.commands.business(business, register, &Meta::new(business, "test")).await.unwrap();
        self.business = business;
    }

    pub async fn request(&self, path: &Path, mapping: Option<&str>) -> Request {
        Request {
            business: self.business,
            meta: Meta::new(self.business, "test"),
            path: path.to_owned(),
            file: path.file_name().unwrap().to_string_lossy().into_owned(),
            mapping: mapping.map(|text| Mapping::parse(text).unwrap()),
            defaults: defaults_of(&self.pool, &streams::testing::keys(&self.pool), self.business, None).await.unwrap(),
            strict: false,
            dry_run: false,
            limits: Limits::default(),
        }
    }

    pub async fn import(&self, request: &Request) -> Result<Report, ImportError> {
        import(&self.commands, &self.pool, request, |_| ()).await
    }

    pub async fn import_path(&self, path: &Path) -> Report {
        self.import(&self.request(path, None).await).await.unwrap()
    }

    /// Events of the business in the store that are no refusals.
    pub async fn events(&self) -> i64 {
        let query = "select count(*) from store.events
            where business = $1 and event_type <> 'security.command_refused'";
        sqlx::query_scalar(query).bind(self.business.to_string()).fetch_one(&self.pool).await.unwrap()
    }

    /// The commands that were refused, with their codes, oldest first.
    pub async fn refusals(&self) -> Vec<(String, String)> {
        let query = "select payload ->> 'command', payload ->> 'code' from store.events
            where business = $1 and event_type = 'security.command_refused' order by id";
        sqlx::query_as(query).bind(self.business.to_string()).fetch_all(&self.pool).await.unwrap()
    }

    /// Count and sum of the newest revision of every transaction, from the events alone.
    pub async fn total(&self) -> (i64, String) {
        let query = "
            with revision as (
                select distinct on (row ->> 'id') row from store.events event,
                    lateral (select added as row from json_array_elements(event.payload -> 'added') added
                             union all
                             select amended -> 'now' from json_array_elements(event.payload -> 'amended') amended) rows
                where event.event_type = 'account.synced' and business = $1
                order by row ->> 'id', event.id desc
            )
            select count(*), coalesce(sum((row ->> 'amount')::numeric), 0)::text from revision";
        sqlx::query_as(query).bind(self.business.to_string()).fetch_one(&self.pool).await.unwrap()
    }
}

fn sequence(pool: PgPool, nats: &Nats, stop: CancellationToken) {
    let mut config = streams::sequencer::Config::new(pool, nats.client(), nats.prefix());
    config.storage = async_nats::jetstream::stream::StorageType::Memory;
    tokio::spawn(async move { streams::sequencer::run(config, stop).await.unwrap() });
}
