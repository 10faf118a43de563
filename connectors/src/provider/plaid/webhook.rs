//! Plaid's webhooks: a JWT signed with ES256 that holds the body's hash.

use std::collections::HashMap;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::{Plaid, shapes};
use crate::provider::contract::What;
use crate::provider::{Hint, WebhookRefused};

/// Older messages are replays.
const TOLERANCE: i64 = 5 * 60;
/// Keys that are remembered; somebody who invents names must not fill the memory.
const MOST_KEYS: usize = 64;

/// Verification keys by name. Those that have expired are fetched again.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<HashMap<String, shapes::Jwk>>);

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    request_body_sha256: String,
}

pub async fn check(
    plaid: &Plaid,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Hint, WebhookRefused> {
    let token =
        headers.get("plaid-verification").and_then(|value| value.to_str().ok()).ok_or(WebhookRefused::Forged)?;
    let header = decode_header(token).map_err(|_| WebhookRefused::Forged)?;
    // Before a key is fetched: no other algorithm is ever looked at.
    if header.alg != Algorithm::ES256 {
        return Err(WebhookRefused::Forged);
    }
    let key = key(plaid, &header.kid.ok_or(WebhookRefused::Forged)?, now).await?;
    verify(token, &key, body, now)?;
    let read = serde_json::from_slice::<shapes::Webhook>(body);
    let message = read.map_err(|_| WebhookRefused::Unintelligible("not a message of an Item".to_owned()))?;
    Ok(Hint { what: what(&message), external_ids: vec![message.item_id], delivery: hex::encode(Sha256::digest(token)) })
}

fn verify(token: &str, key: &shapes::Jwk, body: &[u8], now: DateTime<Utc>) -> Result<(), WebhookRefused> {
    if key.alg != "ES256" {
        return Err(WebhookRefused::Forged);
    }
    let key = DecodingKey::from_ec_components(&key.x, &key.y).map_err(|_| WebhookRefused::Forged)?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Plaid's tokens have an age instead of an end.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let claims = decode::<Claims>(token, &key, &validation).map_err(|_| WebhookRefused::Forged)?.claims;
    // The signature holds already; what is compared is no secret, and the hash's bytes tell nothing of it.
    if claims.request_body_sha256 != hex::encode(Sha256::digest(body)) {
        return Err(WebhookRefused::Forged);
    }
    if (now.timestamp() - claims.iat).abs() > TOLERANCE {
        return Err(WebhookRefused::Stale);
    }
    Ok(())
}

async fn key(plaid: &Plaid, id: &str, now: DateTime<Utc>) -> Result<shapes::Jwk, WebhookRefused> {
    if id.len() > 128 {
        return Err(WebhookRefused::Forged);
    }
    let mut keys = plaid.keys.0.lock().await;
    if let Some(key) = keys.get(id)
        && key.expired_at.is_none_or(|at| at > now.timestamp())
    {
        return Ok(key.clone());
    }
    let answer = plaid.call("/webhook_verification_key/get", json!({"key_id": id})).await;
    let key = match answer {
        Ok(answer) => answer.read::<shapes::VerificationKey>().map_err(|_| WebhookRefused::KeyUnavailable)?.key,
        Err(error) if error.is_passing() => return Err(WebhookRefused::KeyUnavailable),
        Err(_) => return Err(WebhookRefused::Forged),
    };
    if key.expired_at.is_some_and(|at| at <= now.timestamp()) {
        return Err(WebhookRefused::Forged);
    }
    if keys.len() >= MOST_KEYS {
        keys.clear();
    }
    keys.insert(id.to_owned(), key.clone());
    Ok(key)
}

fn what(message: &shapes::Webhook) -> What {
    match (message.webhook_type.as_str(), message.webhook_code.as_str()) {
        ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE") | ("ITEM", "NEW_ACCOUNTS_AVAILABLE") => What::News,
        ("ITEM", "LOGIN_REPAIRED") => What::Repaired,
        (
            "ITEM",
            "ERROR" | "PENDING_EXPIRATION" | "PENDING_DISCONNECT" | "USER_PERMISSION_REVOKED" | "USER_ACCOUNT_REVOKED",
        ) => What::Access,
        // The older messages of transactions say the same as the first.
        _ => What::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The made-up vectors of the data folder, where it is there.
    #[test]
    fn the_vectors_of_the_fact_sheet() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/plaid/webhook_signature_vectors.json");
        let Ok(text) = std::fs::read_to_string(path) else { return println!("skipped: {path} is not here") };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        let key: shapes::Jwk = serde_json::from_value(vectors["jwk"].clone()).unwrap();
        let now = DateTime::from_timestamp(vectors["now"].as_i64().unwrap(), 0).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let body = case["body"].as_str().or(vectors["body"].as_str()).unwrap();
            let verified = verify(case["plaid_verification"].as_str().unwrap(), &key, body.as_bytes(), now);
            assert_eq!(verified.is_ok(), case["valid"], "{}: {verified:?}", case["name"]);
        }
    }
}
