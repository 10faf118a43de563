//! What every connector must do. See `docs/connectors.md` for the rules that types cannot say.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::HeaderMap;
use chrono::{DateTime, NaiveDate, Utc};
use domain::source::SourceKind;
use domain::{Booked, Category, Currency, Kind};
use rust_decimal::Decimal;

use super::{Credentials, Documents, ProviderError, Secret};

/// What the user's browser is sent to the provider with.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Bound to the session of the user; comes back unchanged.
    pub state: String,
    /// Where the provider sends the browser afterwards.
    pub redirect_uri: String,
    /// Where the provider sends webhooks.
    pub webhook: Option<String>,
    /// The business, as the provider may call it.
    pub user: String,
    /// Credentials that are repaired instead of made.
    pub repairs: Option<Credentials>,
    /// Which of the provider's instances, where there are many: a shop's address.
    pub instance: Option<String>,
    /// PKCE: the S256 challenge of a verifier that [`Grant::Code`] brings.
    pub challenge: Option<String>,
}

/// How the browser goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// To an address of the provider.
    Redirect(String),
    /// To an address of the provider, which keeps what came of it under a token: nothing comes back with the browser.
    Hosted { url: String, token: Secret },
    /// Nothing to open: the user pastes a key.
    Key,
}

/// What came back from the browser.
#[derive(Debug, Clone)]
pub enum Grant {
    /// A code or public token, which works once.
    Code {
        code: String,
        redirect_uri: String,
        /// PKCE: what [`Ask::challenge`] was made of.
        verifier: Option<Secret>,
        /// All parameters of the address that the browser came back to.
        params: BTreeMap<String, String>,
    },
    /// The browser came back from [`Begun::Hosted`].
    Hosted(Secret),
    /// A key that the user pasted.
    Key { key: Secret, instance: Option<String> },
}

impl Grant {
    /// A code alone.
    pub fn code(code: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        Self::Code { code: code.into(), redirect_uri: redirect_uri.into(), verifier: None, params: BTreeMap::new() }
    }

    /// A key alone.
    pub fn key(key: impl Into<String>) -> Self {
        Self::Key { key: Secret::new(key), instance: None }
    }
}

/// An account at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAccount {
    /// The provider's id.
    pub id: String,
    pub name: String,
    pub currency: Currency,
    pub balance: Option<Balance>,
    /// What the account shows under whatever id the provider tells it: where ids change when it is connected again,
    /// it goes on under this. `None` where ids stay.
    pub mark: Option<String>,
}

/// What the provider says an account holds; plus is the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    pub current: Decimal,
    pub available: Option<Decimal>,
}

/// Where a pull goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The account's cursor, kept by its last event: where this loop of pages began.
    pub cursor: Option<&'a str>,
    /// Within the loop: what the page before said in [`Then::More`].
    pub page: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// There are more pages in this loop.
    More(String),
    /// The loop is over, and this is the account's cursor from now on. `None`: nothing is there yet, keep the old one.
    Done(Option<String>),
    /// The same, but older transactions are still to come: the history is not whole yet.
    Early(Option<String>),
    /// As `Done`, and the loop told everything that is there from this day on: what it did not tell is gone.
    Whole { cursor: Option<String>, from: NaiveDate },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub reported: Vec<Reported>,
    /// Entity type and id of what the provider took back.
    pub removed: Vec<(&'static str, String)>,
    /// Of the books: none where the provider keeps none.
    pub documents: Documents,
    /// Payouts among these transactions of which the provider says what is in them.
    pub payouts: Vec<Payout>,
    pub then: Then,
    /// The answer that told it, byte by byte as it came; empty where none told anything. It is kept for whoever checks,
    /// so nothing that opens something may be in it.
    pub payload: Bytes,
}

/// Money on its way to the bank, of which the provider says what it is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Its own transaction: entity type and id.
    pub transaction: (&'static str, String),
    /// The provider's name of it.
    pub id: String,
    pub day: NaiveDate,
}

