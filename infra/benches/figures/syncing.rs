//! The whole sync path behind a provider that answers at once: pages of a history, and a thousand sources that are all
//! due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use connectors::connections::Connections;
use connectors::provider::sync::{Run, SourceAt, Syncer};
use connectors::provider::{
    Ask, Begun, Connector, Credentials, Documents, FoundAccount, Grant, Hint, MemoryVault, Page, Patience, Place,
    ProviderError, Registry, Reported, Secret, Then, Vault, WebhookRefused,
};
use connectors::worker::{self, Budgets};
use domain::source::SourceKind;
use domain::{Booked, Kind, SourceId};
use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::World;
use crate::{ROUNDS, percentile, spread};

const PAGES: u32 = 100;
const A_PAGE: u32 = 500;
const SOURCES: usize = 1_000;
/// Polled every five minutes.
const NEEDED: f64 = 1_000.0 / 300.0;
/// From one source's time to the next one's, where they come in turn.
const STEP_MILLIS: i64 = 30;

/// One account with so many pages; nothing new after them.
#[derive(Debug, Clone)]
struct Instantly(u32);

#[async_trait]
impl Connector for Instantly {
    fn shared(&self) -> Arc<dyn Connector> {
        Arc::new(self.clone())
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Stripe
    }

    fn title(&self) -> &str {
        "Instantly"
    }

    fn is_loop_whole(&self) -> bool {
        false
    }

    async fn begin(&self, _: &Ask) -> Result<Begun, ProviderError> {
        Ok(Begun::Key)
    }

    async fn complete(&self, _: &Grant) -> Result<Credentials, ProviderError> {
        Ok(Credentials {
            access: Secret::new("key"),
            refresh: None,
            expires_at: None,
            external_id: SourceId::new().to_string(),
        })
    }

    async fn refresh(&self, credentials: &Credentials) -> Result<Credentials, ProviderError> {
        Ok(credentials.clone())
    }

    async fn accounts(&self, _: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
        let currency = "GBP".parse().unwrap();
        Ok(vec![FoundAccount {
            id: "account".to_owned(),
            name: "Account".to_owned(),
            currency,
            balance: None,
            mark: None,
        }])
    }

    async fn pull(&self, _: &Credentials, _: &FoundAccount, place: Place<'_>) -> Result<Page, ProviderError> {
        let (page, reported): (u32, Vec<Reported>) = match (place.cursor, place.page) {
            (None, page) if self.0 > 0 => {
                let page: u32 = page.map_or(0, |page| page.parse().unwrap());
                (page + 1, (0..A_PAGE).map(|line| transaction(page * A_PAGE + line)).collect())
            }
            _ => (self.0, Vec::new()),
        };
        let then = if page >= self.0 { Then::Done(Some("end".to_owned())) } else { Then::More(page.to_string()) };
        // As large as an answer, and another one each time.
        let payload = format!("{reported:?}").into();
        Ok(Page { reported, removed: Vec::new(), documents: Documents::default(), payouts: Vec::new(), then, payload })
    }

    async fn webhook(&self, _: &HeaderMap, _: &[u8], _: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
        Err(WebhookRefused::Forged)
    }

    async fn disconnect(&self, _: &Credentials) -> Result<(), ProviderError> {
        Ok(())
    }
}

fn transaction(number: u32) -> Reported {
    Reported {
        entity: "line",
        id: format!("line_{number}"),
        replaces: None,
        pending: false,
        booked: Booked::Instant(Utc::now() - chrono::TimeDelta::minutes(number.into())),
        value_date: None,
        amount: Decimal::new(i64::from(number % 10_000) + 1, 2),
        currency: "GBP".parse().unwrap(),
        kind: Kind::Revenue,
        category: "product_sale".parse().unwrap(),
        provider_category: None,
        description: Some(format!("Sale {number}")),
        counterparty: None,
        converted: None,
    }
}

pub async fn measure() {
    let (mut pages, mut rounds, mut lags) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        pages.push(f64::from(PAGES) / history().await.as_secs_f64());
        let (took, mut late) = thousand().await;
        rounds.push(SOURCES as f64 / took.as_secs_f64());
        lags.append(&mut late);
    }
    let transactions: Vec<f64> = pages.iter().map(|rate| rate * f64::from(A_PAGE)).collect();
    println!("sync     {} pages/s of {A_PAGE}, {} transactions/s", spread(&pages), spread(&transactions));
    println!("         {SOURCES} sources, all due: {} polls/s ({NEEDED:.1} needed at one in 5 min)", spread(&rounds));
    println!(
        "         the same at {:.0} polls/s, ten times what is needed: behind their time by p50 {} ms, p99 {} ms",
        1000.0 / STEP_MILLIS as f64,
        percentile(&mut lags, 50),
        percentile(&mut lags, 99),
    );
}

