use serde_json::{Value, json};

use super::shape::assert_shape;
use super::{Simulated, payload};

#[tokio::test]
async fn answers_have_the_shapes_of_the_payloads() {
    let stripe = Simulated::start().await;
    let lists = ["balance_transactions?type=charge&", "charges?", "refunds?", "payouts?", "events?"];
    let names = ["balance_transaction", "charge", "refund", "payout", "event"];
    for (list, name) in lists.iter().zip(names) {
        let Some(payload) = payload(&format!("stripe/{name}.json")) else { return };
        let (status, body) = stripe.stripe(&format!("/v1/{list}limit=1")).await;
        assert_eq!((status, body["object"].as_str()), (200, Some("list")), "{list}");
        // What hangs on the case of each charge: its wallet, its plan, its receipt.
        let free = ["source", "wallet", "installments", "overcapture", "data", "metadata", "shipping", "transfer_data"];
        assert_shape(&payload, &body["data"][0], &free);
    }
    let Some(payload) = payload("stripe/balance.json") else { return };
    assert_shape(&payload, &stripe.stripe("/v1/balance").await.1, &[]);
}

#[tokio::test]
async fn pages_forwards_and_backwards_tell_the_same() {
    let stripe = Simulated::start().await;
    let mut all: Vec<Value> = Vec::new();
    let mut after = String::new();
    for _ in 0..5 {
        let (_, page) = stripe.stripe(&format!("/v1/balance_transactions?limit=20{after}")).await;
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        after = format!("&starting_after={}", all.last().unwrap()["id"].as_str().unwrap());
    }
    let created: Vec<i64> = all.iter().map(|one| one["created"].as_i64().unwrap()).collect();
    assert!(created.is_sorted_by(|newer, older| newer >= older));
    let before = all[30]["id"].as_str().unwrap();
    let (_, page) = stripe.stripe(&format!("/v1/balance_transactions?limit=10&ending_before={before}")).await;
    assert_eq!(page["data"].as_array().unwrap()[..], all[20..30]);
    assert_eq!(page["has_more"], true);
    let (status, missing) = stripe.stripe("/v1/balance_transactions?starting_after=txn_none").await;
    assert_eq!((status, &missing["error"]["code"]), (404, &json!("resource_missing")));
}

#[tokio::test]
async fn what_is_in_a_payout_is_its_sum() {
    let stripe = Simulated::start().await;
    let (_, payouts) = stripe.stripe("/v1/payouts?limit=5").await;
    for payout in payouts["data"].as_array().unwrap() {
        let id = payout["id"].as_str().unwrap();
        let (mut net, mut after) = (0, String::new());
        loop {
            let (_, parts) = stripe.stripe(&format!("/v1/balance_transactions?payout={id}&limit=100{after}")).await;
            let data = parts["data"].as_array().unwrap();
            net += data.iter().map(|part| part["net"].as_i64().unwrap()).sum::<i64>();
            if parts["has_more"] == false {
                break;
            }
            after = format!("&starting_after={}", data.last().unwrap()["id"].as_str().unwrap());
        }
        assert_eq!(net, 0, "the parts and the payout itself");
    }
    let truth = stripe.truth().await;
    let (_, balance) = stripe.stripe("/v1/balance").await;
    let held = balance["available"][0]["amount"].as_i64().unwrap() + balance["pending"][0]["amount"].as_i64().unwrap();
    assert_eq!(truth["balances"]["Card payments"], held);
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let stripe = Simulated::start().await;
    let answer = stripe.http.get(stripe.url("/stripe/v1/balance")).bearer_auth("rk_live_wrong").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    stripe.control("/tokens", &json!({"provider": "stripe", "action": "revoke"})).await;
    assert_eq!(stripe.stripe("/v1/balance").await.0, 401);
}

#[tokio::test]
async fn a_charge_is_disputed_once_and_a_dispute_is_decided_once() {
    let stripe = Simulated::start().await;
    let happen = async |kind: &str, charge: &str| {
        let request = stripe.http.post(stripe.url("/control/happen")).json(&json!({"kind": kind, "charge": charge}));
        request.send().await.unwrap().status().as_u16()
    };
    let disputes = async || stripe.stripe("/v1/disputes").await.1["data"].clone();
    assert_eq!(disputes().await, json!([]));
    assert_eq!(happen("dispute_won", "newest").await, 404);
    assert_eq!(happen("dispute", "ch_none").await, 404);
    assert_eq!(happen("dispute", "newest").await, 204);
    let opened = disputes().await[0].clone();
    if let Some(payload) = payload("stripe/dispute.json") {
        assert_shape(&payload, &opened, &["balance_transactions"]);
        let balance = super::payload("stripe/balance_transaction.json").unwrap();
        assert_shape(&balance, &opened["balance_transactions"][0], &["source"]);
    }
    let charge = opened["charge"].as_str().unwrap();
    assert_eq!(opened["status"], "needs_response");
    for kind in ["dispute", "refund"] {
        assert_eq!(happen(kind, charge).await, 409, "{kind}");
    }
    assert_eq!(happen("dispute_lost", charge).await, 204);
    assert_eq!(happen("dispute_won", charge).await, 409);
    let id = opened["id"].as_str().unwrap();
    let (_, closed) = stripe.stripe(&format!("/v1/disputes/{id}")).await;
    assert_eq!((&closed["status"], &closed["balance_transactions"]), (&json!("lost"), &opened["balance_transactions"]));
    let (_, moved) = stripe.stripe(&format!("/v1/balance_transactions?source={id}&expand[]=data.source")).await;
    let moved = moved["data"].as_array().unwrap();
    assert_eq!((moved.len(), &moved[0]["reporting_category"]), (1, &json!("dispute")));
    assert_eq!((&moved[0]["source"]["id"], &moved[0]["source"]["status"]), (&json!(id), &json!("lost")));
    let (_, events) = stripe.stripe("/v1/events?type=charge.dispute.closed").await;
    assert_eq!(events["data"][0]["data"]["object"]["status"], "lost");
    assert_eq!(happen("refund", "newest").await, 204);
    let (_, refunds) = stripe.stripe("/v1/refunds?limit=1").await;
    let back = refunds["data"][0]["charge"].as_str().unwrap();
    assert_ne!(back, charge, "of a disputed one nothing is given back");
    assert_eq!(stripe.stripe(&format!("/v1/charges/{back}")).await.1["refunded"], true);
}
