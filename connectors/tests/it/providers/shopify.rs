use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use chrono::Utc;
use connectors::provider::shopify::{Config, Shopify};
use connectors::provider::sync::SyncError;
use connectors::provider::{
    Connector, Credentials, FoundAccount, Place, ProviderError, Reported, Secret, Then, Vault, WebhookRefused, What,
};
use connectors::simulator::Scenario;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::world::{Connected, QUICK, agreed, by_kind, figures, of_today, receiving, shopify, shopify_config};
use crate::simulator::{Simulated, payload};

const SHOP: &str = "harbour-coffee.myshopify.com";

fn admin() -> Credentials {
    Credentials {
        access: Secret::new("shpat_simulated"),
        refresh: None,
        expires_at: None,
        external_id: SHOP.to_owned(),
    }
}

/// All pages of an account from a cursor.
async fn pulled(connector: &Shopify, account: &str, cursor: Option<&str>) -> Vec<Reported> {
    let account = FoundAccount {
        id: account.into(),
        name: "Shop".into(),
        currency: "USD".parse().unwrap(),
        balance: None,
        mark: None,
    };
    let (mut all, mut next): (Vec<Reported>, Option<String>) = (Vec::new(), None);
    loop {
        let place = Place { cursor, page: next.as_deref() };
        let credentials = admin();
        let pull = || connector.pull(&credentials, &account, place);
        let page = connectors::provider::retried(QUICK, pull).await.unwrap();
        all.extend(page.reported);
        match page.then {
            Then::More(page) => next = Some(page),
            Then::Done(_) | Then::Early(_) | Then::Whole { .. } => return all,
        }
    }
}