/// Until everything is recorded and has its position.
async fn history() -> Duration {
    let mut world = World::new().await;
    world.sequence();
    let (vault, connector) = (MemoryVault::default(), Instantly(PAGES));
    let syncer = Syncer {
        run: Run::new(None),
        commands: &world.commands,
        pool: &world.pool,
        vault: &vault,
        connector: &connector,
        patience: Patience::default(),
    };
    let at = SourceAt { business: world.business, source: SourceId::new() };
    syncer.connect(at, "Bench", &Grant::key("key")).await.unwrap();
    let begun = Instant::now();
    let outcome = syncer.sync(at).await.unwrap();
    world.sequenced().await;
    let took = begun.elapsed();
    assert_eq!(outcome.counts.added, u64::from(PAGES * A_PAGE));
    world.stop().await;
    took
}

/// Sources without news, polled by one worker: how long all take that are due at once, and by how much each is behind
/// its time where they are due in turn.
async fn thousand() -> (Duration, Vec<Duration>) {
    let mut world = World::new().await;
    world.sequence();
    let mut registry = Registry::default();
    registry.add(Arc::new(Instantly(0)));
    let vault = Arc::new(MemoryVault::default());
    let connections = Connections {
        commands: world.commands.clone(),
        pool: world.pool.clone(),
        vault: vault.clone(),
        registry,
        page: String::new(),
        webhooks: None,
        patience: Patience::default(),
    };
    connect_all(&world, &connections, &*vault).await;
    let stop = CancellationToken::new();
    let config = worker::Config {
        connections,
        every: Duration::from_secs(3600),
        at_most: 16,
        lease: Duration::from_secs(30),
        budgets: Budgets { of: BTreeMap::new(), otherwise: 10_000.0 },
    };
    let begun = Instant::now();
    let working = tokio::spawn(worker::run(config, stop.clone()));
    until_each_succeeded(&world, DateTime::UNIX_EPOCH).await;
    let took = begun.elapsed();
    let lags = in_turn(&world).await;
    stop.cancel();
    working.await.unwrap();
    world.stop().await;
    (took, lags)
}

async fn until_each_succeeded(world: &World, after: DateTime<Utc>) {
    let done = "select count(*) from connectors.connection where succeeded_at > $1";
    loop {
        let done: i64 = sqlx::query_scalar(done).bind(after).fetch_one(&world.pool).await.unwrap();
        if usize::try_from(done).unwrap() == SOURCES {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Each is due a step after the one before; from its time until its poll began.
async fn in_turn(world: &World) -> Vec<Duration> {
    let begun = Utc::now();
    let due = "update connectors.connection c set next_at = $1 + $2 * (n.number * interval '1 millisecond')
        from (select source, row_number() over (order by source) as number from connectors.connection) n
        where n.source = c.source returning c.source, c.next_at";
    let due: Vec<(Uuid, DateTime<Utc>)> =
        sqlx::query_as(due).bind(begun).bind(STEP_MILLIS).fetch_all(&world.pool).await.unwrap();
    until_each_succeeded(world, begun).await;
    let began = "select source, began_at from connectors.connection";
    let began: Vec<(Uuid, DateTime<Utc>)> = sqlx::query_as(began).fetch_all(&world.pool).await.unwrap();
    let began: BTreeMap<_, _> = began.into_iter().collect();
    due.into_iter().map(|(source, due)| (began[&source] - due).to_std().unwrap_or_default()).collect()
}

async fn connect_all(world: &World, connections: &Connections, vault: &dyn Vault) {
    let connector = connections.registry.get("stripe").unwrap().clone();
    let syncer = connections.syncer(connector.as_ref());
    for _ in 0..SOURCES {
        let at = SourceAt { business: world.business, source: SourceId::new() };
        let credentials = syncer.connect(at, "Bench", &Grant::key("key")).await.unwrap();
        vault.keep(at.business, at.source, &credentials).await.unwrap();
        let insert = "insert into connectors.connection (source, business, provider, external_id, state, accounts)
            values ($1, $2, 'stripe', $3, 'active', array[$4])";
        let query = sqlx::query(insert).bind(at.source.as_uuid()).bind(at.business.as_uuid());
        let query = query.bind(&credentials.external_id).bind(at.account("account").as_uuid());
        query.execute(&world.pool).await.unwrap();
    }
}
