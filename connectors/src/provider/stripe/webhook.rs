//! `Stripe-Signature`: HMAC-SHA256 over moment and body; any of several signatures may be the good one.

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};

use super::shapes::Event;
use crate::provider::contract::What;
use crate::provider::signature::is_signed;
use crate::provider::{Hint, Secret, WebhookRefused};

const TOLERANCE: i64 = 5 * 60;

pub fn check(secrets: &[Secret], headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
    let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).ok_or(WebhookRefused::Forged)?;
    verify(secrets, header, body, now)?;
    let event: Event = serde_json::from_slice(body)
        .map_err(|_| WebhookRefused::Unintelligible("not an event of Stripe".to_owned()))?;
    let what = match event.kind.as_str() {
        "account.application.deauthorized" => What::Access,
        kind if ["charge.", "refund.", "payout.", "balance.", "invoice."]
            .iter()
            .any(|begin| kind.starts_with(begin)) =>
        {
            What::News
        }
        _ => What::Nothing,
    };
    Ok(Hint { external_ids: event.account.into_iter().collect(), delivery: event.id, what })
}

fn verify(secrets: &[Secret], header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), WebhookRefused> {
    let mut at = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) => at = Some(text),
            // Other schemes are older or weaker.
            Some(("v1", text)) => signatures.extend(hex::decode(text).ok()),
            _ => {}
        }
    }
    let at = at.ok_or(WebhookRefused::Forged)?;
    let parts = [at.as_bytes(), b".".as_slice(), body];
    if !signatures.iter().any(|signature| is_signed(secrets, &parts, signature)) {
        return Err(WebhookRefused::Forged);
    }
    let at: i64 = at.parse().map_err(|_| WebhookRefused::Forged)?;
    if (now.timestamp() - at).abs() > TOLERANCE { Err(WebhookRefused::Stale) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The made-up vectors of the data folder, where it is there.
    #[test]
    fn the_vectors_of_the_fact_sheet() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/stripe/webhook_signature_vectors.json");
        let Ok(text) = std::fs::read_to_string(path) else { return println!("skipped: {path} is not here") };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        let secrets = [Secret::new(vectors["secret"].as_str().unwrap())];
        let now = DateTime::from_timestamp(vectors["now"].as_i64().unwrap(), 0).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let body = case["body"].as_str().or(vectors["body"].as_str()).unwrap();
            let verified = verify(&secrets, case["stripe_signature"].as_str().unwrap(), body.as_bytes(), now);
            assert_eq!(verified.is_ok(), case["valid"], "{}: {verified:?}", case["name"]);
        }
    }
}
