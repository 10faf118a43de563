//! What is signed is what the fact sheets' vectors say; checked with the code that connectors check with.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use connectors::simulator::{App, Provider};
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use super::Simulated;

type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// An address that keeps what it is sent.
async fn receiver() -> (String, Received) {
    let received = Received::default();
    let kept = received.clone();
    let keep = async move |headers: HeaderMap, body: Bytes| kept.lock().unwrap().push((headers, body));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(keep))).await.unwrap() });
    (url, received)
}

async fn await_count(received: &Received, count: usize) -> Vec<(HeaderMap, Bytes)> {
    for _ in 0..100 {
        if received.lock().unwrap().len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    received.lock().unwrap().clone()
}

fn mac(secret: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

#[tokio::test]
async fn each_provider_signs_its_messages() {
    use base64::Engine;
    let base64 = |bytes: Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
    for provider in [Provider::Stripe, Provider::QuickBooks, Provider::Shopify] {
        let all = Simulated::start().await;
        let (url, received) = receiver().await;
        all.control("/webhooks", &json!({"provider": provider, "url": url})).await;
        all.advance(86_400).await;
        let (headers, body) = await_count(&received, 1).await.first().cloned().unwrap();
        let app = App::simulated(provider);
        match provider {
            Provider::Stripe => {
                let header = headers["stripe-signature"].to_str().unwrap();
                let (at, signature) = header.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
                let expected = hex::encode(mac(&app.webhook_secret, &[at.as_bytes(), b".", &body]));
                assert_eq!(signature, expected);
            }
            Provider::QuickBooks => {
                assert_eq!(headers["intuit-signature"], base64(mac(&app.webhook_secret, &[&body])));
            }
            _ => assert_eq!(headers["x-shopify-hmac-sha256"], base64(mac(&app.secret, &[&body]))),
        }
    }
}

#[tokio::test]
async fn duplicates_are_sent_twice_and_lost_ones_never() {
    let all = Simulated::start().await;
    let (url, received) = receiver().await;
    let token = all.item(Some(&url)).await;
    // That there is a history is told by itself.
    await_count(&received, 1).await;
    received.lock().unwrap().clear();
    let fire = json!({"access_token": token, "webhook_code": "SYNC_UPDATES_AVAILABLE"});
    all.control("/faults", &json!({"kind": "duplicate_webhooks", "times": 1})).await;
    all.plaid("/sandbox/item/fire_webhook", fire.clone()).await;
    assert_eq!(await_count(&received, 2).await.len(), 2);
    all.control("/faults", &json!({"kind": "lost_webhooks", "times": 1})).await;
    all.plaid("/sandbox/item/fire_webhook", fire.clone()).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(received.lock().unwrap().len(), 2);
    all.control("/faults", &json!({"kind": "late_webhooks", "seconds": 1, "times": 1})).await;
    all.plaid("/sandbox/item/fire_webhook", fire).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(received.lock().unwrap().len(), 2);
    assert_eq!(await_count(&received, 3).await.len(), 3);
}
