//! Any REST feed of JSON or CSV, described by configuration alone: `[providers.feed.<name>]`.
//!
//! A feed is one account. Each of its rows is a transaction; where an address, a list, a page and a field stand says
//! [`Config`]. A page stands by itself: a row that is read twice is known by its id.

mod authorise;
mod config;
mod errors;
mod map;
mod pull;
mod rows;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use domain::source::SourceKind;

pub use config::{Auth, Config, Fields, Format, Paging, Since, SinceFormat};

use super::http::{Answer, client, send};
use super::{
    Ask, Begun, Connector, Credentials, FoundAccount, Grant, Hint, Page, Place, ProviderError, WebhookRefused,
};

#[derive(Debug, Clone)]
pub struct Feed {
    name: String,
    config: Config,
    http: reqwest::Client,
}

impl Feed {
    pub fn new(name: impl Into<String>, config: Config) -> Self {
        Self { name: name.into(), config, http: client() }
    }

    async fn get(&self, of: &Credentials, query: &[(String, String)]) -> Result<Answer, ProviderError> {
        let Auth { header, prefix } = &self.config.auth;
        let value = format!("{prefix}{}", of.access.expose());
        let answer = send(self.http.get(&self.config.url).query(query).header(header, value)).await?;
        if answer.is_success() { Ok(answer) } else { Err(errors::of(&answer)) }
    }
}

#[async_trait]
impl Connector for Feed {
    fn shared(&self) -> Arc<dyn Connector> {
        Arc::new(self.clone())
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Feed
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn title(&self) -> &str {
        &self.config.title
    }

    fn redirects(&self) -> bool {
        false
    }

    fn takes_key(&self) -> bool {
        true
    }

    fn is_loop_whole(&self) -> bool {
        false
    }

    async fn begin(&self, _: &Ask) -> Result<Begun, ProviderError> {
        Ok(Begun::Key)
    }

    async fn complete(&self, grant: &Grant) -> Result<Credentials, ProviderError> {
        authorise::complete(self, grant).await
    }

    /// A key is what it is.
    async fn refresh(&self, credentials: &Credentials) -> Result<Credentials, ProviderError> {
        Ok(credentials.clone())
    }

    async fn accounts(&self, _: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
        let name = self.config.title.clone();
        Ok(vec![FoundAccount {
            id: self.name.clone(),
            name,
            currency: self.config.currency,
            balance: None,
            mark: None,
        }])
    }

    async fn pull(
        &self,
        credentials: &Credentials,
        account: &FoundAccount,
        place: Place<'_>,
    ) -> Result<Page, ProviderError> {
        pull::page(self, credentials, account, place).await
    }

    /// A feed sends none.
    async fn webhook(&self, _: &HeaderMap, _: &[u8], _: DateTime<Utc>) -> Result<Hint, WebhookRefused> {
        Err(WebhookRefused::Forged)
    }

    /// The key is the user's to delete.
    async fn disconnect(&self, _: &Credentials) -> Result<(), ProviderError> {
        Ok(())
    }
}
