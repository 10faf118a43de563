//! One sync of one source: accounts, pages, identity, cursors, health.
//!
//! **Guarantee.** What a page brings and the cursor behind it are one event of the account, so that a crash between
//! any two steps, a second worker or a full re-pull lead to the same accounts. Where a loop is whole, its pages are
//! appended together; where it is not, the cursor stands still until the last page, and what is read again is known.
//!
//! **On failure.** What may pass is tried again with growing waits; an expired token is renewed once; everything else
//! becomes a health state with the provider's code, and the accounts stay as they were.

mod accounts;
mod apply;
mod documents;
mod former;
mod payouts;
mod pending;
mod rates;
mod reader;
mod watch;

use domain::account::{AccountCommand, AccountError};
use domain::source::{Health, SourceCommand, SourceError};
use domain::{AccountId, BusinessId, SourceId, TransactionId};
use sqlx::PgPool;
use streams::sealing::SealError;
use streams::{CommandError, Commands, Counts, Meta};
use uuid::Uuid;

use super::retry::{Patience, retried};
use super::{Connector, Credentials, FoundAccount, Grant, ProviderError, Vault, VaultError};
pub use accounts::{Identity, identities, mark_of};
use reader::Reader;
pub use watch::{Read, Unwatched, Wanted, Watch};

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Vault(VaultError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("the ids of transactions cannot be read or kept now")]
    Aliases(#[from] sqlx::Error),
}

impl From<SealError> for SyncError {
    fn from(error: SealError) -> Self {
        Self::Command(error.into())
    }
}

impl From<VaultError> for SyncError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Provider(error) => Self::Provider(error),
            error => Self::Vault(error),
        }
    }
}

/// A source of a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAt {
    pub business: BusinessId,
    pub source: SourceId,
}

impl SourceAt {
    /// The account of a provider's id: the same however often it is found.
    pub fn account(self, external_id: &str) -> AccountId {
        let source = self.source.as_uuid();
        let parts: [&[u8]; 3] = [b"account", source.as_bytes(), external_id.as_bytes()];
        AccountId::from_uuid(TransactionId::derive(parts).as_uuid())
    }
}

/// What one sync did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub accounts: Vec<FoundAccount>,
    pub counts: Counts,
    pub pages: u32,
    /// Loops that were begun anew.
    pub restarts: u32,
    /// Accounts of which nothing is there yet.
    pub unready: u32,
    /// Accounts whose older transactions are still to come.
    pub early: u32,
}

/// What a sync works with.
#[derive(Debug, Clone)]
pub struct Syncer<'a> {
    pub commands: &'a Commands,
    pub pool: &'a PgPool,
    pub vault: &'a dyn Vault,
    pub connector: &'a dyn Connector,
    pub patience: Patience,
    pub run: Run,
}

/// What joins everything that one sync records: its correlation and its trace, and for whom it is done.
#[derive(Debug, Clone)]
pub struct Run {
    id: Uuid,
    on_behalf_of: Option<String>,
}

impl Run {
    pub fn new(on_behalf_of: Option<String>) -> Self {
        Self { id: Uuid::now_v7(), on_behalf_of }
    }
}

