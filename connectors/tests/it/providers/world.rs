//! A business with a source, and what its accounts hold.

use std::collections::BTreeMap;
use std::time::Duration;

use connectors::provider::sync::{SourceAt, Syncer};
use connectors::provider::{Connector, Credentials, Grant, MemoryVault, Patience, Secret, plaid, stripe};
use connectors::simulator::{App, Provider};
use domain::SourceId;
use serde_json::{Value, json};

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
        let query = "
            with word as (
                select event.id as at, row ->> 'id' as id, row, true as stands from store.events event,
                    lateral (select added as row from json_array_elements(event.payload -> 'added') added
                             union all
                             select amended -> 'now' from json_array_elements(event.payload -> 'amended') amended) rows
                where event_type = 'account.synced' and business = $1
                union all
                select event.id, row ->> 'id', row, false from store.events event,
                    lateral json_array_elements(event.payload -> 'removed') row
                where event_type = 'account.synced' and business = $1
            ), last as (select distinct on (id) row::text as row, stands from word order by id, at desc)
            select row from last where stands";
        let rows: Vec<String> =
            sqlx::query_scalar(query).bind(self.at.business.to_string()).fetch_all(&self.world.pool).await.unwrap();
        let rows = rows.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
        rows.map(|row| (format!("{} {}", row["reference"].as_str().unwrap(), row["category"]), row)).collect()
    }

    /// Events of the accounts and of the source.
    pub async fn events(&self, event_type: &str) -> Vec<Value> {
        let query = "select payload::text from store.events where business = $1 and event_type = $2 order by id";
        let rows: Vec<String> = sqlx::query_scalar(query)
            .bind(self.at.business.to_string())
            .bind(event_type)
            .fetch_all(&self.world.pool)
            .await
            .unwrap();
        rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
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
    Grant::Code { code: public["public_token"].as_str().unwrap().to_owned(), redirect_uri: String::new() }
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
    Grant::Key(Secret::new("rk_live_simulated"))
}

pub fn credentials(access: &str) -> Credentials {
    Credentials { access: Secret::new(access), refresh: None, expires_at: None, external_id: "account".to_owned() }
}
