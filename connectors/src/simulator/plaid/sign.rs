//! The JWT of a webhook: ES256, with the hash of the body.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::demo::Seed;
use crate::simulator::company::ident;

/// A key that follows from the seed.
fn key(seed: Seed) -> SigningKey {
    let mut n = 0_u8;
    loop {
        let digest = Sha256::new().chain_update(b"plaid webhook key").chain_update(seed.0.to_be_bytes());
        // One in 2^32 digests is no key of the curve.
        if let Ok(key) = SigningKey::from_slice(&digest.chain_update([n]).finalize()) {
            return key;
        }
        n = n.wrapping_add(1);
    }
}

fn key_id(seed: Seed) -> String {
    ident(seed, "", "plaid webhook key")
}

/// The JWK that `/webhook_verification_key/get` gives.
pub fn public_key(seed: Seed) -> Value {
    let point = key(seed).verifying_key().to_encoded_point(false);
    let text = |part: Option<&p256::FieldBytes>| part.map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    json!({
        "alg": "ES256",
        "created_at": 1_560_466_150,
        "crv": "P-256",
        "expired_at": null,
        "kid": key_id(seed),
        "kty": "EC",
        "use": "sig",
        "x": text(point.x()),
        "y": text(point.y()),
    })
}

pub fn header(seed: Seed, body: &[u8], at: DateTime<Utc>) -> (&'static str, String) {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({"alg": "ES256", "kid": key_id(seed), "typ": "JWT"}));
    let claims = part(&json!({"iat": at.timestamp(), "request_body_sha256": hex::encode(Sha256::digest(body))}));
    let signed = format!("{head}.{claims}");
    let signature: Signature = key(seed).sign(signed.as_bytes());
    ("plaid-verification", format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
}