/// A page of what a payout is the sum of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Entity type and id; the payout itself is none of them.
    pub holds: Vec<(&'static str, String)>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A transaction as the provider tells it, in our terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The provider's type of object; ids are unique within it.
    pub entity: &'static str,
    pub id: String,
    /// The id that it had before, e.g. while it was pending: it stays the same transaction.
    pub replaces: Option<String>,
    /// Told before it is booked: the balance of the account does not hold it yet.
    pub pending: bool,
    pub booked: Booked,
    pub value_date: Option<NaiveDate>,
    /// Plus is money in.
    pub amount: Decimal,
    pub currency: Currency,
    pub kind: Kind,
    /// In the tree where the provider's own has a place there, else the provider's own.
    pub category: Category,
    /// The provider's own, letter by letter.
    pub provider_category: Option<String>,
    pub description: Option<String>,
    pub counterparty: Option<String>,
    /// What the provider converted it with, where it came in another currency and the provider says so.
    pub converted: Option<Converted>,
}

/// One unit of `from` was worth `rate` units of `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converted {
    pub from: Currency,
    pub to: Currency,
    pub rate: Decimal,
}

/// What a webhook says: look again. It is never believed for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// [`Credentials::external_id`] of each whom it concerns; none: of all, since it does not say.
    pub external_ids: Vec<String>,
    /// To recognise a second delivery.
    pub delivery: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// There may be something new.
    News,
    /// The access is not what it was; a sync finds out how.
    Access,
    /// It works again.
    Repaired,
    /// Nothing that concerns us.
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    #[error("the signature is missing or not of this body")]
    Forged,
    #[error("it was signed too long ago or for another time")]
    Stale,
    #[error("it is signed, but not understood: {0}")]
    Unintelligible(String),
    #[error("its key cannot be fetched now")]
    KeyUnavailable,
}

/// One provider. Stateless but for caches: any number of workers may use it at once.
#[async_trait]
pub trait Connector: Debug + Send + Sync {
    /// The same, with its caches, for what goes on by itself.
    fn shared(&self) -> Arc<dyn Connector>;

    fn kind(&self) -> SourceKind;

    /// Its name in configuration, addresses and the list of those that can be connected.
    fn name(&self) -> &str {
        self.kind().as_str()
    }

    /// As people call it.
    fn title(&self) -> &str;

    /// Whether the browser can be sent to it to agree.
    fn redirects(&self) -> bool {
        true
    }

    /// Whether a pasted key opens it too.
    fn takes_key(&self) -> bool {
        false
    }

    /// Whether [`Ask::instance`] must be said first.
    fn asks_instance(&self) -> bool {
        false
    }

    /// Whether the pages of a loop stand or fall together. Then nothing is recorded before its last page.
    fn is_loop_whole(&self) -> bool;

    /// Whether what was disconnected comes back under other ids, and is known by [`FoundAccount::mark`] alone.
    fn renames(&self) -> bool {
        false
    }

    /// How much of a loop lies behind a place that its last page said, in percent. `None`: that is seen from the days
    /// that were read.
    fn progress(&self, _place: &str) -> Option<u8> {
        None
    }

    /// Begins an authorisation.
    async fn begin(&self, ask: &Ask) -> Result<Begun, ProviderError>;

    /// Exchanges what the browser brought.
    async fn complete(&self, grant: &Grant) -> Result<Credentials, ProviderError>;

    /// New credentials for expired ones; they are stored before they are used.
    async fn refresh(&self, credentials: &Credentials) -> Result<Credentials, ProviderError>;

    async fn accounts(&self, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError>;

    /// One page of one account. The same place may be asked for again, and pages may overlap.
    async fn pull(
        &self,
        credentials: &Credentials,
        account: &FoundAccount,
        place: Place<'_>,
    ) -> Result<Page, ProviderError>;

    /// A page of what a payout of [`Page::payouts`] is the sum of; none where the provider says nothing of this one.
    async fn contents(
        &self,
        _credentials: &Credentials,
        _payout: &Payout,
        _page: Option<&str>,
    ) -> Result<Contents, ProviderError> {
        Ok(Contents::default())
    }

    /// Checks a webhook's signature over the bytes as they came, and reads it.
    async fn webhook(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Hint, WebhookRefused>;

    /// Tells the provider where its messages go, where it is told over its API; again is no error, and it is done
    /// again each day.
    async fn subscribe(&self, _credentials: &Credentials, _address: &str) -> Result<(), ProviderError> {
        Ok(())
    }

    /// Gives the access back at the provider. What is gone already is no error.
    async fn disconnect(&self, credentials: &Credentials) -> Result<(), ProviderError>;
}
