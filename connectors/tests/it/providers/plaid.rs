use std::collections::BTreeMap;

use axum::http::HeaderMap;
use chrono::Utc;
use connectors::provider::sync::SyncError;
use connectors::provider::{Ask, Begun, Connector, ProviderError, WebhookRefused, What};
use connectors::simulator::Scenario;
use domain::meaning::TREE;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::world::{Connected, by_kind, plaid, public_token};
use crate::simulator::{Simulated, payload};

#[tokio::test]
async fn the_recorded_conversation_ends_with_the_expected_transactions() {
    let Some(scenario) = payload("plaid/scenario_sync.json") else { return };
    let expected = &payload("plaid/expected.json").unwrap()["scenario_sync.json"];
    let simulated = Simulated::playing(Scenario::parse(&scenario.to_string()).unwrap()).await;
    let (connected, connector) = (Connected::new().await, plaid(&simulated));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Bank", &public_token(&simulated, None).await).await.unwrap();
    // Not ready; the history with a restart; the pending one settles; nothing new, twice.
    for _ in 0..5 {
        syncer.sync(connected.at).await.unwrap();
    }
    let standing = connected.standing().await;
    let by_reference: BTreeMap<&str, &Value> =
        standing.values().map(|row| (row["reference"].as_str().unwrap(), row)).collect();
    let transactions = expected["transactions"].as_array().unwrap();
    assert_eq!(by_reference.len(), transactions.len());
    let decimal = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
    for one in transactions {
        let row = by_reference[one["source_id"].as_str().unwrap()];
        assert_eq!(decimal(&row["amount"]), decimal(&one["amount"]), "{one}");
        assert_eq!((&row["booked"], &row["currency"]), (&one["date"], &one["currency"]));
        assert_eq!(row["description"], one["description"]);
        assert_eq!(row.get("counterparty").unwrap_or(&Value::Null), &one["merchant"]);
        assert_eq!(row["provider_category"], one["provider_category"]);
        assert!(TREE.iter().any(|node| row["category"] == node.key), "{} has a place in the tree", row["category"]);
        assert_eq!(row.get("pending").is_some(), one["status"] == "pending", "{one}");
    }
    let sum: Decimal = standing.values().map(|row| decimal(&row["amount"])).sum();
    assert_eq!(sum, decimal(&expected["sum"]));
    let pages = connected.events("account.synced").await;
    assert_eq!(pages.last().unwrap()["to_cursor"], expected["stored_cursor"]);
    let removed: usize = pages.iter().map(|page| page["removed"].as_array().unwrap().len()).sum();
    assert_eq!(removed, 0, "the pending line went on as the posted one");
    let played: Value =
        simulated.http.get(simulated.url("/control/scenario")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&played["done"], &played["mismatches"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn two_weeks_in_steps_agree_with_the_truth_and_with_one_pull() {
    let simulated = Simulated::unlimited().await;
    let (connected, connector) = (Connected::new().await, plaid(&simulated));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Bank", &public_token(&simulated, None).await).await.unwrap();
    for seconds in [5, 60, 86_400, 3 * 86_400, 10 * 86_400] {
        simulated.advance(seconds).await;
        syncer.sync(connected.at).await.unwrap();
    }
    let again = syncer.sync(connected.at).await.unwrap();
    assert_eq!((again.counts.added, again.counts.amended, again.counts.removed), (0, 0, 0));

    let standing = connected.standing().await;
    // Truth of the days that the Item's history covers.
    let from = "2025-03-01";
    let truth = simulated.http.get(simulated.url(&format!("/control/truth?from={from}"))).send().await.unwrap();
    let truth: Value = truth.json().await.unwrap();
    let since = standing.iter().filter(|(_, row)| row["booked"].as_str().unwrap() >= from);
    let since: BTreeMap<_, _> = since.map(|(key, row)| (key.clone(), row.clone())).collect();
    let sums = by_kind(&since);
    assert_eq!(truth["total"]["transfers_in"], sums["revenue"]);
    assert_eq!(truth["total"]["by_kind"]["tax"], sums["tax"]);
    assert_eq!(
        truth["total"]["by_kind"]["expense"].as_i64().unwrap() - truth["total"]["fees"].as_i64().unwrap(),
        sums["expense"]
    );

    let fresh = Connected::new().await;
    let syncer = fresh.syncer(&connector);
    syncer.connect(fresh.at, "Bank", &public_token(&simulated, None).await).await.unwrap();
    simulated.advance(60).await;
    let outcome = syncer.sync(fresh.at).await.unwrap();
    let without_ids = |standing: &BTreeMap<String, Value>| {
        let mut standing = standing.clone();
        standing.values_mut().for_each(|row| row["id"] = Value::Null);
        standing
    };
    let oldest = fresh.standing().await.values().map(|row| row["booked"].as_str().unwrap().to_owned()).min();
    let mut one_pull = without_ids(&standing);
    one_pull.retain(|_, row| row["booked"].as_str() >= oldest.as_deref());
    assert_eq!(without_ids(&fresh.standing().await), one_pull);
    let held: Vec<_> = outcome.accounts.iter().map(|account| account.balance.unwrap().current.to_string()).collect();
    let balances = &simulated.truth().await["balances"];
    let text = |name: &str| Decimal::new(balances[name].as_i64().unwrap(), 2).to_string();
    assert_eq!(held[..2], [text("Business current account"), text("Tax and reserve savings")]);
}

#[tokio::test]
async fn a_pending_line_stays_one_transaction() {
    let simulated = Simulated::unlimited().await;
    let (connected, connector) = (Connected::new().await, plaid(&simulated));
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Bank", &public_token(&simulated, None).await).await.unwrap();
    simulated.advance(60).await;
    let happening =
        json!({"key": "fuel", "pence": -10_000, "description": "FUEL", "after_seconds": 600, "settles_at": -6_120});
    simulated.control("/happen", &happening).await;
    simulated
        .control("/happen", &json!({"key": "hold", "pence": -5_000, "description": "HOLD", "after_seconds": 600}))
        .await;
    syncer.sync(connected.at).await.unwrap();
    let named = async |name: &str| -> Vec<Value> {
        connected.standing().await.into_values().filter(|row| row["description"] == name).collect()
    };
    let held = named("FUEL").await;
    assert_eq!((held.len(), &held[0]["amount"], named("HOLD").await.len()), (1, &json!("-100.0"), 1));
    simulated.advance(601).await;
    syncer.sync(connected.at).await.unwrap();
    let settled = named("FUEL").await;
    assert_eq!((settled.len(), &settled[0]["amount"]), (1, &json!("-61.2")));
    assert_eq!(settled[0]["id"], held[0]["id"]);
    assert_ne!(settled[0]["reference"], held[0]["reference"]);
    assert!(named("HOLD").await.is_empty(), "the hold vanished");
}

#[tokio::test]
async fn a_day_of_faults_ends_as_a_day_without() {
    let simulated = Simulated::unlimited().await;
    let connector = plaid(&simulated);
    let (calm, troubled) = (Connected::new().await, Connected::new().await);
    for connected in [&calm, &troubled] {
        connected
            .syncer(&connector)
            .connect(connected.at, "Bank", &public_token(&simulated, None).await)
            .await
            .unwrap();
    }
    simulated.advance(60).await;
    calm.syncer(&connector).sync(calm.at).await.unwrap();
    let faults = [
        json!({"kind": "server_error", "permille": 250}),
        json!({"kind": "rate_limited", "permille": 150, "retry_after": 0}),
        json!({"kind": "cut", "permille": 150}),
        json!({"kind": "mutation", "permille": 400, "times": 4}),
        json!({"kind": "unknown_fields", "permille": 300}),
        json!({"kind": "unknown_values", "permille": 300}),
        json!({"kind": "missing_optionals", "permille": 300}),
    ];
    for fault in &faults {
        simulated.control("/faults", fault).await;
    }
    for _ in 0..24 {
        // A round that fails is made good by a later one.
        let _ = troubled.syncer(&connector).sync(troubled.at).await;
        simulated.advance(3600).await;
    }
    simulated.http.delete(simulated.url("/control/faults")).send().await.unwrap();
    for connected in [&calm, &troubled] {
        connected.syncer(&connector).sync(connected.at).await.unwrap();
    }
    let figures = async |connected: &Connected| {
        let mut standing = connected.standing().await;
        // A detail of the category is told where it is not missing.
        standing.values_mut().for_each(|row| row["id"] = Value::Null);
        standing
    };
    assert_eq!(figures(&calm).await, figures(&troubled).await);
}

#[tokio::test]
async fn a_lapsed_consent_stops_the_asking_until_it_is_repaired() {
    let simulated = Simulated::unlimited().await;
    let (connected, connector) = (Connected::new().await, plaid(&simulated));
    let syncer = connected.syncer(&connector);
    let credentials = syncer.connect(connected.at, "Bank", &public_token(&simulated, None).await).await.unwrap();
    simulated.advance(60).await;
    syncer.sync(connected.at).await.unwrap();
    let before = connected.standing().await;
    simulated.control("/tokens", &json!({"provider": "plaid", "action": "expire"})).await;
    let error = syncer.sync(connected.at).await.unwrap_err();
    assert!(matches!(error, SyncError::Provider(ProviderError::ConsentNeeded { .. })), "{error:?}");
    // Nothing is asked any more: a source that waits for its user is left alone.
    simulated.control("/faults", &json!({"kind": "timeout", "seconds": 60})).await;
    assert!(syncer.sync(connected.at).await.is_err());
    simulated.http.delete(simulated.url("/control/faults")).send().await.unwrap();
    let changes = connected.events("source.health_changed").await;
    assert_eq!(
        changes,
        [json!({"event": "source.health_changed", "health": "consent_needed", "reason": "ITEM_LOGIN_REQUIRED"})]
    );

    let ask = Ask {
        state: "s".into(),
        redirect_uri: "http://127.0.0.1:9/back".into(),
        webhook: None,
        user: "1".into(),
        repairs: Some(credentials),
        instance: None,
        challenge: None,
    };
    let Begun::Hosted { url, .. } = connector.begin(&ask).await.unwrap() else { panic!("a page of Link's") };
    let quiet = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let agreed = quiet.get(url.replace("/link?", "/link/finish?")).send().await.unwrap();
    assert_eq!(agreed.headers()["location"], "http://127.0.0.1:9/back?state=s");
    syncer.repaired(connected.at).await.unwrap();
    simulated.advance(86_400).await;
    let outcome = syncer.sync(connected.at).await.unwrap();
    assert!(outcome.counts.added > 0 && connected.standing().await.len() > before.len());

    syncer.disconnect(connected.at, "asked by the owner").await.unwrap();
    assert_eq!(connected.events("source.disconnected").await.len(), 1);
    assert!(syncer.sync(connected.at).await.is_err());
}

#[tokio::test]
async fn webhooks_are_hints_with_a_good_signature() {
    use std::sync::{Arc, Mutex};
    let simulated = Simulated::unlimited().await;
    let connector = plaid(&simulated);
    let kept: Arc<Mutex<Vec<(HeaderMap, axum::body::Bytes)>>> = Arc::default();
    let received = kept.clone();
    let keep = async move |headers: HeaderMap, body: axum::body::Bytes| received.lock().unwrap().push((headers, body));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/hook", axum::routing::post(keep));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let item = simulated.item(Some(&url)).await;
    let fire = json!({"access_token": item, "webhook_code": "SYNC_UPDATES_AVAILABLE"});
    simulated.plaid("/sandbox/item/fire_webhook", fire).await;
    for _ in 0..100 {
        if !kept.lock().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (headers, body) = kept.lock().unwrap()[0].clone();
    let hint = connector.webhook(&headers, &body, Utc::now()).await.unwrap();
    assert_eq!(hint.what, What::News);
    assert_eq!(hint.external_ids.len(), 1);
    let mut other = body.to_vec();
    other.push(b' ');
    assert_eq!(connector.webhook(&headers, &other, Utc::now()).await, Err(WebhookRefused::Forged));
    let late = Utc::now() + chrono::TimeDelta::minutes(6);
    assert_eq!(connector.webhook(&headers, &body, late).await, Err(WebhookRefused::Stale));
    assert_eq!(connector.webhook(&HeaderMap::new(), &body, Utc::now()).await, Err(WebhookRefused::Forged));
}

/// Somebody who invents names of keys makes Plaid be asked once for each, and keeps no signed message waiting.
#[tokio::test]
async fn invented_keys_hold_up_no_webhook() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let simulated = Simulated::unlimited().await;
    let connector = std::sync::Arc::new(plaid(&simulated));
    let (url, mut received) = super::world::receiving().await;
    let item = simulated.item(Some(&url)).await;
    let fire = json!({"access_token": item, "webhook_code": "SYNC_UPDATES_AVAILABLE"});
    simulated.plaid("/sandbox/item/fire_webhook", fire).await;
    let (headers, body) = received.recv().await.unwrap();
    connector.webhook(&headers, &body, Utc::now()).await.unwrap();
    let forged = |kid: &str| {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.AAAA", part(json!({"alg": "ES256", "kid": kid})), part(json!({"iat": 0})));
        HeaderMap::from_iter([("plaid-verification".parse().unwrap(), token.parse().unwrap())])
    };
    // Once known to be none, a name is asked for no more: Plaid is away now.
    assert_eq!(connector.webhook(&forged("one"), &body, Utc::now()).await, Err(WebhookRefused::Forged));
    simulated.control("/faults", &json!({"kind": "timeout", "seconds": 30, "path": "webhook_verification_key"})).await;
    assert_eq!(connector.webhook(&forged("one"), &body, Utc::now()).await, Err(WebhookRefused::Forged));
    let invented: Vec<_> = (0..40)
        .map(|number| {
            let (connector, headers, body) = (connector.clone(), forged(&format!("{number}")), body.clone());
            tokio::spawn(async move { connector.webhook(&headers, &body, Utc::now()).await })
        })
        .collect();
    // Some of them ask, and nobody answers them. What is signed with a known key is taken meanwhile.
    while invented.iter().all(|one| !one.is_finished()) {
        tokio::task::yield_now().await;
    }
    let begun = std::time::Instant::now();
    connector.webhook(&headers, &body, Utc::now()).await.unwrap();
    println!("a signed webhook was taken in {:?} while keys were asked for", begun.elapsed());
    assert!(invented.iter().any(|one| !one.is_finished()), "keys are still being asked for");
    for one in invented {
        assert_eq!(one.await.unwrap(), Err(WebhookRefused::KeyUnavailable));
    }
}
