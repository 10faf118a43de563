//! Recorded conversations are played as they are.

use connectors::simulator::Scenario;
use serde_json::{Value, json};

use super::{Simulated, payload};

#[tokio::test]
async fn every_scenario_of_the_data_is_played_step_by_step() {
    let Some(plaid) = payload("plaid/scenario_sync.json") else { return };
    let player = Simulated::playing(Scenario::parse(&plaid.to_string()).unwrap()).await;
    let token = player.item(None).await;
    for step in plaid["steps"].as_array().unwrap().iter().filter(|step| step["request"].is_object()) {
        let mut body = json!({"access_token": token});
        if !step["request"]["cursor"].is_null() {
            body["cursor"] = step["request"]["cursor"].clone();
        }
        let (status, answer) = player.plaid("/transactions/sync", body).await;
        assert_eq!((json!(status), &answer), (step["respond"]["status"].clone(), &step["respond"]["body"]));
    }
    let played: Value = player.http.get(player.url("/control/scenario")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&played["done"], &played["mismatches"]), (&json!(true), &json!([])));

    let stripe = payload("stripe/scenario_balance_transactions.json").unwrap();
    let player = Simulated::playing(Scenario::parse(&stripe.to_string()).unwrap()).await;
    for step in stripe["steps"].as_array().unwrap() {
        let query: Vec<_> = step["request"]["query"].as_object().unwrap().iter().collect();
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
        let (status, answer) = player.stripe(&format!("/v1/balance_transactions?{}", query.join("&"))).await;
        assert_eq!((json!(status), &answer), (step["respond"]["status"].clone(), &step["respond"]["body"]));
    }

    let shopify = payload("shopify/scenario_graphql_orders.json").unwrap();
    let player = Simulated::playing(Scenario::parse(&shopify.to_string()).unwrap()).await;
    for step in shopify["steps"].as_array().unwrap() {
        let variables =
            json!({"after": step["request"]["after"], "filter": step["request"]["filter"], "sortKey": "UPDATED_AT"});
        let url = player.url("/shopify/example.myshopify.com/admin/api/2026-07/graphql.json");
        let body = json!({"query": "query { orders { nodes { id } } }", "variables": variables});
        let answer = player.http.post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), step["respond"]["body"]);
    }

    let books = payload("quickbooks/scenario_query_refresh_cdc.json").unwrap();
    let player = Simulated::playing(Scenario::parse(&books.to_string()).unwrap()).await;
    for step in books["steps"].as_array().unwrap() {
        let request = &step["request"];
        let text = |name: &str| request[name].as_str().map(ToOwned::to_owned);
        let answer = if let Some(grant) = text("grant_type") {
            let form = [("grant_type", grant), ("refresh_token", text("refresh_token").unwrap())];
            player.http.post(player.url("/quickbooks/oauth2/v1/tokens/bearer")).form(&form).send().await.unwrap()
        } else {
            let (path, query) = match text("entities") {
                Some(entities) => {
                    ("cdc", vec![("entities", entities), ("changedSince", text("changedSince").unwrap())])
                }
                None => ("query", vec![("query", text("query").unwrap())]),
            };
            player
                .http
                .get(player.url(&format!("/quickbooks/v3/company/123/{path}")))
                .query(&query)
                .send()
                .await
                .unwrap()
        };
        assert_eq!(json!(answer.status().as_u16()), step["respond"]["status"]);
        assert_eq!(answer.json::<Value>().await.unwrap(), step["respond"]["body"]);
    }
}

#[tokio::test]
async fn another_request_than_the_next_is_refused_with_both() {
    let Some(stripe) = payload("stripe/scenario_balance_transactions.json") else { return };
    let player = Simulated::playing(Scenario::parse(&stripe.to_string()).unwrap()).await;
    let (status, answer) = player.stripe("/v1/balance_transactions?limit=3&starting_after=txn_other").await;
    assert_eq!((status, &answer["scenario"]["expected"]["query"]["limit"]), (409, &json!("3")));
}
