//! A key service over HTTP, in the manner of HashiCorp Vault's Transit engine (and OpenBao's).
//!
//! Each business has a named key of its own there (`workdock-<id>`), which wraps its data keys and never leaves the
//! service; destroying a business deletes it. The token needs create, update and delete on `<mount>/keys/workdock-*`
//! and update on `<mount>/encrypt/…` and `<mount>/decrypt/…`.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use streams::sealing::{Destroyed, Key, KeyError, KeyService, Scope, Wrapped};
use zeroize::Zeroizing;

use crate::config::Secret;
use crate::outgoing::why;

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct Transit {
    http: reqwest::Client,
    /// Up to and with the mount.
    base: String,
    token: Secret,
}

impl Transit {
    pub fn try_new(url: &str, mount: &str, token: Secret) -> anyhow::Result<Self> {
        let http = crate::outgoing::client("keys.url", url, PATIENCE)?;
        let base = format!("{}/v1/{}", url.trim_end_matches('/'), mount.trim_matches('/'));
        Ok(Self { http, base, token })
    }

    /// `None` where there is no such thing.
    async fn call(&self, method: Method, path: &str, body: Value) -> Result<Option<Value>, KeyError> {
        let request = self.http.request(method, format!("{}/{path}", self.base));
        let sent = request.header("X-Vault-Token", self.token.expose()).json(&body).send().await;
        let answer = sent.map_err(|error| KeyError::Unavailable(why(&error).to_owned()))?;
        let status = answer.status();
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(KeyError::Unavailable(format!("it answers {status}")));
        }
        let body = answer.bytes().await.map_err(|error| KeyError::Unavailable(why(&error).to_owned()))?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() { Ok(Some(body)) } else { Err(refusal(status, &body)) }
    }

    async fn make(&self, scope: Scope) -> Result<(), KeyError> {
        let made = self.call(Method::POST, &format!("keys/{}", name(scope)), json!({ "type": "aes256-gcm96" })).await?;
        made.map(drop).ok_or_else(|| KeyError::Refused("there is no Transit engine at keys.url and keys.mount".into()))
    }

    async fn encrypt(&self, scope: Scope, key: &Key) -> Result<Option<Value>, KeyError> {
        let body = json!({ "plaintext": STANDARD.encode(key.expose()), "associated_data": STANDARD.encode(scope.0) });
        self.call(Method::POST, &format!("encrypt/{}", name(scope)), body).await
    }
}

fn name(scope: Scope) -> String {
    format!("workdock-{scope}")
}

fn refusal(status: StatusCode, body: &Value) -> KeyError {
    let errors: Vec<_> = body["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    KeyError::Refused(format!("{status} {}", errors.join("; ")))
}

/// `vault:v3:…` was encrypted by version 3.
fn version(ciphertext: &str) -> Option<&str> {
    ciphertext.strip_prefix("vault:")?.split(':').next()
}

#[async_trait]
impl KeyService for Transit {
    async fn wrap(&self, scope: Scope, key: &Key) -> Result<Wrapped, KeyError> {
        // Making a key that is there changes nothing, and asks for no right to read it.
        self.make(scope).await?;
        let answer = self.encrypt(scope, key).await?.ok_or(KeyError::Destroyed)?;
        let ciphertext = answer["data"]["ciphertext"].as_str().unwrap_or_default();
        let version = version(ciphertext).ok_or_else(|| KeyError::Refused("its answer has no ciphertext".into()))?;
        Ok(Wrapped { master: format!("http:{version}"), bytes: ciphertext.as_bytes().to_vec() })
    }

    async fn unwrap(&self, scope: Scope, wrapped: &Wrapped) -> Result<Key, KeyError> {
        let altered = || KeyError::Altered(wrapped.master.clone());
        let ciphertext = std::str::from_utf8(&wrapped.bytes).map_err(|_| altered())?;
        version(ciphertext).ok_or_else(altered)?;
        let body = json!({ "ciphertext": ciphertext, "associated_data": STANDARD.encode(scope.0) });
        let answer = self.call(Method::POST, &format!("decrypt/{}", name(scope)), body).await?;
        let answer = answer.ok_or_else(|| KeyError::Missing {
            id: name(scope),
            hint: "restore it in the key service, or check keys.url and keys.mount".to_owned(),
        })?;
        let key = STANDARD.decode(answer["data"]["plaintext"].as_str().unwrap_or_default()).map(Zeroizing::new);
        key.ok().and_then(|key| Key::from_slice(&key)).ok_or_else(altered)
    }

    async fn newest(&self, scope: Scope) -> Result<String, KeyError> {
        let probe = self.encrypt(scope, &Key::generate()).await?.ok_or(KeyError::Destroyed)?;
        let version = probe["data"]["ciphertext"].as_str().and_then(version);
        version.map(|version| format!("http:{version}")).ok_or(KeyError::Destroyed)
    }

    async fn rotate(&self, scopes: &[Scope]) -> Result<(), KeyError> {
        for scope in scopes {
            self.call(Method::POST, &format!("keys/{}/rotate", name(*scope)), json!({})).await?;
        }
        Ok(())
    }

    async fn destroy(&self, scope: Scope) -> Result<Destroyed, KeyError> {
        let path = format!("keys/{}", name(scope));
        self.call(Method::POST, &format!("{path}/config"), json!({ "deletion_allowed": true })).await?;
        self.call(Method::DELETE, &path, json!({})).await?;
        Ok(Destroyed::Everywhere)
    }
}

#[cfg(test)]
#[path = "transit_tests.rs"]
mod tests;