#[tokio::test]
async fn the_recorded_pages_give_the_expected_movements() {
    let Some(scenario) = payload("shopify/scenario_graphql_orders.json") else { return };
    let expected = &payload("shopify/expected.json").unwrap()["scenario_graphql_orders.json"];
    let simulated = Simulated::playing(Scenario::parse(&scenario.to_string()).unwrap()).await;
    let begun = Instant::now();
    // Five minutes before the cursor is where the scenario begins.
    let all = pulled(&shopify(&simulated), "shop:sales", Some("updated:2026-01-01T00:05:00Z")).await;
    assert!(begun.elapsed() >= Duration::from_secs(1), "the points were waited for");
    let movements = expected["cash_movements"].as_array().unwrap();
    assert_eq!(all.len(), movements.len());
    let decimal = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
    for (one, wanted) in all.iter().zip(movements) {
        assert_eq!(json!(one.id), wanted["source_id"]);
        assert_eq!((one.amount, json!(one.kind)), (decimal(&wanted["amount"]), wanted["class"].clone()));
        assert_eq!(json!(one.currency.code()), wanted["currency"]);
        assert_eq!(one.booked.to_string(), wanted["date"].as_str().unwrap());
        assert_eq!(one.description.as_deref().unwrap(), format!("Order {}", wanted["order"].as_str().unwrap()));
    }
    let sum = |kind: &str| all.iter().filter(|one| one.kind.as_str() == kind).map(|one| one.amount).sum::<Decimal>();
    assert_eq!(all.iter().map(|one| one.amount).sum::<Decimal>(), decimal(&expected["sum"]));
    assert_eq!((sum("revenue"), sum("refund")), (decimal(&expected["revenue"]), decimal(&expected["refunds"])));
    let played: Value =
        simulated.http.get(simulated.url("/control/scenario")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&played["done"], &played["mismatches"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn the_balance_is_read_over_http_newest_first() {
    let Some(payload) = payload("shopify/payments_transactions.json") else { return };
    let node = |one: &Value| {
        let money = |name: &str| json!({"amount": one[name], "currencyCode": one["currency"]});
        json!({"id": format!("gid://shopify/ShopifyPaymentsBalanceTransaction/{}", one["id"]), "test": false,
            "type": one["type"].as_str().unwrap().to_uppercase(), "amount": money("amount"), "net": money("net"),
            "transactionDate": format!("{}T00:00:00Z", Utc::now().date_naive()), "associatedOrder": null})
    };
    let nodes: Vec<_> = payload["transactions"].as_array().unwrap().iter().map(node).collect();
    let step = |after: Value, nodes: &[Value], next: Value| {
        let list = json!({"nodes": nodes, "pageInfo": {"hasNextPage": !next.is_null(), "endCursor": next}});
        let body = json!({"data": {"shopifyPaymentsAccount": {"balanceTransactions": list}}});
        json!({"request": {"query": "orders", "after": after}, "respond": {"status": 200, "body": body}})
    };
    let steps = [step(Value::Null, &nodes[..2], json!("c1")), step(json!("c1"), &nodes[2..], Value::Null)];
    let simulated = Simulated::playing(Scenario::parse(&json!({"steps": steps}).to_string()).unwrap()).await;
    let all = pulled(&shopify(&simulated), "shop:payments:USD", None).await;
    assert_eq!(all.len(), 3);
    assert_eq!(all.iter().map(|one| one.amount).sum::<Decimal>(), "-3.45".parse().unwrap());
    assert!(all.iter().all(|one| one.kind.as_str() == "settlement"), "what orders earned is not earned again");
}

/// Paid and given back by the older pages: another way to the same money.
async fn by_rest(simulated: &Simulated, since: &str) -> (Decimal, Decimal) {
    let mut url = Some(
        simulated
            .url(&format!("/shopify/{SHOP}/admin/api/2026-07/orders.json?status=any&limit=250&updated_at_min={since}")),
    );
    let (mut paid, mut back) = (Decimal::ZERO, Decimal::ZERO);
    while let Some(next) = url {
        let answer = simulated.http.get(next).header("x-shopify-access-token", "shpat_simulated").send().await.unwrap();
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: Value = answer.json().await.unwrap();
        let decimal = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap();
        for order in page["orders"].as_array().unwrap() {
            paid += decimal(&order["total_price"]);
            for refund in order["refunds"].as_array().unwrap() {
                back -= decimal(&refund["transactions"][0]["amount"]);
            }
        }
        url = link.and_then(|link| {
            let next = link.split(", ").find(|part| part.contains("rel=\"next\""))?.to_owned();
            Some(next[1..next.find('>')?].to_owned())
        });
    }
    (paid, back)
}

#[tokio::test]
async fn a_year_in_bulk_and_a_week_in_steps_agree_with_the_truth() {
    let simulated = of_today().await;
    let (connected, connector) = (Connected::new().await, shopify(&simulated));
    let since = (Utc::now() - chrono::TimeDelta::days(366)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let syncer = connected.syncer(&connector);
    syncer.connect(connected.at, "Shop", &agreed(&simulated, &connector).await).await.unwrap();
    let first = syncer.sync(connected.at).await.unwrap();
    assert!(first.counts.added > 1000, "{first:?}");
    for fault in [
        json!({"kind": "server_error", "permille": 200}),
        json!({"kind": "rate_limited", "permille": 100, "retry_after": 0}),
        json!({"kind": "cut", "permille": 100}),
        json!({"kind": "unknown_fields", "permille": 300}),
        json!({"kind": "unknown_values", "permille": 300}),
        json!({"kind": "missing_optionals", "permille": 300}),
        json!({"kind": "expired_token", "permille": 30}),
    ] {
        simulated.control("/faults", &fault).await;
    }
    for _ in 0..7 {
        simulated.advance(86_400).await;
        let _ = syncer.sync(connected.at).await;
    }
    simulated.http.delete(simulated.url("/control/faults")).send().await.unwrap();
    // A token that a fault called expired may have left the source waiting for its user.
    syncer.connect(connected.at, "Shop", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    let again = syncer.sync(connected.at).await.unwrap();
    assert_eq!((again.counts.added, again.counts.amended, again.counts.removed), (0, 0, 0));

    let standing = connected.standing().await;
    let sums = by_kind(&standing);
    let (paid, back) = by_rest(&simulated, &since).await;
    let pence = |amount: Decimal| i64::try_from((amount * Decimal::ONE_HUNDRED).trunc()).unwrap();
    assert_eq!(sums["refund"], pence(back));
    assert_eq!(sums["revenue"], pence(paid));
    // What the processor paid out for the shop's orders is in the shop.
    let from = (Utc::now() - chrono::TimeDelta::days(300)).date_naive();
    let truth = simulated.http.get(simulated.url(&format!("/control/truth?from={from}"))).send().await.unwrap();
    let truth: Value = truth.json().await.unwrap();
    let chains = truth["same_money"].as_array().unwrap().iter();
    let parts = chains.flat_map(|chain| chain["parts"].as_array().unwrap().clone());
    let orders: BTreeSet<String> =
        parts.filter_map(|part| part["order"].as_str().map(|order| format!("Order {order}"))).collect();
    let known: BTreeSet<String> =
        standing.values().map(|row| row["description"].as_str().unwrap().to_owned()).collect();
    assert!(orders.len() > 500);
    assert_eq!(orders.difference(&known).count(), 0);

    // Page by page, without a bulk operation, it is the same.
    let fresh = Connected::new().await;
    let config = Config { bulk: false, ..shopify_config(&simulated) };
    let paged = Shopify::new(config);
    let syncer = fresh.syncer(&paged);
    syncer.connect(fresh.at, "Shop", &agreed(&simulated, &paged).await).await.unwrap();
    syncer.sync(fresh.at).await.unwrap();
    assert_eq!(figures(&fresh).await, figures(&connected).await);
}

#[tokio::test]
async fn the_history_comes_newest_first_whichever_way_it_is_read() {
    let simulated = of_today().await;
    let account = FoundAccount {
        id: format!("{SHOP}:sales"),
        name: "Shop".into(),
        currency: "GBP".parse().unwrap(),
        balance: None,
        mark: None,
    };
    for bulk in [false, true] {
        let connector = Shopify::new(Config { bulk, limit: 50, days: 90, ..shopify_config(&simulated) });
        let (mut next, mut made, mut told): (Option<String>, Vec<Vec<String>>, Vec<u8>) =
            (None, Vec::new(), Vec::new());
        loop {
            let place = Place { cursor: None, page: next.as_deref() };
            let page = connector.pull(&admin(), &account, place).await.unwrap();
            let sales = page.reported.iter().filter(|one| one.kind.as_str() == "revenue");
            made.push(sales.map(|one| one.booked.to_string()).collect());
            let Then::More(more) = page.then else { break };
            told.extend(connector.progress(&more));
            next = Some(more);
        }
        made.retain(|page| !page.is_empty());
        let yesterday = (Utc::now() - chrono::TimeDelta::days(7)).to_rfc3339();
        assert!(made[0].iter().all(|at| *at > yesterday), "bulk {bulk}: {:?}", made[0]);
        assert!(told.is_sorted() && told.last() > Some(&0), "bulk {bulk}: {told:?}");
        if !bulk {
            assert!(told.last() > Some(&60), "{told:?}");
            assert!(made.len() > 3, "{} pages", made.len());
            assert!(made.windows(2).all(|pages| pages[0].iter().min() >= pages[1].iter().max()), "{made:?}");
        }
    }
}

#[tokio::test]
async fn tokens_rotate_before_they_are_used_and_a_shop_that_uninstalled_is_a_state() {
    let simulated = of_today().await;
    let (connected, connector) = (Connected::new().await, shopify(&simulated));
    let syncer = connected.syncer(&connector);
    let first = syncer.connect(connected.at, "Shop", &agreed(&simulated, &connector).await).await.unwrap();
    assert_eq!(first.external_id, SHOP);
    simulated.control("/tokens", &json!({"provider": "shopify", "action": "expire"})).await;
    syncer.sync(connected.at).await.unwrap();
    let kept = connected.vault.open(connected.at.business, connected.at.source, &connector, None).await.unwrap();
    assert_ne!((&kept.access, &kept.refresh), (&first.access, &first.refresh));

    simulated.control("/tokens", &json!({"provider": "shopify", "action": "revoke"})).await;
    let error = syncer.sync(connected.at).await.unwrap_err();
    assert!(matches!(error, SyncError::Provider(ProviderError::Revoked { .. })), "{error:?}");
    assert_eq!(connected.events("source.health_changed").await[0]["health"], "revoked");

    // Connected once more, and disconnected: the app is gone from the shop.
    let second = syncer.connect(connected.at, "Shop", &agreed(&simulated, &connector).await).await.unwrap();
    syncer.sync(connected.at).await.unwrap();
    syncer.disconnect(connected.at, "asked by the owner").await.unwrap();
    assert_eq!(connector.accounts(&second).await, Err(ProviderError::TokenExpired));
    connector.disconnect(&second).await.unwrap();
}

/// Topics and addresses that the shop's app has registered.
async fn registered(simulated: &Simulated, credentials: &Credentials) -> Vec<(String, String)> {
    let url = simulated.url(&format!("/shopify/{SHOP}/admin/api/2026-07/graphql.json"));
    let query = json!({"query": "query { webhookSubscriptions(first: 100) { nodes { topic uri } } }"});
    let request = simulated.http.post(url).header("x-shopify-access-token", credentials.access.expose()).json(&query);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let nodes = answer["data"]["webhookSubscriptions"]["nodes"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    nodes.iter().map(|node| (text(&node["topic"]), text(&node["uri"]))).collect()
}

#[tokio::test]
async fn the_shop_is_told_once_where_its_messages_go_and_no_more_after_a_disconnection() {
    let simulated = Simulated::unlimited().await;
    let connector = shopify(&simulated);
    let credentials = connector.complete(&agreed(&simulated, &connector).await).await.unwrap();
    let (url, mut received) = receiving().await;
    let (before, now) = (format!("{url}/before"), url);
    connector.subscribe(&credentials, &before).await.unwrap();
    for _ in 0..3 {
        connector.subscribe(&credentials, &now).await.unwrap();
    }
    let all = registered(&simulated, &credentials).await;
    let topics: BTreeSet<_> = all.iter().map(|(topic, _)| topic.as_str()).collect();
    assert_eq!(topics.len(), all.len(), "each once: {all:?}");
    assert!(topics.contains("ORDERS_UPDATED") && topics.contains("APP_UNINSTALLED"), "{topics:?}");
    assert!(all.iter().all(|(_, uri)| *uri == now), "the address of before is told no more: {all:?}");

    simulated.advance(86_400).await;
    let (headers, body) = tokio::time::timeout(Duration::from_secs(5), received.recv()).await.unwrap().unwrap();
    let hint = connector.webhook(&headers, &body, Utc::now()).await.unwrap();
    assert_eq!((hint.external_ids, hint.what), (vec![SHOP.to_owned()], What::News));

    connector.disconnect(&credentials).await.unwrap();
    assert_eq!(registered(&simulated, &admin()).await, []);
}

#[tokio::test]
async fn a_callback_that_shopify_did_not_sign_connects_nothing() {
    let simulated = Simulated::start().await;
    let connector = shopify(&simulated);
    let connectors::provider::Grant::Code { code, redirect_uri, verifier, mut params } =
        agreed(&simulated, &connector).await
    else {
        panic!("a code")
    };
    params.insert("shop".into(), "other.myshopify.com".into());
    let forged = connectors::provider::Grant::Code { code, redirect_uri, verifier, params };
    assert!(matches!(connector.complete(&forged).await, Err(ProviderError::Refused { .. })));
}

#[tokio::test]
async fn webhooks_are_hints_with_a_good_signature() {
    let simulated = Simulated::unlimited().await;
    let connector = shopify(&simulated);
    let (url, mut received) = receiving().await;
    simulated.control("/webhooks", &json!({"provider": "shopify", "url": url})).await;
    simulated.control("/faults", &json!({"kind": "duplicate_webhooks"})).await;
    simulated.advance(86_400).await;
    let mut deliveries = Vec::new();
    while let Ok(Some((headers, body))) = tokio::time::timeout(Duration::from_secs(5), received.recv()).await {
        let hint = connector.webhook(&headers, &body, Utc::now()).await.unwrap();
        assert_eq!((hint.external_ids, hint.what), (vec![SHOP.to_owned()], What::News));
        let mut other = body.to_vec();
        other.push(b' ');
        assert_eq!(connector.webhook(&headers, &other, Utc::now()).await, Err(WebhookRefused::Forged));
        assert_eq!(connector.webhook(&HeaderMap::new(), &body, Utc::now()).await, Err(WebhookRefused::Forged));
        deliveries.push(hint.delivery);
        if deliveries.len() == 4 {
            break;
        }
    }
    let different: BTreeSet<_> = deliveries.iter().collect();
    assert!(different.len() < deliveries.len(), "a second delivery has the name of the first: {deliveries:?}");
}
