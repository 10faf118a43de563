//! One sync of one source: accounts, pages, identity, cursors, health.
//!
//! **Guarantee.** What a page brings and the cursor behind it are one event of the account, so that a crash between
//! any two steps, a second worker or a full re-pull lead to the same accounts. Where a loop is whole, its pages are
//! appended together; where it is not, the cursor stands still until the last page, and what is read again is known.
//!
//! **On failure.** What may pass is tried again with growing waits; an expired token is renewed once; everything else
//! becomes a health state with the provider's code, and the accounts stay as they were.

mod apply;

use domain::account::{AccountCommand, AccountError};
use domain::source::{Health, SourceCommand, SourceError};
use domain::{AccountId, BusinessId, SourceId, TransactionId};
use sqlx::PgPool;
use streams::{CommandError, Commands, Counts, Meta};

use super::retry::{Patience, retried};
use super::{
    Aliases, Connector, Credentials, FoundAccount, Grant, Page, Place, ProviderError, Then, Vault, VaultError,
};
use apply::Applied;

/// How often a loop may be begun anew before the source is left for the next round.
const RESTARTS: u32 = 5;
/// Pages that one loop may have; a provider that never ends one is not followed for ever.
const MOST_PAGES: u32 = 10_000;

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
}

/// What a sync works with.
#[derive(Debug, Clone)]
pub struct Syncer<'a> {
    pub commands: &'a Commands,
    pub pool: &'a PgPool,
    pub vault: &'a dyn Vault,
    pub connector: &'a dyn Connector,
    pub patience: Patience,
}

