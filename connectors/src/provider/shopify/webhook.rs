//! `X-Shopify-Hmac-SHA256`: the body's HMAC with the client secret.
//!
//! No moment is signed, and a message is sent again for four hours: its age says nothing, its delivery's id does.

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use super::Config;
use crate::provider::contract::What;
use crate::provider::signature::check_body;
use crate::provider::{Hint, WebhookRefused};

pub fn check(config: &Config, headers: &HeaderMap, body: &[u8]) -> Result<Hint, WebhookRefused> {
    let mut secrets = vec![config.secret.clone()];
    secrets.extend(config.previous_secret.clone());
    check_body(&secrets, headers, "x-shopify-hmac-sha256", body)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let missing = |name: &str| WebhookRefused::Unintelligible(format!("{name} is missing"));
    let topic = header("x-shopify-topic").ok_or_else(|| missing("x-shopify-topic"))?;
    let shop = header("x-shopify-shop-domain").ok_or_else(|| missing("x-shopify-shop-domain"))?;
    // The same event over several subscriptions has one id.
    let event = header("x-shopify-event-id").or_else(|| header("x-shopify-webhook-id"));
    let delivery = event.map_or_else(|| hex::encode(Sha256::digest(body)), ToOwned::to_owned);
    Ok(Hint { external_ids: vec![shop.to_owned()], delivery, what: what(topic) })
}

fn what(topic: &str) -> What {
    let news = ["orders/", "refunds/", "order_transactions/", "disputes/", "bulk_operations/", "shopify_payments/"];
    match topic {
        "app/uninstalled" => What::Access,
        _ if news.iter().any(|begin| topic.starts_with(begin)) => What::News,
        // Of customers nothing is read.
        _ => What::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::Value;

    use super::*;
    use crate::provider::Secret;

    fn config(secret: &str) -> Config {
        toml::from_str(&format!("client_id = \"c\"\nsecret = \"{secret}\"")).unwrap()
    }

    /// The made-up vectors of the data folder, where it is there.
    #[test]
    fn the_vectors_of_the_fact_sheet() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/shopify/webhook_signature_vectors.json");
        let Ok(text) = std::fs::read_to_string(path) else { return println!("skipped: {path} is not here") };
        let vectors: Value = serde_json::from_str(&text).unwrap();
        let secret = vectors["client_secret"].as_str().unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let body = case["body"].as_str().or(vectors["body"].as_str()).unwrap();
            let mut headers = HeaderMap::new();
            for (name, value) in vectors["headers"].as_object().unwrap() {
                let name = axum::http::HeaderName::try_from(name.to_lowercase()).unwrap();
                headers.insert(name, HeaderValue::from_str(value.as_str().unwrap()).unwrap());
            }
            headers.insert("x-shopify-hmac-sha256", HeaderValue::from_str(case["hmac"].as_str().unwrap()).unwrap());
            let checked = check(&config(secret), &headers, body.as_bytes());
            assert_eq!(checked.is_ok(), case["valid"], "{}: {checked:?}", case["name"]);
            if let Ok(hint) = checked {
                assert_eq!((hint.external_ids, hint.what), (vec!["example.myshopify.com".to_owned()], What::News));
                assert_eq!(hint.delivery, vectors["headers"]["X-Shopify-Event-Id"].as_str().unwrap());
            }
            // While a secret is rotated, the old one still signs.
            let mut rotated = config("the_new_one");
            rotated.previous_secret = Some(Secret::new(secret));
            assert_eq!(check(&rotated, &headers, body.as_bytes()).is_ok(), case["valid"]);
        }
    }

    #[test]
    fn topics_are_hints() {
        assert_eq!(what("app/uninstalled"), What::Access);
        assert_eq!(what("order_transactions/create"), What::News);
        assert_eq!(what("customers/redact"), What::Nothing);
    }
}
