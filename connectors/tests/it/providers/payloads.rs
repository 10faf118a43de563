//! What a provider really said: kept as it came, once, and named by the events that it led to.

use std::time::Duration;

use axum::routing::get;
use connectors::provider::{Connector, Grant, Registry, Settings, quickbooks, shopify};
use domain::BatchId;
use domain::account::AccountCommand;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use streams::{Meta, files};

use super::world::{
    Connected, Kept, agreed, key, of_today, plaid, public_token_of, quickbooks_config, shopify_config, stripe,
};
use crate::simulator::Simulated;

/// Rows of a page that are there after it, each with where its texts stand.
fn rows(page: &Value) -> Vec<(u64, &Value)> {
    let list = |name: &str| page[name].as_array().unwrap();
    let added = (0..).zip(list("added"));
    let first = list("added").len() as u64;
    let amended = (0..).zip(list("amended")).map(|(nth, amended): (u64, _)| (first + 2 * nth + 1, &amended["now"]));
    added.chain(amended).collect()
}

fn told(payload: &Value, place: u64) -> bool {
    payload["places"].as_array().is_none_or(|places| places.contains(&json!(place)))
}

async fn count(connected: &Connected, table: &str) -> i64 {
    let count = format!("select count(*) from files.{table}");
    sqlx::query_scalar(&count).fetch_one(&connected.world.pool).await.unwrap()
}

/// Reads a source, and whether each transaction is in the one answer that is said to tell it.
async fn told_by_one(simulated: &Simulated, connector: &dyn Connector, grant: &Grant) -> (Connected, Vec<Kept>) {
    let connected = Connected::new().await;
    let syncer = connected.syncer(connector);
    let credentials = syncer.connect(connected.at, "Source", grant).await.unwrap();
    simulated.advance(60).await;
    syncer.sync(connected.at).await.unwrap();
    let kept = connected.payloads().await;
    for Kept { body, .. } in &kept {
        let text = String::from_utf8_lossy(body);
        assert!(!text.contains(credentials.access.expose()), "what opens the source is in no answer");
    }
    let mut seen = 0;
    for page in connected.events("account.synced").await {
        for (place, row) in rows(&page) {
            let named = page["payloads"].as_array().unwrap().iter().filter(|payload| told(payload, place));
            let [payload] = named.collect::<Vec<_>>().try_into().unwrap();
            let kept = kept.iter().find(|kept| kept.payload["file"] == payload["file"]).unwrap();
            let reference = row["reference"].as_str().unwrap();
            let body = String::from_utf8_lossy(&kept.body);
            assert!(body.contains(&format!("\"{reference}\"")), "{reference} is not in what told it");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
    (connected, kept)
}

#[tokio::test]
async fn each_line_of_a_bank_is_in_the_answer_that_told_it_with_its_amount() {
    let simulated = Simulated::unlimited().await;
    let grant = public_token_of(&simulated, None, 60).await;
    let (connected, kept) = told_by_one(&simulated, &plaid(&simulated), &grant).await;
    let amount = |body: &Value, id: &Value| -> Decimal {
        let mut lists = ["added", "modified"].iter().flat_map(|name| body[*name].as_array().unwrap());
        let said = lists.rfind(|one| one["transaction_id"] == *id).expect("it was told");
        said["amount"].to_string().parse().unwrap()
    };
    for page in connected.events("account.synced").await {
        for (place, row) in rows(&page) {
            let payload = page["payloads"].as_array().unwrap().iter().find(|payload| told(payload, place)).unwrap();
            let kept = kept.iter().find(|kept| kept.payload["file"] == payload["file"]).unwrap();
            let body: Value = serde_json::from_slice(&kept.body).unwrap();
            let counted: Decimal = row["amount"].as_str().unwrap().parse().unwrap();
            assert_eq!(amount(&body, &row["reference"]), -counted);
        }
    }
}

#[tokio::test]
async fn a_processor_a_shop_and_books_are_kept_as_they_answered() {
    let simulated = of_today().await;
    let (_, kept) = told_by_one(&simulated, &stripe(&simulated, 100), &key()).await;
    assert!(kept.iter().all(|kept| kept.payload["media"] == "application/json"));
    let shop = shopify::Shopify::new(shopify::Config { days: 30, ..shopify_config(&simulated) });
    told_by_one(&simulated, &shop, &agreed(&simulated, &shop).await).await;
    let books = quickbooks::QuickBooks::new(quickbooks::Config { days: Some(60), ..quickbooks_config(&simulated) });
    told_by_one(&simulated, &books, &agreed(&simulated, &books).await).await;
}

#[tokio::test]
async fn all_of_it_once_more_makes_no_second_file() {
    let simulated = Simulated::unlimited().await;
    let (connected, connector) = (Connected::new().await, plaid(&simulated));
    let syncer = connected.syncer(&connector);
    let credentials = syncer.connect(connected.at, "Bank", &public_token_of(&simulated, None, 45).await).await.unwrap();
    simulated.advance(60).await;
    syncer.sync(connected.at).await.unwrap();
    let before = (count(&connected, "file").await, count(&connected, "chunk").await, connected.payloads().await.len());
    assert!(before.0 > 0);
    for account in connector.accounts(&credentials).await.unwrap() {
        let to_cursor = Some(String::new());
        let begin =
            AccountCommand::Sync { batch: BatchId::new(), to_cursor, reported: vec![], removed: vec![], told: vec![] };
        let (id, meta) = (connected.at.account(&account.id), Meta::new(connected.at.business, "test"));
        connected.world.commands.account(id, begin, &meta).await.unwrap();
    }
    let again = syncer.sync(connected.at).await.unwrap();
    assert!(again.pages > 0 && again.counts.added == 0, "{again:?}");
    let after = (count(&connected, "file").await, count(&connected, "chunk").await, connected.payloads().await.len());
    assert_eq!(after, before, "what is known is told by what is kept");
    assert_eq!(files::sweep(&connected.world.pool, Duration::ZERO).await.unwrap(), 0, "all of it is named");
}

#[tokio::test]
async fn a_feed_is_kept_byte_by_byte() {
    const BODY: &str = "\u{feff}id;day;value\r\nA-1;2026-03-02; 12.50\r\nA-2;2026-03-03;-3.10\r\n";
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/rows", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/rows", get(async || BODY));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let text = format!(
        r#"
        [feed.till]
        title = "Till"
        url = "{url}"
        auth = {{ header = "x-till-key" }}
        format = "csv"
        delimiter = ";"
        currency = "GBP"
        paging = {{ by = "none" }}
        fields = {{ id = "id", date = "day", amount = "value" }}
        "#
    );
    let settings: Settings = toml::from_str(&text).unwrap();
    let registry = Registry::configured(&settings);
    let connector = registry.get("till").unwrap().as_ref();
    let connected = Connected::new().await;
    let syncer = connected.syncer(connector);
    syncer.connect(connected.at, "Till", &Grant::key("secret of the till")).await.unwrap();
    for _ in 0..2 {
        syncer.sync(connected.at).await.unwrap();
        let [kept] = connected.payloads().await.try_into().unwrap();
        assert_eq!((kept.body.as_slice(), &kept.payload["media"]), (BODY.as_bytes(), &json!("text/plain")));
        assert!(kept.payload.get("places").is_none(), "it told all of them");
    }
    let clear = "select count(*) from files.chunk where position('A-1'::bytea in sealed) > 0";
    let clear: i64 = sqlx::query_scalar(clear).fetch_one(&connected.world.pool).await.unwrap();
    assert_eq!((count(&connected, "file").await, clear), (1, 0));
}