impl Syncer<'_> {
    fn meta(&self, at: SourceAt) -> Meta {
        Meta::new(at.business, format!("connector:{}", self.connector.kind().as_str()))
    }

    /// Connects a source with what the browser brought, or renews the access of one that is connected. The
    /// credentials are kept before the source says that it has them.
    pub async fn connect(&self, at: SourceAt, name: &str, grant: &Grant) -> Result<Credentials, SyncError> {
        let credentials = self.connector.complete(grant).await?;
        self.vault.keep(at.business, at.source, &credentials).await?;
        let kind = self.connector.kind();
        let connect = SourceCommand::Connect { id: at.source, business: at.business, kind, name: name.to_owned() };
        match self.commands.source(at.source, connect, &self.meta(at)).await {
            Ok(_) | Err(CommandError::Source(SourceError::AlreadyConnected)) => {}
            Err(error) => return Err(error.into()),
        }
        self.authorised(at, &credentials).await?;
        Ok(credentials)
    }

    /// The user repaired the access at the provider; the credentials stayed.
    pub async fn repaired(&self, at: SourceAt) -> Result<(), SyncError> {
        let credentials = self.vault.open(at.business, at.source, self.connector, None).await?;
        self.authorised(at, &credentials).await
    }

    async fn authorised(&self, at: SourceAt, credentials: &Credentials) -> Result<(), SyncError> {
        let authorise = SourceCommand::Authorise { external_id: Some(credentials.external_id.clone()) };
        self.commands.source(at.source, authorise, &self.meta(at)).await?;
        Ok(())
    }

    /// Gives the access back, forgets it, and says so. What the provider cannot be told now does not keep the user.
    pub async fn disconnect(&self, at: SourceAt, reason: &str) -> Result<(), SyncError> {
        match self.vault.open(at.business, at.source, self.connector, None).await {
            Ok(credentials) => {
                if let Err(error) = self.connector.disconnect(&credentials).await {
                    tracing::warn!(source = %at.source, %error, "the provider could not be told of a disconnection");
                }
            }
            Err(VaultError::Missing | VaultError::Provider(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.vault.forget(at.source).await?;
        let disconnect = SourceCommand::Disconnect { reason: reason.to_owned() };
        match self.commands.source(at.source, disconnect, &self.meta(at)).await {
            Ok(_) | Err(CommandError::Source(SourceError::Disconnected)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads everything that is new, and reports how the source stands. A source that waits for its user is left
    /// alone.
    pub async fn sync(&self, at: SourceAt) -> Result<Outcome, SyncError> {
        let was = self.commands.source_health(at.source).await?.ok_or(SourceError::NotConnected);
        let was = was.map_err(CommandError::Source)?;
        if !was.is_asked_again() {
            return Err(ProviderError::ConsentNeeded { code: was.as_str().to_owned() }.into());
        }
        let result = self.read_all(at).await;
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

    async fn read_all(&self, at: SourceAt) -> Result<Outcome, SyncError> {
        let mut credentials = self.vault.open(at.business, at.source, self.connector, None).await?;
        let found = retried(self.patience, || self.connector.accounts(&credentials)).await;
        let accounts = match found {
            Err(ProviderError::TokenExpired) => {
                credentials = self.vault.open(at.business, at.source, self.connector, Some(&credentials)).await?;
                retried(self.patience, || self.connector.accounts(&credentials)).await?
            }
            found => found?,
        };
        let mut outcome = Outcome { accounts, counts: Counts::default(), pages: 0, restarts: 0 };
        for account in outcome.accounts.clone() {
            self.open(at, &account).await?;
            let mut reader = Reader { syncer: self, at, credentials: &mut credentials, account: &account };
            reader.read(&mut outcome).await?;
        }
        Ok(outcome)
    }

    async fn open(&self, at: SourceAt, account: &FoundAccount) -> Result<(), SyncError> {
        let id = at.account(&account.id);
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

/// Reads one account.
struct Reader<'a, 's> {
    syncer: &'a Syncer<'s>,
    at: SourceAt,
    credentials: &'a mut Credentials,
    account: &'a FoundAccount,
}

impl Reader<'_, '_> {
    async fn read(&mut self, outcome: &mut Outcome) -> Result<(), SyncError> {
        let id = self.at.account(&self.account.id);
        let cursor = self.syncer.commands.account_cursor(id).await?;
        for _ in 0..=RESTARTS {
            match self.read_loop(id, cursor.as_deref(), outcome).await {
                Err(SyncError::Provider(ProviderError::Restart)) => outcome.restarts += 1,
                Err(SyncError::Provider(ProviderError::NotReady)) => return Ok(()),
                // The user closed the account: what is for it is dropped.
                Err(SyncError::Command(CommandError::Account(AccountError::Closed))) => return Ok(()),
                result => return result,
            }
        }
        Err(ProviderError::unavailable("the data change faster than they are read").into())
    }

    /// From a cursor to the end.
    async fn read_loop(&mut self, id: AccountId, cursor: Option<&str>, outcome: &mut Outcome) -> Result<(), SyncError> {
        let aliases = Aliases::new(self.syncer.pool.clone(), self.at.source);
        let meta = self.syncer.meta(self.at);
        let mut applied = Applied::new(id, cursor);
        let mut place: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let Page { reported, removed, then } = self.page(cursor, place.as_deref()).await?;
            outcome.pages += 1;
            applied.take(reported, removed);
            let end = match then {
                Then::More(next) => {
                    place = Some(next);
                    None
                }
                Then::Done(next) => Some(next.or_else(|| cursor.map(ToOwned::to_owned))),
            };
            if end.is_none() && (self.syncer.connector.is_loop_whole() || !applied.is_full()) {
                continue;
            }
            let pages = applied.pages(&aliases, end.as_ref()).await?;
            let receipt = self.syncer.commands.account_pages(id, pages, &meta).await?;
            outcome.counts.added += receipt.counts.added;
            outcome.counts.amended += receipt.counts.amended;
            outcome.counts.removed += receipt.counts.removed;
            if end.is_some() {
                return Ok(());
            }
        }
        Err(ProviderError::unintelligible("a list without an end").into())
    }

    /// One page, with a renewed token where the old one has expired.
    async fn page(&mut self, cursor: Option<&str>, page: Option<&str>) -> Result<Page, SyncError> {
        let Syncer { connector, vault, patience, .. } = *self.syncer;
        let place = Place { cursor, page };
        let answer = retried(patience, || connector.pull(self.credentials, self.account, place)).await;
        match answer {
            Err(ProviderError::TokenExpired) => {
                let renewed = vault.open(self.at.business, self.at.source, connector, Some(self.credentials)).await?;
                *self.credentials = renewed;
                Ok(retried(patience, || connector.pull(self.credentials, self.account, place)).await?)
            }
            answer => Ok(answer?),
        }
    }
}
