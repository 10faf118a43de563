//! Shopify: a shop's orders and its Payments balance over GraphQL Admin.
//!
//! A shop is two accounts: what its orders were paid and given back, which earns, and Shopify's balance, which moves
//! the same money on and takes fees. History comes newest first in pages, and whole from a bulk operation as soon as the
//! shop has made it; later changes by `updated_at`. A page stands by itself: an order that is read twice is known.

mod authorise;
mod bulk;
mod errors;
mod map;
mod newest;
mod orders;
mod payments;
mod pull;
mod shapes;
mod subscriptions;
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
    Ask, Begun, Connector, Contents, Credentials, FoundAccount, Grant, Hint, Page, Payout, Place, ProviderError,
    Secret, WebhookRefused,
};

/// The version whose shapes are read here.
const VERSION: &str = "2026-07";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where a shop answers, `{shop}` standing for its domain: `https://{shop}`, or a simulator's.
    #[serde(default = "own_domain")]
    pub base: String,
    pub client_id: String,
    pub secret: Secret,
    /// The secret before the last rotation: messages are signed with it for up to an hour.
    #[serde(default)]
    pub previous_secret: Option<Secret>,
    #[serde(default = "scopes")]
    pub scopes: String,
    /// Whether history is read by a bulk operation, else page by page.
    #[serde(default = "yes")]
    pub bulk: bool,
    /// Orders of a page, at most 250; each costs points.
    #[serde(default = "some")]
    pub limit: u32,
    /// Days of history.
    #[serde(default = "year")]
    pub days: u32,
}

fn own_domain() -> String {
    "https://{shop}".to_owned()
}

fn scopes() -> String {
    "read_orders,read_all_orders,read_shopify_payments_accounts,read_shopify_payments_payouts".to_owned()
}

const fn yes() -> bool {
    true
}

const fn some() -> u32 {
    100
}

const fn year() -> u32 {
    366
}

#[derive(Debug, Clone)]
pub struct Shopify {
    config: Config,
    http: reqwest::Client,
}

impl Shopify {
    pub fn new(config: Config) -> Self {
        Self { config, http: client() }
    }

    fn address(&self, shop: &str, path: &str) -> String {
        format!("{}{path}", self.config.base.replace("{shop}", shop))
    }

    /// An answer of GraphQL, whose refusals come with status 200.
    async fn query(&self, of: &Credentials, query: &str, variables: Value) -> Result<Answer, ProviderError> {
        let url = self.address(&of.external_id, &format!("/admin/api/{VERSION}/graphql.json"));
        let request = self.http.post(url).header("x-shopify-access-token", of.access.expose());
        let answer = send(request.json(&json!({"query": query, "variables": variables}))).await?;
        errors::check(answer)
    }
}

#[async_trait]
impl Connector for Shopify {
    fn shared(&self) -> Arc<dyn Connector> {
        Arc::new(self.clone())
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Shopify
    }

    fn title(&self) -> &str {
        "Online shop (Shopify)"
    }

    fn asks_instance(&self) -> bool {
        true
    }

    fn is_loop_whole(&self) -> bool {
        false
    }

    async fn begin(&self, ask: &Ask) -> Result<Begun, ProviderError> {
        authorise::begin(self, ask)
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
        payments::contents(self, credentials, payout, page).await
    }

    fn progress(&self, place: &str) -> Option<u8> {
        pull::progress(self, place)
    }

    async fn webhook(&self, headers: &HeaderMap, body: &[u8], _: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
        webhook::check(&self.config, headers, body)
    }

    async fn subscribe(&self, credentials: &Credentials, address: &str) -> Result<(), ProviderError> {
        subscriptions::subscribe(self, credentials, address).await
    }

    async fn disconnect(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        authorise::disconnect(self, credentials).await
    }
}
