//! A business with a source, and what its accounts hold.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::DateTime;
use connectors::provider::sync::{Run, SourceAt, Syncer};
use connectors::provider::{
    Ask, Begun, Connector, Credentials, Grant, MemoryVault, Patience, Secret, plaid, quickbooks, shopify, stripe,
};
use connectors::simulator::{App, Provider};
use domain::SourceId;
use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
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
        Syncer { commands, pool, vault: &self.vault, connector, patience: QUICK, run: Run::new(None) }
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

    /// What events name of answers, each opened: it is there, and is what its event says.
    pub async fn payloads(&self) -> Vec<Kept> {
        let (pool, keys) = (&self.world.pool, streams::testing::keys(&self.world.pool));
        let mut kept = Vec::new();
        for page in self.events("account.synced").await {
            for payload in page.get("payloads").and_then(Value::as_array).into_iter().flatten() {
                let file = payload["file"].as_str().unwrap().parse().unwrap();
                let opened = streams::files::open(pool, &keys, self.at.business, file).await.unwrap();
                let pieces: Vec<_> = opened.expect("a file of that hash").pieces.try_collect().await.unwrap();
                let body = pieces.concat();
                assert_eq!(payload["sha256"], hex::encode(Sha256::digest(&body)));
                assert_eq!(payload["bytes"], body.len());
                kept.push(Kept { payload: payload.clone(), body });
            }
        }
        kept
    }

    /// What each payout is said to be the sum of, all by the provider's ids and sorted; `?` is not known here.
    pub async fn paid_out(&self) -> BTreeMap<String, Vec<String>> {
        let standing = self.standing().await;
        let names: HashMap<String, &String> =
            standing.iter().map(|(name, row)| (row["id"].to_string(), name)).collect();
        let name = |id: &Value| names.get(&id.to_string()).map_or_else(|| "?".to_owned(), |name| (*name).clone());
        let mut payouts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for told in self.events("account.paid_out").await {
            let holds = told["holds"].as_array().unwrap().iter().map(name);
            payouts.entry(name(&told["payout"])).or_default().extend(holds);
        }
        payouts.values_mut().for_each(|holds| holds.sort_unstable());
        payouts
    }

    /// Every document that stands, by its number or the name of whom it is of, with the references of what pays it.
    pub async fn documents(&self) -> BTreeMap<String, Owed> {
        let standing = self.standing().await;
        let names: HashMap<&Value, &Value> = standing.values().map(|row| (&row["id"], &row["reference"])).collect();
        let (mut documents, mut paid) = (BTreeMap::new(), BTreeMap::new());
        for event in self.events("account.documents_told").await {
            let list = |member: &str| event.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
            documents.extend(list("told").into_iter().map(|one| (one["id"].to_string(), one)));
            list("removed").iter().for_each(|id| drop(documents.remove(&id.to_string())));
            for one in list("settled") {
                paid.insert((one["document"].to_string(), one["payment"].to_string()), one);
            }
        }
        paid.retain(|_, one| decimal(&one["amount"]) != Decimal::ZERO);
        let owed = |(id, mut document): (String, Value)| {
            let payments = paid.iter().filter(|((of, _), _)| *of == id).map(|(_, one)| {
                let payment = names.get(&one["payment"]).map_or("?", |name| name.as_str().unwrap_or("?"));
                (payment.to_owned(), decimal(&one["amount"]))
            });
            let payments = payments.collect();
            document["id"] = Value::Null;
            let name = ["kind", "number", "counterparty", "day", "due", "total"]
                .map(|name| document[name].to_string())
                .join(" ");
            (name, Owed { document, payments })
        };
        documents.into_iter().map(owed).collect()
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
                DomainEvent::Rates(event) => serde_json::to_value(event).unwrap(),
                other => panic!("{other:?}"),
            });
        }
        opened
    }
}

/// A document, and what pays it: by the provider's id of the payment, `?` where it is not known here.
#[derive(Debug, Clone, PartialEq)]
pub struct Owed {
    pub document: Value,
    pub payments: BTreeMap<String, Decimal>,
}

impl Owed {
    pub fn amount(&self, member: &str) -> Decimal {
        decimal(&self.document[member])
    }
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

/// An answer as its event names it, and its bytes.
#[derive(Debug)]
pub struct Kept {
    pub payload: Value,
    pub body: Vec<u8>,
}

/// Sums by kind, in pence.
pub fn by_kind(standing: &BTreeMap<String, Value>) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in standing.values() {
        let mut amount: Decimal = row["amount"].as_str().unwrap().parse().unwrap();
        amount.rescale(2);
        let kind = row["kind"].as_str().unwrap().to_owned();
        *sums.entry(kind).or_default() += i64::try_from(amount.mantissa()).unwrap();
    }
    sums
}

