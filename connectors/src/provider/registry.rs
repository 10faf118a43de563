//! The connectors of this installation, by name: those that are configured.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use streams::tls::is_this_machine;

use super::{Connector, feed, plaid, quickbooks, shopify, stripe};

/// `[providers.<name>]`: whose clients we are. A provider that is absent cannot be connected.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub plaid: Option<plaid::Config>,
    pub stripe: Option<stripe::Config>,
    /// Any number of them, each by its name.
    pub feed: BTreeMap<String, feed::Config>,
    pub quickbooks: Option<quickbooks::Config>,
    pub shopify: Option<shopify::Config>,
}

/// An address that would carry keys and figures readable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("providers.{0} must begin with https://: what is sent there would cross the network readable")]
pub struct InTheClear(String);

impl Settings {
    /// That every provider is asked over TLS, or on this very machine.
    pub fn check(&self) -> Result<(), InTheClear> {
        let fixed = [
            ("plaid.base", self.plaid.as_ref().map(|config| &config.base)),
            ("stripe.base", self.stripe.as_ref().map(|config| &config.base)),
            ("stripe.connect", self.stripe.as_ref().map(|config| &config.connect)),
            ("quickbooks.base", self.quickbooks.as_ref().map(|config| &config.base)),
            ("quickbooks.discovery", self.quickbooks.as_ref().map(|config| &config.discovery)),
            ("shopify.base", self.shopify.as_ref().map(|config| &config.base)),
        ];
        let fixed = fixed.into_iter().filter_map(|(name, address)| Some((name.to_owned(), address?)));
        let feeds = self.feed.iter().map(|(name, config)| (format!("feed.{name}.url"), &config.url));
        match fixed.chain(feeds).find(|(_, address)| !is_protected(address)) {
            Some((name, _)) => Err(InTheClear(name)),
            None => Ok(()),
        }
    }
}

/// An address may have a place for a name in it, which is no part of a URL yet.
fn is_protected(address: &str) -> bool {
    let is_near = |url: reqwest::Url| url.host_str().is_some_and(is_this_machine);
    address.starts_with("https://") || reqwest::Url::parse(address).is_ok_and(is_near)
}

#[derive(Debug, Clone, Default)]
pub struct Registry(BTreeMap<String, Arc<dyn Connector>>);

impl Registry {
    pub fn configured(settings: &Settings) -> Self {
        let mut this = Self::default();
        if let Some(config) = &settings.plaid {
            this.add(Arc::new(plaid::Plaid::new(config.clone())));
        }
        if let Some(config) = &settings.stripe {
            this.add(Arc::new(stripe::Stripe::new(config.clone())));
        }
        if let Some(config) = &settings.quickbooks {
            this.add(Arc::new(quickbooks::QuickBooks::new(config.clone())));
        }
        if let Some(config) = &settings.shopify {
            this.add(Arc::new(shopify::Shopify::new(config.clone())));
        }
        for (name, config) in &settings.feed {
            this.add(Arc::new(feed::Feed::new(name.clone(), config.clone())));
        }
        this
    }

    pub fn add(&mut self, connector: Arc<dyn Connector>) {
        self.0.insert(connector.name().to_owned(), connector);
    }

    pub fn get(&self, name: &str) -> Option<&Arc<dyn Connector>> {
        self.0.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// In the order of their names.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        self.0.values()
    }

    /// Each connector within another, e.g. one that counts requests.
    #[must_use]
    pub fn wrapped(&self, wrap: impl Fn(Arc<dyn Connector>) -> Arc<dyn Connector>) -> Self {
        Self(self.0.iter().map(|(name, connector)| (name.clone(), wrap(connector.clone()))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_configured_can_be_connected() {
        let text = r#"
            [plaid]
            client_id = "client"
            secret = "secret"
            [stripe]
            webhook_secrets = ["whsec_x"]
        "#;
        let settings: Settings = toml::from_str(text).unwrap();
        assert_eq!(Registry::configured(&settings).names().collect::<Vec<_>>(), ["plaid", "stripe"]);
        assert_eq!(settings.plaid.unwrap().base, "https://production.plaid.com");
        assert!(Registry::configured(&Settings::default()).names().next().is_none());
        assert!(toml::from_str::<Settings>("[plaid]\nclient_id = \"c\"\nsecret = \"s\"\nbass = \"x\"").is_err());
    }

    #[test]
    fn no_provider_is_asked_in_the_clear() {
        let stripe = |base: &str| {
            let settings: Settings = toml::from_str(&format!("[stripe]\nbase = \"{base}\"")).unwrap();
            settings.check().map_err(|error| error.to_string())
        };
        for base in ["https://api.stripe.com", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"] {
            assert_eq!(stripe(base), Ok(()), "{base}");
        }
        for base in
            ["http://api.stripe.com", "http://127.0.0.1.example.com", "http://localhost@example.com", "nonsense"]
        {
            assert!(stripe(base).unwrap_err().starts_with("providers.stripe.base must begin with https://"), "{base}");
        }
    }
}
