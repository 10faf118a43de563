//! QuickBooks Online: what the books say of a company's money, over query and change data capture.
//!
//! A company is one account in its home currency. The first loop lists each entity, newest first and a page of each in
//! turn, and then asks what changed while it listed; later loops ask for changes alone. Changes are told for 30 days: after a longer silence everything is
//! listed again. A page stands by itself, for what is read twice is known.
//!
//! Invoices, bills and credits are read beside what moves money, with what payments pay of them. A company that was
//! connected before they were is asked once for those of its history.

mod authorise;
mod chart;
mod documents;
mod errors;
mod map;
mod pull;
mod shapes;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use domain::source::SourceKind;
use serde::Deserialize;

use super::http::{Answer, client, send};
use super::{
    Ask, Begun, Connector, Credentials, FoundAccount, Grant, Hint, Page, Place, ProviderError, Secret, WebhookRefused,
};

/// The version whose shapes are read here; older ones ended in August 2025.
const MINOR_VERSION: &str = "75";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `https://quickbooks.api.intuit.com`, or a simulator's.
    #[serde(default = "api")]
    pub base: String,
    /// Where the addresses of Intuit's OAuth stand.
    #[serde(default = "discovery")]
    pub discovery: String,
    pub client_id: String,
    pub secret: Secret,
    /// Signs webhooks; not the client's secret.
    #[serde(default)]
    pub verifier_tokens: Vec<Secret>,
    /// Objects of a page, at most 1,000.
    #[serde(default = "most")]
    pub limit: u32,
    /// Days of history; `None`: all of it.
    #[serde(default = "year")]
    pub days: Option<u32>,
    /// Seconds to wait after too many requests: Intuit advises 60 and says so in no header.
    #[serde(default = "minute")]
    pub pause: u64,
}

fn api() -> String {
    "https://quickbooks.api.intuit.com".to_owned()
}

fn discovery() -> String {
    "https://developer.api.intuit.com/.well-known/openid_configuration".to_owned()
}

const fn most() -> u32 {
    1000
}

const fn year() -> Option<u32> {
    Some(366)
}

const fn minute() -> u64 {
    60
}

#[derive(Debug, Clone)]
pub struct QuickBooks {
    config: Config,
    http: reqwest::Client,
    endpoints: Arc<tokio::sync::OnceCell<shapes::Endpoints>>,
    charts: Arc<chart::Charts>,
}

impl QuickBooks {
    pub fn new(config: Config) -> Self {
        Self { config, http: client(), endpoints: Arc::default(), charts: Arc::default() }
    }

    async fn get(&self, of: &Credentials, path: &str, query: &[(&str, &str)]) -> Result<Answer, ProviderError> {
        let url = format!("{}/v3/company/{}/{path}", self.config.base, of.external_id);
        let request = self.http.get(url).query(query).query(&[("minorversion", MINOR_VERSION)]);
        let request = request.bearer_auth(of.access.expose()).header("accept", "application/json");
        let answer = send(request).await?;
        let pause = Duration::from_secs(self.config.pause);
        if answer.is_success() { Ok(answer) } else { Err(errors::of(&answer, pause)) }
    }

    async fn query(&self, of: &Credentials, text: &str) -> Result<Answer, ProviderError> {
        self.get(of, "query", &[("query", text)]).await
    }
}

#[async_trait]
impl Connector for QuickBooks {
    fn shared(&self) -> Arc<dyn Connector> {
        Arc::new(self.clone())
    }

    fn kind(&self) -> SourceKind {
        SourceKind::QuickBooks
    }

    fn title(&self) -> &str {
        "Books (QuickBooks Online)"
    }

    fn is_loop_whole(&self) -> bool {
        false
    }

    async fn begin(&self, ask: &Ask) -> Result<Begun, ProviderError> {
        authorise::begin(self, ask).await
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

    fn progress(&self, place: &str) -> Option<u8> {
        pull::progress(place)
    }

    async fn webhook(&self, headers: &HeaderMap, body: &[u8], _: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
        webhook::check(&self.config.verifier_tokens, headers, body)
    }

    async fn disconnect(&self, credentials: &Credentials) -> Result<(), ProviderError> {
        authorise::disconnect(self, credentials).await
    }
}
