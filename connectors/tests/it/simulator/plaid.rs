use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::shape::assert_shape;
use super::{Simulated, payload};

async fn page(plaid: &Simulated, token: &str, cursor: Option<&str>, count: u64) -> (u16, Value) {
    let mut body = json!({"access_token": token, "count": count});
    if let Some(cursor) = cursor {
        body["cursor"] = json!(cursor);
    }
    plaid.plaid("/transactions/sync", body).await
}

/// All pages of a loop: what stands at the end, and the cursor.
async fn pull(plaid: &Simulated, token: &str, from: Option<String>, standing: &mut BTreeMap<String, Value>) -> String {
    let mut cursor = from;
    loop {
        let (status, body) = page(plaid, token, cursor.as_deref(), 500).await;
        assert_eq!(status, 200, "{body}");
        for change in ["added", "modified"] {
            for transaction in body[change].as_array().unwrap() {
                let id = transaction["transaction_id"].as_str().unwrap().to_owned();
                let before = standing.insert(id, transaction.clone());
                assert_eq!(before.is_some(), change == "modified");
            }
        }
        for removed in body["removed"].as_array().unwrap() {
            assert!(standing.remove(removed["transaction_id"].as_str().unwrap()).is_some());
        }
        let next = body["next_cursor"].as_str().unwrap().to_owned();
        if body["has_more"] == false {
            return next;
        }
        cursor = Some(next);
    }
}

fn pence(amount: &Value) -> i64 {
    let text = amount.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = format!("{part:0<2}");
    let pence = whole.trim_start_matches('-').parse::<i64>().unwrap() * 100 + part.parse::<i64>().unwrap();
    if text.starts_with('-') { -pence } else { pence }
}

#[tokio::test]
async fn answers_have_the_shapes_of_the_payloads() {
    let plaid = Simulated::start().await;
    let token = plaid.item(Some("http://127.0.0.1:9/hook")).await;
    let of_item = json!({"access_token": token});
    let (_, page) = page(&plaid, &token, None, 10).await;
    let (_, accounts) = plaid.plaid("/accounts/get", of_item.clone()).await;
    let (_, item) = plaid.plaid("/item/get", of_item.clone()).await;
    let range = json!({"access_token": token, "start_date": "2026-01-01", "end_date": "2026-03-01"});
    let (_, listed) = plaid.plaid("/transactions/get", range).await;
    let user = json!({"client_user_id": "1"});
    let link = json!({"user": user, "client_name": "W", "language": "en", "country_codes": ["GB"], "products": ["transactions"]});
    let (_, link) = plaid.plaid("/link/token/create", link).await;
    let (_, removed) = plaid.plaid("/item/remove", of_item).await;
    let all = [
        ("plaid/transactions_sync.json", page),
        ("plaid/accounts_get.json", accounts),
        ("plaid/item_get.json", item),
        ("plaid/transactions_get.json", listed),
        ("plaid/link_token_create.json", link),
        ("plaid/item_remove.json", removed),
    ];
    for (name, answer) in all {
        let Some(payload) = payload(name) else { return };
        assert_shape(&payload, &answer, &["_note", "holder_category", "account_owner", "status"]);
    }
}

#[tokio::test]
async fn errors_are_those_of_the_documentation() {
    let plaid = Simulated::start().await;
    let Some(errors) = payload("plaid/errors_composed.json") else { return };
    let token = plaid.item(None).await;
    let (_, first) = page(&plaid, &token, None, 5).await;
    plaid.control("/faults", &json!({"kind": "mutation", "provider": "plaid", "times": 1})).await;
    let mutation = page(&plaid, &token, first["next_cursor"].as_str(), 5).await;
    plaid.control("/faults", &json!({"kind": "rate_limited", "provider": "plaid", "times": 1})).await;
    let limited = page(&plaid, &token, None, 5).await;
    plaid.control("/items", &json!({"trouble": "institution_down"})).await;
    let down = page(&plaid, &token, None, 5).await;
    plaid.control("/tokens", &json!({"provider": "plaid", "action": "expire"})).await;
    let login = page(&plaid, &token, None, 5).await;
    let all = [
        ("mutation_during_pagination", mutation),
        ("rate_limit", limited),
        ("institution_down", down),
        ("item_login_required", login),
    ];
    for (name, (status, body)) in all {
        assert_eq!(errors[name]["status"], status, "{name}");
        for member in ["error_type", "error_code", "error_message", "display_message"] {
            assert_eq!(errors[name]["body"][member], body[member], "{name} {member}");
        }
    }
}