pub fn plaid(simulated: &Simulated) -> plaid::Plaid {
    plaid::Plaid::new(plaid_config(simulated))
}

pub fn plaid_config(simulated: &Simulated) -> plaid::Config {
    let App { client_id, secret, .. } = App::simulated(Provider::Plaid);
    plaid::Config {
        base: simulated.url("/plaid"),
        client_id,
        secret: Secret::new(secret),
        countries: vec!["GB".to_owned()],
        days: 730,
    }
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

pub fn shopify(simulated: &Simulated) -> shopify::Shopify {
    shopify::Shopify::new(shopify_config(simulated))
}

pub fn shopify_config(simulated: &Simulated) -> shopify::Config {
    let App { client_id, secret, .. } = App::simulated(Provider::Shopify);
    shopify::Config {
        base: simulated.url("/shopify/{shop}"),
        client_id,
        secret: Secret::new(secret),
        previous_secret: None,
        scopes: "read_orders".to_owned(),
        bulk: true,
        limit: 50,
        days: 366,
    }
}

pub fn quickbooks_config(simulated: &Simulated) -> quickbooks::Config {
    let App { client_id, secret, webhook_secret } = App::simulated(Provider::QuickBooks);
    quickbooks::Config {
        base: simulated.url("/quickbooks"),
        discovery: simulated.url("/quickbooks/.well-known/openid_configuration"),
        client_id,
        secret: Secret::new(secret),
        verifier_tokens: vec![Secret::new(webhook_secret)],
        limit: 200,
        days: Some(366),
        pause: 0,
    }
}

pub fn quickbooks(simulated: &Simulated) -> quickbooks::QuickBooks {
    quickbooks::QuickBooks::new(quickbooks_config(simulated))
}

/// What the browser brings back after the user agreed: with a verifier, as the program makes one.
pub async fn agreed(simulated: &Simulated, connector: &dyn Connector) -> Grant {
    use base64::Engine;
    let verifier = "a verifier of at least forty-three characters is what is wanted";
    let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let ask = Ask {
        state: "bound to the session".into(),
        redirect_uri: "http://127.0.0.1:9/back".into(),
        webhook: None,
        user: "1".into(),
        repairs: None,
        instance: Some("harbour-coffee.myshopify.com".into()),
        challenge: Some(challenge),
    };
    let Begun::Redirect(page) = connector.begin(&ask).await.unwrap() else { panic!("a page to agree on") };
    assert!(simulated.http.get(&page).send().await.unwrap().text().await.unwrap().contains("Allow"));
    let quiet = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let agree = page.replace("/oauth/authorize", "/oauth/agree").replace("/connect/oauth2", "/connect/agree");
    let answer = quiet.get(agree).send().await.unwrap();
    let back = reqwest::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let params: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!(params["state"], ask.state);
    let (code, redirect_uri) = (params["code"].clone(), ask.redirect_uri);
    Grant::Code { code, redirect_uri, verifier: Some(Secret::new(verifier)), params }
}

/// A company whose time begins now: histories are counted back from the real day.
pub async fn of_today() -> Simulated {
    let mut options = connectors::simulator::Options::new(1, chrono::Utc::now());
    options.speed = 0;
    let simulated = Simulated::with(options).await;
    simulated.control("/limits", &json!({"enabled": false})).await;
    simulated
}

/// What stands, without identities: two sources give the same objects others.
pub async fn figures(connected: &Connected) -> BTreeMap<String, Value> {
    let mut standing = connected.standing().await;
    standing.values_mut().for_each(|row| row["id"] = Value::Null);
    standing
}

/// Messages that the simulator sends to an address of ours.
pub async fn receiving() -> (String, tokio::sync::mpsc::UnboundedReceiver<(axum::http::HeaderMap, axum::body::Bytes)>) {
    let (send, receive) = tokio::sync::mpsc::unbounded_channel();
    let keep = async move |headers: axum::http::HeaderMap, body: axum::body::Bytes| send.send((headers, body)).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/hook", axum::routing::post(keep));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, receive)
}

pub fn key() -> Grant {
    Grant::key("rk_live_simulated")
}

pub fn credentials(access: &str) -> Credentials {
    Credentials { access: Secret::new(access), refresh: None, expires_at: None, external_id: "account".to_owned() }
}
