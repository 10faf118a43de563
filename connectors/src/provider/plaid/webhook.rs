//! Plaid's webhooks: a JWT signed with ES256 that holds the body's hash.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{Plaid, shapes};
use crate::provider::contract::What;
use crate::provider::{Hint, WebhookRefused};

/// Older messages are replays.
const TOLERANCE: i64 = 5 * 60;
/// Keys, and names without one, that are remembered; somebody who invents names must not fill the memory.
const MOST_KEYS: usize = 64;
const MOST_UNKNOWN: usize = 1024;
const MOST_NAME: usize = 128;
/// How long a name stays one without a key: a new key may be signed with before it can be fetched.
const UNKNOWN_FOR: TimeDelta = TimeDelta::minutes(1);
/// A webhook is answered in this time: Plaid sends it again.
const PATIENCE: Duration = Duration::from_secs(2);
/// Keys that are asked for at once.
const AT_ONCE: usize = 4;

/// Verification keys by name. Those that have expired are fetched again. Nothing waits for a lock while one is fetched.
#[derive(Debug)]
pub struct KeyCache {
    known: Mutex<HashMap<String, shapes::Jwk>>,
    /// Since when Plaid has none of this name.
    unknown: Mutex<HashMap<String, DateTime<Utc>>>,
    asking: Semaphore,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self { known: Mutex::default(), unknown: Mutex::default(), asking: Semaphore::new(AT_ONCE) }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl KeyCache {
    /// What is known of a name; `None`: Plaid must be asked.
    fn found(&self, id: &str, now: DateTime<Utc>) -> Option<Result<shapes::Jwk, WebhookRefused>> {
        if let Some(key) = lock(&self.known).get(id).filter(|key| !key.is_over(now)) {
            return Some(Ok(key.clone()));
        }
        let since = lock(&self.unknown).get(id).copied();
        since.is_some_and(|since| now - since < UNKNOWN_FOR).then_some(Err(WebhookRefused::Forged))
    }

    fn keep(&self, id: &str, key: &shapes::Jwk) {
        put(&mut lock(&self.known), MOST_KEYS, id, key.clone());
    }

    fn refuse(&self, id: &str, now: DateTime<Utc>) {
        put(&mut lock(&self.unknown), MOST_UNKNOWN, id, now);
    }
}

/// What does not fit any more goes all at once: it is asked for again.
fn put<T>(all: &mut HashMap<String, T>, most: usize, id: &str, one: T) {
    if all.len() >= most && !all.contains_key(id) {
        all.clear();
    }
    all.insert(id.to_owned(), one);
}

impl shapes::Jwk {
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.expired_at.is_some_and(|at| at <= now.timestamp())
    }
}

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
    if !is_hash(&claims.request_body_sha256, body) {
        return Err(WebhookRefused::Forged);
    }
    if (now.timestamp() - claims.iat).abs() > TOLERANCE {
        return Err(WebhookRefused::Stale);
    }
    Ok(())
}

/// Compared in constant time, as Plaid asks for.
fn is_hash(claimed: &str, body: &[u8]) -> bool {
    let Ok(claimed) = hex::decode(claimed) else { return false };
    let is = Sha256::digest(body);
    claimed.len() == is.len() && claimed.iter().zip(is).fold(0, |differ, (one, other)| differ | (one ^ other)) == 0
}

async fn key(plaid: &Plaid, id: &str, now: DateTime<Utc>) -> Result<shapes::Jwk, WebhookRefused> {
    if id.len() > MOST_NAME {
        return Err(WebhookRefused::Forged);
    }
    if let Some(found) = plaid.keys.found(id, now) {
        return found;
    }
    // One question about a name at a time, and a few at once: whoever invents names waits behind nobody but others who
    // do, and known keys need none.
    let Ok(_turn) = plaid.keys.asking.try_acquire() else { return Err(WebhookRefused::KeyUnavailable) };
    let asked = plaid.call("/webhook_verification_key/get", json!({"key_id": id}));
    let answer = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) if error.is_passing() => return Err(WebhookRefused::KeyUnavailable),
        Ok(Err(_)) => {
            plaid.keys.refuse(id, now);
            return Err(WebhookRefused::Forged);
        }
        Err(_) => return Err(WebhookRefused::KeyUnavailable),
    };
    let key = answer.read::<shapes::VerificationKey>().map_err(|_| WebhookRefused::KeyUnavailable)?.key;
    if key.is_over(now) {
        plaid.keys.refuse(id, now);
        return Err(WebhookRefused::Forged);
    }
    plaid.keys.keep(id, &key);
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

    #[test]
    fn names_without_a_key_are_remembered_for_a_minute_and_bounded() {
        let (keys, now) = (KeyCache::default(), Utc::now());
        keys.refuse("invented", now);
        assert_eq!(keys.found("invented", now).unwrap().err(), Some(WebhookRefused::Forged));
        assert!(keys.found("invented", now + UNKNOWN_FOR).is_none(), "a new key may have come");
        for number in 0..MOST_UNKNOWN * 2 {
            keys.refuse(&number.to_string(), now);
        }
        assert!(lock(&keys.unknown).len() <= MOST_UNKNOWN);
    }

    #[test]
    fn a_hash_is_one_of_this_body_alone() {
        let hash = hex::encode(Sha256::digest(b"{}"));
        assert!(is_hash(&hash, b"{}") && !is_hash(&hash, b"{} ") && !is_hash("", b"{}") && !is_hash(&hash[2..], b"{}"));
    }

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
