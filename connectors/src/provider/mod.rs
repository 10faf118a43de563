//! Providers: what a connector must do, and what is done with it.
//!
//! The written contract is `docs/connectors.md`. A connector knows its provider's HTTP and shapes and nothing else: it
//! is asked for pages and answers in [`Reported`] transactions and [`ProviderError`] situations. [`sync`] does the rest
//! for all of them: cursors, identity, retries, health. A new provider is a new folder with the files of its siblings.

mod aliases;
mod contract;
mod credentials;
mod documents;
mod error;
pub mod feed;
mod http;
mod money;
mod oauth;
pub mod plaid;
pub mod quickbooks;
mod registry;
mod retry;
pub mod shopify;
mod signature;
pub mod stripe;
pub mod sync;
mod vault;

pub use aliases::Aliases;
pub use contract::{
    Ask, Balance, Begun, Connector, Contents, Converted, FoundAccount, Grant, Hint, Page, Payout, Place, Reported,
    Then, WebhookRefused, What,
};
pub use credentials::{Credentials, Secret};
pub use documents::{Documents, Name, Paying, ReportedDocument};
pub use error::ProviderError;
pub use money::{MoneyError, from_minor, from_number};
pub use registry::{Registry, Settings};
pub use retry::{Patience, retried};
pub(crate) use vault::FIELD as RETIRED_AS;
pub use vault::{MemoryVault, SealedVault, Vault, VaultError};
