//! Stripe: balance transactions as the truth of money, through a restricted key or OAuth.
//!
//! The account is Stripe's balance in one currency. A loop reads from the newest back to where the one before began,
//! with some days of overlap; a page stands by itself, for what is read twice is known.

mod authorise;
mod contents;
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

use super::http::{Answer, client, send};
use super::{
    Ask, Begun, Connector, Contents, Credentials, FoundAccount, Grant, Hint, Page, Payout, Place, ProviderError,
    Secret, WebhookRefused,
};

/// The version whose shapes are read here.
const VERSION: &str = "2026-08-26.dahlia";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://api.stripe.com`, or a simulator's.
    #[serde(default = "api")]
    pub base: String,
    /// Where a user agrees, `https://connect.stripe.com`; with a client id, OAuth is used.
    #[serde(default = "connect")]
    pub connect: String,
    pub client_id: Option<String>,
    /// The platform's secret key, for OAuth.
    pub secret: Option<Secret>,
    /// Secrets that webhooks are signed with: two while one is rolled.
    #[serde(default)]
    pub webhook_secrets: Vec<Secret>,
    /// Objects of a page, at most 100.
    #[serde(default = "most")]
    pub limit: u32,
    /// Test keys tell test money; only a test wants it.
    #[serde(default)]
    pub accept_test: bool,
}

fn api() -> String {
    "https://api.stripe.com".to_owned()
}

fn connect() -> String {
    "https://connect.stripe.com".to_owned()
}

const fn most() -> u32 {
    100
}

#[derive(Debug, Clone)]
pub struct Stripe {
    config: Config,
    http: reqwest::Client,
}

impl Stripe {
    pub fn new(config: Config) -> Self {
        Self { config, http: client() }
    }

    async fn get(&self, key: &Secret, path: &str, query: &[(&str, String)]) -> Result<Answer, ProviderError> {
        answered(self.asked(key, path, query).await?)
    }

    /// The same, refused or not.
    async fn asked(&self, key: &Secret, path: &str, query: &[(&str, String)]) -> Result<Answer, ProviderError> {
        let request = self.http.get(format!("{}{path}", self.config.base)).query(query);
        send(request.bearer_auth(key.expose()).header("stripe-version", VERSION)).await
    }

    async fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<Answer, ProviderError> {
        let secret = self.config.secret.as_ref().map(Secret::expose).unwrap_or_default();
        answered(send(self.http.post(url).basic_auth(secret, None::<&str>).form(form)).await?)
    }
}

fn answered(answer: Answer) -> Result<Answer, ProviderError> {
    if answer.is_success() { Ok(answer) } else { Err(errors::of(&answer)) }
}

#[async_trait]
impl Connector for Stripe {
    fn shared(&self) -> Arc<dyn Connector> {
        Arc::new(self.clone())
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Stripe
    }

    fn title(&self) -> &str {
        "Card payments (Stripe)"
    }

    fn redirects(&self) -> bool {
        self.config.client_id.is_some()
    }

    fn takes_key(&self) -> bool {
        true
    }

    fn is_loop_whole(&self) -> bool {
        false
    }

    async fn begin(&self, ask: &Ask) -> Result<Begun, ProviderError> {
        Ok(authorise::begin(self, ask))
    }

    async fn complete(&self, grant: &Grant) -> Result<Credentials, ProviderError> {
        authorise::complete(self, grant).await
    }

    async fn refresh(&self, credentials: &Credentials) -> Result<Credentials, ProviderError> {
        authorise::refresh(self, credentials).await
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

    async fn contents(
        &self,
        credentials: &Credentials,
        payout: &Payout,
        page: Option<&str>,
    ) -> Result<Contents, ProviderError> {
        contents::page(self, credentials, payout, page).await
    }

    async fn webhook(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
        webhook::check(&self.config.webhook_secrets, headers, body, now)
    }

    async fn disconnect(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        authorise::disconnect(self, credentials).await
    }
}