impl Syncer<'_> {
    fn meta(&self, at: SourceAt) -> Meta {
        let meta = Meta::new(at.business, format!("connector:{}", self.connector.kind().as_str()));
        Meta { on_behalf_of: self.run.on_behalf_of.clone(), ..meta.within(self.run.id) }
    }

    /// Connects a source with what the browser brought, or renews the access of one that is connected. The
    /// credentials are kept before the source says that it has them.
    pub async fn connect(&self, at: SourceAt, name: &str, grant: &Grant) -> Result<Credentials, SyncError> {
        let credentials = self.connector.complete(grant).await?;
        self.keep(at, name, &credentials, &self.meta(at)).await?;
        Ok(credentials)
    }

    /// Keeps what opens a source, and says that it is connected.
    pub async fn keep(&self, at: SourceAt, name: &str, of: &Credentials, meta: &Meta) -> Result<(), SyncError> {
        self.vault.keep(at.business, at.source, of).await?;
        let kind = self.connector.kind();
        let connect = SourceCommand::Connect { id: at.source, business: at.business, kind, name: name.to_owned() };
        match self.commands.source(at.source, connect, meta).await {
            Ok(_) | Err(CommandError::Source(SourceError::AlreadyConnected)) => {}
            Err(CommandError::Source(SourceError::Disconnected)) => {
                let reconnect = SourceCommand::Reconnect { external_id: Some(of.external_id.clone()) };
                match self.commands.source(at.source, reconnect, meta).await {
                    // Somebody else connected it just now.
                    Err(CommandError::Source(SourceError::AlreadyConnected)) => {}
                    done => return done.map(|_| ()).map_err(Into::into),
                }
            }
            Err(error) => return Err(error.into()),
        }
        self.authorised(at, of, meta).await
    }

    /// The user repaired the access at the provider; the credentials stayed.
    pub async fn repaired(&self, at: SourceAt) -> Result<(), SyncError> {
        let credentials = self.vault.open(at.business, at.source, self.connector, None).await?;
        self.authorised(at, &credentials, &self.meta(at)).await
    }

    async fn authorised(&self, at: SourceAt, credentials: &Credentials, meta: &Meta) -> Result<(), SyncError> {
        let authorise = SourceCommand::Authorise { external_id: Some(credentials.external_id.clone()) };
        self.commands.source(at.source, authorise, meta).await?;
        Ok(())
    }

    /// Gives the access back, forgets it, and says so. What the provider cannot be told now does not keep the user: a
    /// worker tells it later (`worker/giving_back`).
    pub async fn disconnect(&self, at: SourceAt, reason: &str) -> Result<(), SyncError> {
        self.disconnect_as(at, reason, &self.meta(at)).await
    }

    /// The same on behalf of somebody.
    pub async fn disconnect_as(&self, at: SourceAt, reason: &str, meta: &Meta) -> Result<(), SyncError> {
        let told = match self.vault.open(at.business, at.source, self.connector, None).await {
            Ok(credentials) => self.connector.disconnect(&credentials).await,
            Err(VaultError::Missing) => Ok(()),
            Err(VaultError::Provider(error)) => Err(error),
            Err(error) => return Err(error.into()),
        };
        match told {
            Err(error) if !error.is_over() => {
                tracing::warn!(source = %at.source, %error, "the provider could not be told of a disconnection yet");
                self.vault.retire(at.source, self.connector.name()).await?;
            }
            _ => self.vault.forget(at.source).await?,
        }
        let disconnect = SourceCommand::Disconnect { reason: reason.to_owned() };
        match self.commands.source(at.source, disconnect, meta).await {
            Ok(_) | Err(CommandError::Source(SourceError::Disconnected | SourceError::NotConnected)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads everything that is new, and reports how the source stands. A source that waits for its user is left
    /// alone.
    pub async fn sync(&self, at: SourceAt) -> Result<Outcome, SyncError> {
        self.sync_watched(at, Wanted::default(), &Unwatched).await
    }

    /// The same for some of its accounts, told to somebody who watches.
    pub async fn sync_watched(
        &self,
        at: SourceAt,
        wanted: Wanted<'_>,
        watch: &dyn Watch,
    ) -> Result<Outcome, SyncError> {
        let was = self.commands.source_health(at.source).await?.ok_or(SourceError::NotConnected);
        let was = was.map_err(CommandError::Source)?;
        if !was.is_asked_again() && !wanted.probes {
            return Err(waiting(was).into());
        }
        let result = self.read_all(at, wanted, watch).await;
        let (health, reason) = match &result {
            Ok(_) => (Health::Healthy, None),
            Err(SyncError::Provider(error)) => (error.health(), error.reason()),
            // A fault of ours says nothing of the source.
            Err(_) => return result,
        };
        let report = SourceCommand::ReportHealth { health, reason };
        self.commands.source(at.source, report, &self.meta(at)).await?;
        result
    }

    async fn read_all(&self, at: SourceAt, wanted: Wanted<'_>, watch: &dyn Watch) -> Result<Outcome, SyncError> {
        let mut credentials = self.vault.open(at.business, at.source, self.connector, None).await?;
        let found = retried(self.patience, || self.connector.accounts(&credentials)).await;
        let accounts = match found {
            Err(ProviderError::TokenExpired) => {
                credentials = self.vault.open(at.business, at.source, self.connector, Some(&credentials)).await?;
                retried(self.patience, || self.connector.accounts(&credentials)).await?
            }
            found => found?,
        };
        let mut outcome = Outcome { accounts, counts: Counts::default(), pages: 0, restarts: 0, unready: 0, early: 0 };
        let identities = identities(self.pool, at, &outcome.accounts).await?;
        for (account, Identity { id, left_at }) in outcome.accounts.clone().into_iter().zip(identities) {
            if wanted.accounts.is_some_and(|accounts| !accounts.contains(&id)) {
                continue;
            }
            self.open(at, id, &account).await?;
            let credentials = &mut credentials;
            let mut reader = Reader { syncer: self, at, id, left_at, credentials, account: &account, watch };
            // Boxed: a loop holds much across its awaits.
            if let Some(receipt) = Box::pin(reader.read(&mut outcome)).await? {
                let receipt = Some(receipt).filter(|receipt| !receipt.is_empty());
                watch.read(Read { id, account: &account, receipt }).await;
            }
        }
        Ok(outcome)
    }

    async fn open(&self, at: SourceAt, id: AccountId, account: &FoundAccount) -> Result<(), SyncError> {
        let open = AccountCommand::Open {
            id,
            business: at.business,
            source: at.source,
            name: account.name.chars().take(120).collect(),
            currency: account.currency,
            external_id: Some(account.id.clone()),
        };
        match self.commands.account(id, open, &self.meta(at)).await {
            Ok(_) | Err(CommandError::Account(AccountError::AlreadyOpen)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a source is said to lack that is left alone.
fn waiting(health: Health) -> ProviderError {
    let code = health.as_str().to_owned();
    match health {
        Health::Revoked => ProviderError::Revoked { code },
        Health::Locked => ProviderError::Locked { code },
        _ => ProviderError::ConsentNeeded { code },
    }
}
