use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Simulated;

async fn balance(of: &Simulated) -> Result<reqwest::Response, reqwest::Error> {
    of.http.get(of.url("/stripe/v1/balance")).bearer_auth("rk_live_simulated").send().await
}

#[tokio::test]
async fn each_provider_limits_and_fails_in_its_own_shape() {
    let all = Simulated::start().await;
    let paths = [
        ("plaid", "/plaid/accounts/get", "/error_type", "RATE_LIMIT_EXCEEDED"),
        ("stripe", "/stripe/v1/balance", "/error/code", "rate_limit"),
        ("quickbooks", "/quickbooks/v3/company/1/query", "/Fault/Error/0/code", "3001"),
        ("shopify", "/shopify/a.myshopify.com/admin/api/2026-07/orders.json", "/errors", "Exceeded 2 calls"),
    ];
    for (provider, path, pointer, expected) in paths {
        let call = async || {
            let url = all.url(path);
            let request = if provider == "plaid" { all.http.post(url).json(&json!({})) } else { all.http.get(url) };
            request.send().await.unwrap()
        };
        all.control("/faults", &json!({"kind": "rate_limited", "retry_after": 7, "provider": provider, "times": 1}))
            .await;
        let answer = call().await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()),
            (429, "7"),
            "{provider}"
        );
        let body: Value = answer.json().await.unwrap();
        assert!(body.pointer(pointer).unwrap().as_str().unwrap().starts_with(expected), "{provider}: {body}");
        all.control("/faults", &json!({"kind": "server_error", "status": 502, "provider": provider, "times": 1})).await;
        assert_eq!(call().await.status(), 502, "{provider}");
    }
}

#[tokio::test]
async fn slow_cut_and_silent_connections() {
    let all = Simulated::start().await;
    all.control("/faults", &json!({"kind": "latency", "millis": 300, "times": 1})).await;
    let begun = Instant::now();
    assert_eq!(balance(&all).await.unwrap().status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    all.control("/faults", &json!({"kind": "cut", "times": 1})).await;
    let cut = async { balance(&all).await?.bytes().await };
    assert!(cut.await.is_err(), "the answer ends in its middle");
    all.control("/faults", &json!({"kind": "timeout", "seconds": 1, "times": 1})).await;
    let begun = Instant::now();
    let silent = async { balance(&all).await?.bytes().await };
    assert!(silent.await.is_err());
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(balance(&all).await.unwrap().status(), 200);
}

#[tokio::test]
async fn surprises_of_the_schema() {
    let all = Simulated::start().await;
    let list = "/v1/balance_transactions?limit=1";
    all.control("/faults", &json!({"kind": "unknown_fields", "times": 1})).await;
    let (_, body) = all.stripe(list).await;
    assert!(body["data"][0]["unheard_of"].is_object());
    all.control("/faults", &json!({"kind": "unknown_values", "times": 1})).await;
    assert_eq!(all.stripe(list).await.1["data"][0]["balance_type"], "something new");
    all.control("/faults", &json!({"kind": "missing_optionals", "times": 1})).await;
    assert!(all.stripe(list).await.1["data"][0].get("exchange_rate").is_none());
    assert!(all.stripe(list).await.1["data"][0].get("exchange_rate").is_some(), "over after once");
}

#[tokio::test]
async fn a_clock_that_is_wrong_shows_in_the_date() {
    let all = Simulated::start().await;
    let right = balance(&all).await.unwrap().headers()["date"].clone();
    assert_eq!(right, "Tue, 10 Mar 2026 12:00:00 GMT");
    all.control("/faults", &json!({"kind": "clock_skew", "seconds": 600})).await;
    assert_eq!(balance(&all).await.unwrap().headers()["date"], "Tue, 10 Mar 2026 12:10:00 GMT");
}

#[tokio::test]
async fn the_same_seed_answers_the_same_byte_for_byte() {
    let texts = async || {
        let all = Simulated::start().await;
        let token = all.item(None).await;
        let (_, plaid) = all.plaid("/transactions/sync", json!({"access_token": token, "count": 500})).await;
        let (_, stripe) = all.stripe("/v1/balance_transactions?limit=100").await;
        (token, plaid.to_string(), stripe.to_string(), all.truth().await.to_string())
    };
    assert_eq!(texts().await, texts().await);
}

#[tokio::test]
async fn the_panel_is_there() {
    let all = Simulated::start().await;
    let page = all.http.get(all.url("/")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Workdock simulator"));
}