#[tokio::test]
async fn pulls_in_steps_end_where_one_pull_ends() {
    let plaid = Simulated::start().await;
    let token = plaid.item(None).await;
    let mut standing = BTreeMap::new();
    let mut cursor = pull(&plaid, &token, None, &mut standing).await;
    let first = standing.len();
    for _ in 0..12 {
        plaid.advance(16 * 3600).await;
        cursor = pull(&plaid, &token, Some(cursor), &mut standing).await;
    }
    assert!(standing.len() > first + 20, "{first} {}", standing.len());
    let mut fresh = BTreeMap::new();
    pull(&plaid, &token, None, &mut fresh).await;
    assert_eq!(standing, fresh);
    let held: i64 = fresh.values().map(|transaction| -pence(&transaction["amount"])).sum();
    let balances = &plaid.truth().await["balances"];
    let banks = ["Business current account", "Tax and reserve savings", "Company card"];
    // What is older than the Item's history is not told; the balances know of it.
    let opening = banks.iter().map(|name| balances[name].as_i64().unwrap()).sum::<i64>() - held;
    let mut later = fresh.clone();
    plaid.advance(5 * 86_400).await;
    pull(&plaid, &token, Some(cursor), &mut later).await;
    let held: i64 = later.values().map(|transaction| -pence(&transaction["amount"])).sum();
    let balances = &plaid.truth().await["balances"];
    assert_eq!(banks.iter().map(|name| balances[name].as_i64().unwrap()).sum::<i64>() - held, opening);
}

#[tokio::test]
async fn a_pending_line_is_replaced_and_names_what_it_replaces() {
    let plaid = Simulated::start().await;
    let token = plaid.item(None).await;
    let mut standing = BTreeMap::new();
    let cursor = pull(&plaid, &token, None, &mut standing).await;
    let happening =
        json!({"key": "fuel", "pence": -10_000, "description": "FUEL", "after_seconds": 600, "settles_at": -6_120});
    plaid.control("/happen", &happening).await;
    plaid.control("/happen", &json!({"key": "hold", "pence": -5_000, "after_seconds": 600})).await;
    let cursor = pull(&plaid, &token, Some(cursor), &mut standing).await;
    let held: Vec<_> = standing.values().filter(|one| one["name"] == "FUEL").cloned().collect();
    assert_eq!((held.len(), &held[0]["pending"], &held[0]["amount"]), (1, &json!(true), &json!(100.0)));
    plaid.advance(601).await;
    pull(&plaid, &token, Some(cursor), &mut standing).await;
    let settled: Vec<_> = standing.values().filter(|one| one["name"] == "FUEL").collect();
    assert_eq!((settled.len(), &settled[0]["pending"], &settled[0]["amount"]), (1, &json!(false), &json!(61.2)));
    assert_eq!(settled[0]["pending_transaction_id"], held[0]["transaction_id"]);
    assert!(!standing.values().any(|one| one["name"] == "CARD PURCHASE"), "the hold is gone");
}

#[tokio::test]
async fn history_comes_in_two_steps_and_a_loop_that_is_overtaken_is_refused() {
    let plaid = Simulated::start().await;
    let (_, public) = plaid.plaid("/sandbox/public_token/create", json!({"options": {}})).await;
    let exchange = json!({"public_token": public["public_token"]});
    let (_, item) = plaid.plaid("/item/public_token/exchange", exchange.clone()).await;
    assert_eq!(plaid.plaid("/item/public_token/exchange", exchange).await.1["error_code"], "INVALID_PUBLIC_TOKEN");
    let token = item["access_token"].as_str().unwrap();
    let (_, nothing) = page(&plaid, token, None, 500).await;
    assert_eq!((&nothing["transactions_update_status"], &nothing["next_cursor"]), (&json!("NOT_READY"), &json!("")));
    plaid.advance(5).await;
    let (_, recent) = page(&plaid, token, None, 500).await;
    assert_eq!(recent["transactions_update_status"], "INITIAL_UPDATE_COMPLETE");
    let (_, begun) = page(&plaid, token, None, 10).await;
    plaid.advance(10).await;
    let (status, refused) = page(&plaid, token, begun["next_cursor"].as_str(), 10).await;
    assert_eq!((status, &refused["error_code"]), (400, &json!("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")));
    let (_, all) = page(&plaid, token, recent["next_cursor"].as_str(), 500).await;
    assert_eq!(all["transactions_update_status"], "HISTORICAL_UPDATE_COMPLETE");
    assert!(!all["added"].as_array().unwrap().is_empty());
}
