//! What is in a payout, by its provider's own word: exactly what really was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, Utc};
use connectors::provider::{Connector, Credentials, Payout, Secret, Vault, shopify};
use connectors::simulator::{Options, Scenario};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::budget::asked;
use super::world::{Connected, agreed, credentials, key, shopify_config, stripe};
use crate::simulator::Simulated;

const DAYS: i64 = 30;

/// A company whose year of history, counted back from the real day, has so many days left.
pub async fn of_days(days: i64) -> Simulated {
    let mut options = Options::new(1, Utc::now() - TimeDelta::days(366 - days));
    options.speed = 0;
    let simulated = Simulated::with(options).await;
    simulated.control("/limits", &json!({"enabled": false})).await;
    simulated
}

/// The payouts that there really are: the sum of each, and what is in it by the provider's ids.
pub type Truth = BTreeMap<String, (i64, BTreeSet<String>)>;

/// `own`, `part`: where it says the provider's ids of a payout's own transaction and of a part.
pub async fn truth(simulated: &Simulated, (own, part): (&str, &str)) -> Truth {
    let answer = simulated.http.get(simulated.url("/control/truth?from=2000-01-01")).send().await.unwrap();
    let truth: Value = answer.json().await.unwrap();
    let chains = truth["same_money"].as_array().unwrap().iter();
    let of = |chain: &Value| {
        let mut parts = BTreeSet::new();
        for one in chain["parts"].as_array().unwrap() {
            let id = one[part].as_str().unwrap();
            parts.insert(format!("{id} gross"));
            if one["fee"] != 0 {
                parts.insert(format!("{id} fee"));
            }
        }
        (chain["pence"].as_i64().unwrap(), parts)
    };
    chains.map(|chain| (chain[own].as_str().unwrap().to_owned(), of(chain))).collect()
}

/// Compares what is recorded with what really is; how many payouts are whole here.
pub async fn assert_true(connected: &Connected, truth: &Truth) -> usize {
    let standing = connected.standing().await;
    let plain = |name: &str| {
        let id = standing[name]["reference"].as_str().unwrap();
        let what = if standing[name]["category"] == "payment_fees" { "fee" } else { "gross" };
        format!("{id} {what}")
    };
    let told = connected.paid_out().await;
    let mut whole = 0;
    for (payout, holds) in &told {
        let own = standing[payout]["reference"].as_str().unwrap();
        let (pence, parts) = &truth[own];
        assert_eq!(holds.len(), parts.len(), "{payout}");
        let known: BTreeSet<_> = holds.iter().filter(|name| *name != "?").map(|name| plain(name)).collect();
        assert!(known.is_subset(parts), "{payout}");
        if known.len() == parts.len() {
            let amount = |name: &String| standing[name]["amount"].as_str().unwrap().parse::<Decimal>().unwrap();
            assert_eq!(holds.iter().map(amount).sum::<Decimal>(), Decimal::new(*pence, 2), "{payout}");
            assert_eq!(-amount(payout), Decimal::new(*pence, 2));
            whole += 1;
        }
    }
    let payouts = standing.values().filter(|row| row["kind"] == "internal_transfer").count();
    assert_eq!(told.len(), payouts, "every payout is told of");
    whole
}

/// In two syncs, and again from the beginning.
async fn synced_twice(simulated: &Simulated, connected: &Connected, connector: &dyn Connector) {
    let syncer = connected.syncer(connector);
    syncer.sync(connected.at).await.unwrap();
    simulated.advance(3 * 86_400).await;
    syncer.sync(connected.at).await.unwrap();
    let events = connected.events("account.paid_out").await.len();
    syncer.sync(connected.at).await.unwrap();
    assert_eq!(connected.events("account.paid_out").await.len(), events, "what is known is told once");
}

#[tokio::test]
async fn what_is_in_stripes_payouts_is_what_really_was() {
    let simulated = of_days(DAYS).await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 20));
    connected.syncer(&connector).connect(connected.at, "Card payments", &key()).await.unwrap();
    synced_twice(&simulated, &connected, &connector).await;
    let truth = truth(&simulated, ("balance_transaction", "balance_transaction")).await;
    assert!(assert_true(&connected, &truth).await > 10);
}

/// One that takes the cards itself, connected with a token that does not expire.
pub async fn paying_shop(simulated: &Simulated) -> (Connected, shopify::Shopify) {
    simulated.control("/payments", &json!({"shopify": true})).await;
    let config = shopify::Config { days: 30, bulk: false, ..shopify_config(simulated) };
    let (connected, connector) = (Connected::new().await, shopify::Shopify::new(config));
    let grant = agreed(simulated, &connector).await;
    connected.syncer(&connector).connect(connected.at, "Shop", &grant).await.unwrap();
    let external_id = "harbour-coffee.myshopify.com".to_owned();
    let access = Secret::new("shpat_simulated");
    let credentials = Credentials { access, refresh: None, expires_at: None, external_id };
    connected.vault.keep(connected.at.business, connected.at.source, &credentials).await.unwrap();
    (connected, connector)
}

#[tokio::test]
async fn what_is_in_the_payouts_of_a_shop_that_takes_cards_is_what_really_was() {
    let simulated = super::world::of_today().await;
    let (connected, connector) = paying_shop(&simulated).await;
    synced_twice(&simulated, &connected, &connector).await;
    let truth = truth(&simulated, ("shop_transfer", "shop_balance_transaction")).await;
    assert!(assert_true(&connected, &truth).await > 10);
}

/// Whoever asks for one after the other asks no sooner than the answer before is there.
#[tokio::test]
async fn payouts_that_are_recorded_together_are_asked_for_at_once() {
    const LATENCY: TimeDelta = TimeDelta::milliseconds(100);
    let simulated = of_days(10).await;
    let (connected, connector) = (Connected::new().await, stripe(&simulated, 100));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Card payments", &key()).await.unwrap();
    let latency = json!({"kind": "latency", "millis": LATENCY.num_milliseconds()});
    simulated.control("/faults", &latency).await;
    let began = Utc::now();
    syncer.sync(connected.at).await.unwrap();
    assert!(connected.paid_out().await.len() > 3);
    let moments = asked(&simulated, "stripe", began).await;
    assert!(moments.windows(2).any(|two| two[1] - two[0] < LATENCY), "{moments:?}");
}

#[tokio::test]
async fn a_payout_that_was_asked_for_by_hand_has_no_contents() {
    let error = json!({"error": {"type": "invalid_request_error", "param": "payout",
        "message": "Balance transaction history can only be filtered on automatic transfers, not manual."}});
    let step = json!({"request": {"path": "/v1/balance_transactions"}, "respond": {"status": 400, "body": error}});
    let scenario = Scenario::parse(&json!({"steps": [step]}).to_string()).unwrap();
    let simulated = Simulated::playing(scenario).await;
    let day = Utc::now().date_naive();
    let payout = Payout { transaction: ("balance_transaction", "txn_1".into()), id: "po_1".into(), day };
    let contents = stripe(&simulated, 10).contents(&credentials("rk_live_simulated"), &payout, None).await.unwrap();
    assert_eq!((contents.holds, contents.next), (vec![], None));
}
