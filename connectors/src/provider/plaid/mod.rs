//! Plaid: bank accounts through Link and `/transactions/sync`.
//!
//! Each account is a stream of its own (`options.account_id`), so that its cursor lies in its own events. A loop of
//! pages is whole: when Plaid says that its data changed meanwhile, nothing of the loop is kept, for a transaction
//! that vanished in between is never told as removed.

mod authorise;
mod categories;
mod errors;
mod map;
mod pull;
mod shapes;
mod webhook;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use domain::source::SourceKind;
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{Answer, client, send};
use super::{
    Ask, Begun, Connector, Credentials, FoundAccount, Grant, Hint, Page, Place, ProviderError, Secret, WebhookRefused,
};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://production.plaid.com`, or a simulator's.
    #[serde(default = "production")]
    pub base: String,
    pub client_id: String,
    pub secret: Secret,
    /// ISO 3166 codes of the countries whose banks are offered.
    #[serde(default = "countries")]
    pub countries: Vec<String>,
    /// Days of history, at most 730; fixed once an Item is made.
    #[serde(default = "year")]
    pub days: u32,
}

fn production() -> String {
    "https://production.plaid.com".to_owned()
}

fn countries() -> Vec<String> {
    ["US", "CA", "GB"].map(ToOwned::to_owned).to_vec()
}

const fn year() -> u32 {
    366
}

#[derive(Debug, Clone)]
pub struct Plaid {
    config: Config,
    http: reqwest::Client,
    keys: Arc<webhook::KeyCache>,
}

impl Plaid {
    pub fn new(config: Config) -> Self {
        Self { config, http: client(), keys: Arc::default() }
    }

    async fn call(&self, path: &str, mut body: Value) -> Result<Answer, ProviderError> {
        body["client_id"] = json!(self.config.client_id);
        body["secret"] = json!(self.config.secret.expose());
        let request = self.http.post(format!("{}{path}", self.config.base)).header("plaid-version", "2020-09-14");
        let answer = send(request.json(&body)).await?;
        if answer.is_success() { Ok(answer) } else { Err(errors::of(&answer)) }
    }
}

#[async_trait]
impl Connector for Plaid {
    fn shared(&self) -> Arc<dyn Connector> {
        Arc::new(self.clone())
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Plaid
    }

    fn title(&self) -> &str {
        "Bank accounts (Plaid)"
    }

    fn is_loop_whole(&self) -> bool {
        true
    }

    /// An Item's ids are its own: whoever links the same bank once more gets others.
    fn renames(&self) -> bool {
        true
    }

    async fn begin(&self, ask: &Ask) -> Result<Begun, ProviderError> {
        authorise::begin(self, ask).await
    }

    async fn complete(&self, grant: &Grant) -> Result<Credentials, ProviderError> {
        authorise::complete(self, grant).await
    }

    /// Access tokens do not expire; what is refused needs the user.
    async fn refresh(&self, credentials: &Credentials) -> Result<Credentials, ProviderError> {
        Ok(credentials.clone())
    }

    async fn accounts(&self, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
        pull::accounts(self, credentials).await
    }

    async fn pull(
        &self,
        credentials: &Credentials,
        account: &FoundAccount,
        place: Place<'_>,
    ) -> Result<Page, ProviderError> {
        pull::page(self, credentials, account, place).await
    }

    async fn webhook(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
        webhook::check(self, headers, body, now).await
    }

    async fn disconnect(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        authorise::disconnect(self, credentials).await
    }
}
