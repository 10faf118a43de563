//! Passkeys, with an authenticator in software.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::{App, Browser, PASSWORD};

const ADA: &str = "ada@example.com";
const PAGE: &str = "http://localhost:8080";

/// A device with one Ed25519 passkey, which asks its user for a fingerprint.
#[derive(Clone)]
struct Device {
    key: SigningKey,
    id: Vec<u8>,
    user: String,
    uses: u32,
}

impl Device {
    fn new(seed: u8) -> Self {
        Self { key: SigningKey::from_bytes(&[seed; 32]), id: vec![seed; 32], user: String::new(), uses: 0 }
    }

    fn client_data(kind: &str, options: &Value, origin: &str) -> Vec<u8> {
        let challenge = &options["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false }).to_string().into_bytes()
    }

    fn authenticator_data(&mut self, flags: u8) -> Vec<u8> {
        self.uses += 1;
        [&Sha256::digest("localhost")[..], &[flags], &self.uses.to_be_bytes()].concat()
    }

    fn create(&mut self, options: &Value, origin: &str) -> Value {
        self.user = options["user"]["id"].as_str().unwrap().to_owned();
        let public = self.key.verifying_key().to_bytes();
        // COSE: an octet key pair (1), EdDSA (-8), Ed25519 (6).
        let cose = [&[0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20], public.as_slice()].concat();
        let data = [self.authenticator_data(0x45), vec![0; 16], vec![0, 32], self.id.clone(), cose].concat();
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58";
        let attestation = [head.as_slice(), &[u8::try_from(data.len()).unwrap()], &data].concat();
        json!({
            "id": B64.encode(&self.id), "rawId": B64.encode(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "attestationObject": B64.encode(attestation),
                "clientDataJSON": B64.encode(Self::client_data("webauthn.create", options, origin)),
                "transports": ["internal"],
            },
        })
    }

    fn get(&mut self, options: &Value, origin: &str) -> Value {
        let client = Self::client_data("webauthn.get", options, origin);
        let data = self.authenticator_data(0x05);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        json!({
            "id": B64.encode(&self.id), "rawId": B64.encode(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "authenticatorData": B64.encode(data),
                "clientDataJSON": B64.encode(client),
                "signature": B64.encode(self.key.sign(&signed).to_bytes()),
                "userHandle": self.user,
            },
        })
    }
}

async fn options(browser: &mut Browser<'_>, route: &str, body: Value) -> Value {
    let answer = browser.post(route, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn enrolled(app: &App) -> (Browser<'_>, Device) {
    let (mut browser, mut device) = (app.signed_in(ADA).await, Device::new(1));
    let start = options(&mut browser, "factors/passkeys/start", json!({ "name": "Phone" })).await;
    // Enforced, it would shut out every device that does not know the extension.
    assert_eq!(start["extensions"]["enforceCredentialProtectionPolicy"], false);
    let made = device.create(&start, PAGE);
    let answer = browser.post("factors/passkeys/finish", made.clone()).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert_eq!(browser.post("factors/passkeys/finish", made).await.status, 401);
    (browser, device)
}

async fn sign_in(browser: &mut Browser<'_>, device: &mut Device, origin: &str) -> u16 {
    let start = options(browser, "sign-in/passkey/start", json!({})).await;
    browser.post("sign-in/passkey/finish", device.get(&start, origin)).await.status
}

#[tokio::test]
async fn a_passkey_alone_signs_in() {
    let app = App::start().await;
    let (mut browser, mut device) = enrolled(&app).await;
    assert!(browser.who().await.ends_with(" SteppedUp"));
    assert_eq!(browser.get("factors").await.json()["passkeys"][0]["name"], "Phone");
    let mut other = app.browser();
    assert_eq!(sign_in(&mut other, &mut device, PAGE).await, 200);
    assert!(other.who().await.ends_with(" SteppedUp"));
    let id = browser.get("factors").await.json()["passkeys"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(app.signed_in("eve@example.com").await.delete(&format!("factors/passkeys/{id}")).await.status, 404);
    assert_eq!(browser.delete(&format!("factors/passkeys/{id}")).await.status, 204);
    assert_eq!(sign_in(&mut app.browser(), &mut device, PAGE).await, 401);
}

#[tokio::test]
async fn a_passkey_is_a_second_factor_and_a_confirmation() {
    let app = App::start().await;
    let (_, mut device) = enrolled(&app).await;
    let mut browser = app.browser();
    let step = browser.sign_in(ADA, PASSWORD).await.json();
    assert_eq!(step, json!({ "next": "SECOND_FACTOR", "methods": ["PASSKEY"] }));
    assert_eq!(sign_in(&mut browser, &mut device, PAGE).await, 200);
    app.execute("update access.session set second_factor_at = now() - interval '11 minutes'").await;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert!(browser.who().await.ends_with(" TwoFactors"));
    let start = options(&mut browser, "confirm/passkey/start", json!({})).await;
    let answer = browser.post("confirm/passkey/finish", device.get(&start, PAGE)).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert!(browser.who().await.ends_with(" SteppedUp"));
}

#[tokio::test]
async fn what_was_not_signed_here_and_now_is_refused() {
    let app = App::start().await;
    let (_, device) = enrolled(&app).await;
    // Another page, another key, a copy that counts behind, an answer once more, and one to another question.
    assert_eq!(sign_in(&mut app.browser(), &mut device.clone(), "http://evil.example").await, 401);
    let mut other_key = Device { key: SigningKey::from_bytes(&[9; 32]), ..device.clone() };
    assert_eq!(sign_in(&mut app.browser(), &mut other_key, PAGE).await, 401);
    let mut stranger = Device { user: B64.encode([7; 16]), ..device.clone() };
    assert_eq!(sign_in(&mut app.browser(), &mut stranger, PAGE).await, 401);
    let (mut first, mut copy) = (device.clone(), device.clone());
    assert_eq!(sign_in(&mut app.browser(), &mut first, PAGE).await, 200);
    assert_eq!(sign_in(&mut app.browser(), &mut copy, PAGE).await, 401);

    let mut browser = app.browser();
    let start = options(&mut browser, "sign-in/passkey/start", json!({})).await;
    let answer = first.get(&start, PAGE);
    let ceremony = browser.cookies.clone();
    assert_eq!(browser.post("sign-in/passkey/finish", answer.clone()).await.status, 200);
    browser.cookies = ceremony;
    assert_eq!(browser.post("sign-in/passkey/finish", answer.clone()).await.status, 401);
    options(&mut browser, "sign-in/passkey/start", json!({})).await;
    assert_eq!(browser.post("sign-in/passkey/finish", answer).await.status, 401);
}
