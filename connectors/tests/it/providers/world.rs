//! A business with a source, and what its accounts hold.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::DateTime;
use connectors::provider::sync::{SourceAt, Syncer};
use connectors::provider::{Connector, Credentials, Grant, MemoryVault, Patience, Secret, plaid, stripe};
use connectors::simulator::{App, Provider};
use domain::SourceId;
use serde_json::{Value, json};
use streams::{DomainEvent, Event};
use uuid::Uuid;

use crate::servers::World;
use crate::simulator::Simulated;

pub const QUICK: Patience = Patience { tries: 5, first: Duration::from_millis(1), most: Duration::from_secs(2) };

pub struct Connected {
    pub world: World,
    pub vault: MemoryVault,
    pub at: SourceAt,
}

impl Connected {
    pub async fn new() -> Self {
        let world = World::new().await;
        let at = SourceAt { business: world.business, source: SourceId::new() };
        Self { world, vault: MemoryVault::default(), at }
    }

    pub fn syncer<'a>(&'a self, connector: &'a dyn Connector) -> Syncer<'a> {
        let World { commands, pool, .. } = &self.world;
        Syncer { commands, pool, vault: &self.vault, connector, patience: QUICK }
    }

    /// The newest revision of every transaction that stands, by the provider's id.
    pub async fn standing(&self) -> BTreeMap<String, Value> {
        let mut standing = BTreeMap::new();
        for page in self.events("account.synced").await {
            let rows = |member: &str| page[member].as_array().cloned().unwrap_or_default();
            let amended = rows("amended").into_iter().map(|amended| amended["now"].clone());
            for row in rows("added").into_iter().chain(amended) {
                standing.insert(row["id"].to_string(), row);
            }
            for row in rows("removed") {
                standing.remove(&row["id"].to_string());
            }
        }
        let named = |row: Value| (format!("{} {}", row["reference"].as_str().unwrap(), row["category"]), row);
        standing.into_values().map(named).collect()
    }

    /// Events of the accounts and of the source, with their texts.
    pub async fn events(&self, event_type: &str) -> Vec<Value> {
        let query = "select aggregate_type, aggregate_id::uuid, sequence, event_version, payload::text
             from store.events where business = $1 and event_type = $2 order by id";
        let rows: Vec<(String, Uuid, i64, String, String)> = sqlx::query_as(query)
            .bind(self.at.business.to_string())
            .bind(event_type)
            .fetch_all(&self.world.pool)
            .await
            .unwrap();
        let keys = streams::testing::keys(&self.world.pool);
        let mut opened = Vec::new();
        for (aggregate_type, aggregate_id, sequence, event_version, payload) in rows {
            let event = Event {
                position: 0,
                business: self.at.business,
                business_sequence: 0,
                aggregate_type,
                aggregate_id,
                sequence,
                event_type: event_type.to_owned(),
                event_version,
                recorded_at: DateTime::UNIX_EPOCH,
                known_at: DateTime::UNIX_EPOCH,
                hash: [0; 32],
                metadata: HashMap::new(),
                payload: payload.into(),
            };
            opened.push(match event.open(&keys).await.unwrap() {
                DomainEvent::Account(event) => serde_json::to_value(event).unwrap(),
                DomainEvent::Source(event) => serde_json::to_value(event).unwrap(),
                other => panic!("{other:?}"),
            });
        }
        opened
    }
}

/// Sums by kind, in pence.
pub fn by_kind(standing: &BTreeMap<String, Value>) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in standing.values() {
        let mut amount: rust_decimal::Decimal = row["amount"].as_str().unwrap().parse().unwrap();
        amount.rescale(2);
        let kind = row["kind"].as_str().unwrap().to_owned();
        *sums.entry(kind).or_default() += i64::try_from(amount.mantissa()).unwrap();
    }
    sums
}

pub fn plaid(simulated: &Simulated) -> plaid::Plaid {
    let App { client_id, secret, .. } = App::simulated(Provider::Plaid);
    plaid::Plaid::new(plaid::Config {
        base: simulated.url("/plaid"),
        client_id,
        secret: Secret::new(secret),
        countries: vec!["GB".to_owned()],
        days: 730,
    })
}

/// A public token, as Link gives it.
pub async fn public_token(simulated: &Simulated, webhook: Option<&str>) -> Grant {
    public_token_of(simulated, webhook, 730).await
}

/// Of an Item with so many days of history.
pub async fn public_token_of(simulated: &Simulated, webhook: Option<&str>, days: u32) -> Grant {
    let options = json!({"webhook": webhook, "transactions": {"days_requested": days}});
    let (_, public) = simulated.plaid("/sandbox/public_token/create", json!({"options": options})).await;
    Grant::code(public["public_token"].as_str().unwrap(), "")
}

pub fn stripe(simulated: &Simulated, limit: u32) -> stripe::Stripe {
    let App { client_id, secret, webhook_secret } = App::simulated(Provider::Stripe);
    stripe::Stripe::new(stripe::Config {
        base: simulated.url("/stripe"),
        connect: simulated.url("/stripe"),
        client_id: Some(client_id),
        secret: Some(Secret::new(secret)),
        webhook_secrets: vec![Secret::new(webhook_secret)],
        limit,
        accept_test: false,
    })
}

pub fn key() -> Grant {
    Grant::key("rk_live_simulated")
}

pub fn credentials(access: &str) -> Credentials {
    Credentials { access: Secret::new(access), refresh: None, expires_at: None, external_id: "account".to_owned() }
}
