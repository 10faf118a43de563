//! Disputes: what a customer's bank takes, what it gives back, and that both are told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use connectors::provider::{Connector, Registry};
use connectors::worker;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::payouts::{assert_true, of_days, paying_shop, truth};
use super::stripe::assert_sums;
use super::worker::{Office, PATIENCE};
use super::world::{Connected, key, of_today, stripe};
use crate::simulator::Simulated;

/// Until everything that happened on a day is paid out, whatever day it is.
const PAID_OUT: i64 = 8 * 86_400;

/// What disputes moved, by name.
async fn disputed(connected: &Connected) -> BTreeMap<String, Value> {
    let mut standing = connected.standing().await;
    standing.retain(|_, row| row["category"] == "disputes");
    assert!(standing.values().all(|row| row["kind"] == "refund"), "{standing:?}");
    standing
}

fn amount(row: &Value) -> Decimal {
    row["amount"].as_str().unwrap().parse().unwrap()
}

/// One is won and one is lost, each read where it stands.
async fn two_disputes(simulated: &Simulated, connected: &Connected, connector: &dyn Connector) {
    let syncer = connected.syncer(connector);
    syncer.sync(connected.at).await.unwrap();
    for _ in 0..2 {
        simulated.happens("dispute").await;
    }
    simulated.advance(60).await;
    syncer.sync(connected.at).await.unwrap();
    let taken = disputed(connected).await;
    assert_eq!(taken.len(), 2);
    assert!(taken.values().all(|row| amount(row) < Decimal::ZERO), "{taken:?}");
    simulated.happens("dispute_won").await;
    simulated.happens("dispute_lost").await;
    simulated.advance(PAID_OUT).await;
    syncer.sync(connected.at).await.unwrap();
    let moved = disputed(connected).await;
    assert_eq!(moved.len(), 3, "one that is lost moves nothing more: {moved:?}");
    assert_eq!(moved.values().filter(|row| amount(row) > Decimal::ZERO).count(), 1);
}

/// Each movement, and the fee of each that took something, is in a payout.
async fn assert_paid_out(connected: &Connected) {
    let held: BTreeSet<String> = connected.paid_out().await.into_values().flatten().collect();
    for (name, row) in disputed(connected).await {
        assert!(held.contains(&name), "{name}");
        let fee = format!("{} \"payment_fees\"", row["reference"].as_str().unwrap());
        assert_eq!(held.contains(&fee), amount(&row) < Decimal::ZERO, "{fee}");
    }
}

async fn stripes_disputes(simulated: &Simulated) -> Vec<Value> {
    let (_, list) = simulated.stripe("/v1/disputes").await;
    list["data"].as_array().unwrap().clone()
}

async fn now_there(simulated: &Simulated) -> DateTime<Utc> {
    simulated.truth().await["now"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_dispute_that_is_won_and_one_that_is_lost_are_what_really_happened() {
    let simulated = of_days(30).await;
    let from = now_there(&simulated).await - TimeDelta::days(20);
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 20));
    connected.syncer(&connector).connect(connected.at, "Card payments", &key()).await.unwrap();
    two_disputes(&simulated, &connected, &connector).await;
    assert_sums(&simulated, &connected, from).await;
    let truth = truth(&simulated, ("balance_transaction", "balance_transaction")).await;
    assert!(assert_true(&connected, &truth).await > 10);
    assert_paid_out(&connected).await;
    for dispute in stripes_disputes(&simulated).await {
        let moved = dispute["balance_transactions"].as_array().unwrap();
        assert_eq!(moved.len(), if dispute["status"] == "won" { 2 } else { 1 }, "{dispute}");
        assert_eq!((&moved[0]["type"], &moved[0]["fee"]), (&json!("adjustment"), &json!(2_000)));
        let (_, charge) = simulated.stripe(&format!("/v1/charges/{}", dispute["charge"].as_str().unwrap())).await;
        assert_eq!((&charge["disputed"], &charge["refunded"]), (&json!(true), &json!(false)));
    }
}

#[tokio::test]
async fn a_shop_that_takes_cards_tells_of_the_same_money() {
    let simulated = of_today().await;
    let (connected, connector) = paying_shop(&simulated).await;
    two_disputes(&simulated, &connected, &connector).await;
    let moved: Decimal = disputed(&connected).await.values().map(amount).sum();
    let there = stripes_disputes(&simulated).await;
    let there = there.iter().flat_map(|dispute| dispute["balance_transactions"].as_array().unwrap());
    let there: i64 = there.map(|moved| moved["amount"].as_i64().unwrap()).sum();
    assert_eq!(moved, Decimal::new(there, 2));
    let truth = truth(&simulated, ("shop_transfer", "shop_balance_transaction")).await;
    assert!(assert_true(&connected, &truth).await > 10);
    assert_paid_out(&connected).await;
}

/// Long before the next poll.
#[tokio::test]
async fn a_dispute_wakes_its_source_and_so_does_its_end() {
    let simulated = of_days(5).await;
    let mut registry = Registry::default();
    registry.add(Arc::new(stripe(&simulated, 100)) as Arc<dyn Connector>);
    let (office, base) = Office::hearing(registry).await;
    let url = format!("{base}/api/v1/webhooks/stripe");
    simulated.control("/webhooks", &json!({"provider": "stripe", "url": url})).await;
    let _work = office.work_with(worker::Config { every: Duration::from_secs(3600), ..office.config() });
    let cards = office.connect(&simulated, "stripe").await;
    office.settled(cards).await;
    for (kind, movements) in [("dispute", 1), ("dispute_won", 2)] {
        simulated.happens(kind).await;
        // Time stands still there, and messages with it.
        simulated.advance(1).await;
        let began = Instant::now();
        while disputed(&office.connected).await.len() < movements && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(disputed(&office.connected).await.len(), movements, "{kind}");
    }
    for what in ["created", "funds_withdrawn", "funds_reinstated", "closed"] {
        let (event, began) = (format!("charge.dispute.{what}"), Instant::now());
        while !delivered(&simulated).await.contains(&event) && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(delivered(&simulated).await.contains(&event), "{event}");
    }
}

async fn delivered(simulated: &Simulated) -> String {
    simulated.http.get(simulated.url("/control/webhooks")).send().await.unwrap().text().await.unwrap()
}
