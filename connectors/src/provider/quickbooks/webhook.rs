//! `intuit-signature`: the body's HMAC with the verifier token. Messages come in an old and a new shape.
//!
//! No moment is signed, and a message is sent again for an hour and more: its age says nothing. One message may name
//! several companies.

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use super::shapes::Message;
use crate::provider::contract::What;
use crate::provider::signature::check_body;
use crate::provider::{Hint, Secret, WebhookRefused};

pub fn check(verifiers: &[Secret], headers: &HeaderMap, body: &[u8]) -> Result<Hint, WebhookRefused> {
    check_body(verifiers, headers, "intuit-signature", body)?;
    let message: Message = serde_json::from_slice(body)
        .map_err(|_| WebhookRefused::Unintelligible("not a message of Intuit".to_owned()))?;
    let mut realms: Vec<String> = match message {
        Message::Events(events) => events.into_iter().map(|event| event.intuitaccountid).collect(),
        Message::Notifications { notifications } => notifications.into_iter().map(|one| one.realm_id).collect(),
    };
    realms.sort_unstable();
    realms.dedup();
    let what = if realms.is_empty() { What::Nothing } else { What::News };
    Ok(Hint { external_ids: realms, delivery: hex::encode(Sha256::digest(body)), what })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use base64::Engine;
    use hmac::{Hmac, Mac};
    use serde_json::Value;

    use super::*;

    fn read(name: &str) -> Option<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/quickbooks");
        let text = std::fs::read_to_string(format!("{folder}/{name}.json")).ok();
        if text.is_none() {
            println!("skipped: {folder} is not here");
        }
        text
    }

    fn headers(signature: &str) -> HeaderMap {
        HeaderMap::from_iter([("intuit-signature".parse().unwrap(), HeaderValue::from_str(signature).unwrap())])
    }

    /// The made-up vectors of the data folder, where it is there.
    #[test]
    fn the_vectors_of_the_fact_sheet() {
        let Some(text) = read("webhook_signature_vectors") else { return };
        let vectors: Value = serde_json::from_str(&text).unwrap();
        let verifiers = [Secret::new(vectors["verifier_token"].as_str().unwrap())];
        for case in vectors["cases"].as_array().unwrap() {
            let body = case["body"].as_str().or(vectors["body"].as_str()).unwrap();
            let checked = check(&verifiers, &headers(case["intuit_signature"].as_str().unwrap()), body.as_bytes());
            assert_eq!(checked.is_ok(), case["valid"], "{}: {checked:?}", case["name"]);
        }
    }

    fn signed(body: &str) -> Hint {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"token").unwrap();
        mac.update(body.as_bytes());
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        check(&[Secret::new("token")], &headers(&signature), body.as_bytes()).unwrap()
    }

    #[test]
    fn both_shapes_name_the_company() {
        for name in ["webhook_legacy_composed", "webhook_cloudevents_composed"] {
            let Some(body) = read(name) else { return };
            let hint = signed(&body);
            assert_eq!((hint.external_ids, hint.what), (vec!["1185883450".to_owned()], What::News), "{name}");
        }
    }

    #[test]
    fn each_company_of_a_message_is_named_once() {
        let notifications = r#"{"eventNotifications": [{"realmId": "2"}, {"realmId": "1"}, {"realmId": "2"}]}"#;
        let events = r#"[{"intuitaccountid": "1"}, {"intuitaccountid": "2"}, {"intuitaccountid": "1"}]"#;
        for body in [notifications, events] {
            assert_eq!(signed(body).external_ids, ["1", "2"]);
        }
        assert_eq!(signed("[]").what, What::Nothing);
    }
}
