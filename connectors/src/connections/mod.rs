//! Connections: how a person connects a source, chooses its accounts and ends it.
//!
//! A row says which source is being connected before anything else of it is kept, and credentials are kept before the source says that it has them, and one business has one source for what a provider
//! calls by one name: connecting it once more renews its access, also after it was disconnected with its data kept, so
//! that nothing counts twice.

mod accounts;
mod begun;
mod failure;
mod leave;
mod relink;
mod store;

use std::sync::Arc;

use domain::access::{Action, Origin, Principal, SessionId, authorise};
use domain::{BusinessId, Code, Problem, SourceId};
use sqlx::PgPool;
use streams::{Commands, Meta};

use crate::provider::sync::{Run, SourceAt, Syncer};
use crate::provider::{Ask, Begun, Connector, Credentials, Grant, Patience, ProviderError, Registry, Secret, Vault};
use begun::Kept;

pub use accounts::OfferedAccount;
pub use begun::{Returned, forget_old};
pub use leave::Data;

/// What all of it works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Connections {
    pub commands: Commands,
    pub pool: PgPool,
    pub vault: Arc<dyn Vault>,
    pub registry: Registry,
    /// The address of the page, without a slash at the end.
    pub page: String,
    /// Where providers reach us with webhooks; `None`: they cannot, and the polls find everything.
    pub webhooks: Option<String>,
    pub patience: Patience,
}

/// Who asks, and from which session.
#[derive(Debug, Clone)]
pub struct Asker {
    pub principal: Principal,
    pub origin: Origin,
    pub session: SessionId,
}

/// What somebody wants to connect.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub provider: String,
    pub name: Option<String>,
    pub instance: Option<String>,
    /// A source whose access is renewed.
    pub repairs: Option<SourceId>,
}

/// Where the browser goes now; `None`: a key must be pasted.
#[derive(Debug, Clone)]
pub struct Way {
    pub state: Option<String>,
    pub url: Option<String>,
}

/// A source that was connected.
#[derive(Debug, Clone)]
pub struct Known {
    pub source: SourceId,
    pub provider: String,
    /// Its accounts are still to be chosen.
    pub is_choosing: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Connected {
    pub at: SourceAt,
    /// Its accounts must be chosen; otherwise it goes on.
    pub is_new: bool,
    pub accounts: Vec<OfferedAccount>,
}

const MOST_NAME: usize = 120;

impl Connections {
    fn meta(&self, who: &Asker, business: BusinessId) -> Result<Meta, Problem> {
        authorise(&who.principal, Action::Manage, Some(business))?;
        Ok(Meta::by(business, &who.principal, &who.origin))
    }

    fn connector(&self, name: &str) -> Result<&Arc<dyn Connector>, Problem> {
        let unknown = || Problem::new(Code::NotFound, "This provider cannot be connected here.");
        self.registry.get(name).ok_or_else(unknown)
    }

    pub fn syncer<'a>(&'a self, connector: &'a dyn Connector) -> Syncer<'a> {
        let Self { commands, pool, vault, patience, .. } = self;
        Syncer { commands, pool, vault: &**vault, connector, patience: *patience, run: Run::new(None) }
    }

    /// What can be connected, for whoever may connect it.
    pub fn offered(&self, who: &Asker, business: BusinessId) -> Result<Vec<Arc<dyn Connector>>, Problem> {
        self.meta(who, business)?;
        Ok(self.registry.all().cloned().collect())
    }

    /// Where a provider's messages reach us.
    pub(crate) fn webhook_of(&self, connector: &dyn Connector) -> Option<String> {
        self.webhooks.as_ref().map(|base| format!("{base}/api/v1/webhooks/{}", connector.name()))
    }

    /// What was ever connected, ended ones too.
    pub async fn all(&self, who: &Asker, business: BusinessId) -> Result<Vec<Known>, Problem> {
        self.meta(who, business)?;
        store::known(&self.pool, business).await.map_err(failure::of_database)
    }

    /// Begins an authorisation that is bound to this person's session.
    pub async fn begin(&self, who: &Asker, business: BusinessId, wish: &Wish) -> Result<Way, Problem> {
        self.meta(who, business)?;
        let connector = self.connector(&wish.provider)?;
        let repairs = self.repaired_credentials(business, wish).await?;
        if connector.asks_instance() && repairs.is_none() && wish.instance.as_deref().is_none_or(str::is_empty) {
            return Err(Problem::new(Code::Invalid, "Say which one: its address at the provider is missing."));
        }
        let (state, verifier) = (begun::token(), begun::token());
        let redirect_uri = format!("{}/connect/callback", self.page);
        let mut is_update = repairs.is_some();
        let mut ask = Ask {
            state: state.clone(),
            redirect_uri: redirect_uri.clone(),
            webhook: self.webhook_of(connector.as_ref()),
            user: business.to_string(),
            repairs,
            instance: wish.instance.clone(),
            challenge: Some(begun::challenge(&verifier)),
        };
        let begun = match connector.begin(&ask).await {
            // What was taken back cannot be repaired: it is connected anew, and goes on as the same source.
            Err(ProviderError::Revoked { .. }) if is_update => {
                is_update = false;
                ask.repairs = None;
                connector.begin(&ask).await
            }
            begun => begun,
        };
        let (url, hosted) = match begun.map_err(failure::of_provider)? {
            Begun::Redirect(url) => (url, None),
            Begun::Hosted { url, token } => (url, Some(token)),
            Begun::Key => return Ok(Way { state: None, url: None }),
        };
        let name = self.name_of(connector.as_ref(), wish);
        let (verifier, instance) = (Secret::new(verifier), wish.instance.clone());
        let kept = Kept { name, verifier, hosted, redirect_uri, instance, is_update };
        let source = wish.repairs.unwrap_or_else(SourceId::new);
        begun::keep(self, &state, &wish.provider, SourceAt { business, source }, who, &kept).await?;
        Ok(Way { state: Some(state), url: Some(url) })
    }

    /// The browser came back: exchanges what it brought, once.
    pub async fn finish(&self, who: &Asker, returned: &Returned) -> Result<Connected, Problem> {
        let (at, provider, kept) = begun::take(self, who, &returned.state).await?;
        let meta = self.meta(who, at.business)?;
        if let Some(error) = returned.params.get("error") {
            tracing::info!(%provider, %error, "a person did not agree at the provider");
            return Err(Problem::new(Code::Conflict, "It was not agreed at the provider; nothing is connected."));
        }
        let connector = self.connector(&provider)?.clone();
        if kept.hosted.is_some()
            && kept.is_update
            && store::is_there(&self.pool, at).await.map_err(failure::of_database)?
        {
            // Repaired at the provider: the credentials stayed.
            self.syncer(connector.as_ref()).repaired(at).await.map_err(failure::of_sync)?;
            store::repaired(&self.pool, at.source).await.map_err(failure::of_database)?;
            return Ok(Connected { at, is_new: false, accounts: Vec::new() });
        }
        let grant = returned.grant(&kept)?;
        self.connected(connector.as_ref(), at, &kept.name, &grant, &meta).await
    }

    /// Connects with a key that was pasted.
    pub async fn connect_with_key(
        &self,
        who: &Asker,
        business: BusinessId,
        wish: &Wish,
        key: Secret,
    ) -> Result<Connected, Problem> {
        let meta = self.meta(who, business)?;
        let connector = self.connector(&wish.provider)?.clone();
        if !connector.takes_key() {
            return Err(Problem::new(Code::Invalid, "This provider is not connected with a key."));
        }
        self.repaired_credentials(business, wish).await?;
        let at = SourceAt { business, source: wish.repairs.unwrap_or_else(SourceId::new) };
        let name = self.name_of(connector.as_ref(), wish);
        let grant = Grant::Key { key, instance: wish.instance.clone() };
        self.connected(connector.as_ref(), at, &name, &grant, &meta).await
    }

    async fn connected(
        &self,
        connector: &dyn Connector,
        asked: SourceAt,
        name: &str,
        grant: &Grant,
        meta: &Meta,
    ) -> Result<Connected, Problem> {
        let credentials = connector.complete(grant).await.map_err(failure::of_provider)?;
        let external = &credentials.external_id;
        let known = store::of_external(&self.pool, asked.business, connector.name(), external).await;
        let mut known = known.map_err(failure::of_database)?;
        let mut relinked = None;
        if known.is_none() {
            relinked = match self.relinked(connector, asked.business, &credentials).await {
                Ok(relinked) => relinked,
                Err(problem) => {
                    self.give_back(connector, asked.business, &credentials).await;
                    return Err(problem);
                }
            };
            known = relinked.as_ref().map(|relinked| relinked.source);
        }
        let repairs = store::is_there(&self.pool, asked).await.map_err(failure::of_database)?;
        if repairs && known != Some(asked.source) {
            let other = "That is another account at the provider than this source's; connect it as a new source.";
            // Nothing keeps what was just made, unless it is another source's.
            if known.is_none() {
                self.give_back(connector, asked.business, &credentials).await;
            }
            return Err(Problem::new(Code::Conflict, other));
        }
        let at = SourceAt { source: known.unwrap_or(asked.source), ..asked };
        let mut goes_on = false;
        if let Some(relinked) = relinked {
            goes_on = store::is_active(&self.pool, at).await.map_err(failure::of_database)?;
            self.quiet(at).await?;
            self.take_over(at, relinked).await?;
            // What opened it before opens something of its own at the provider.
            self.vault.retire(at.source, connector.name()).await.map_err(|error| failure::of_sync(error.into()))?;
        }
        // The row first: whoever tries again after a crash finds the source that was begun.
        store::begun(&self.pool, at, connector.name(), external, &meta.actor).await.map_err(failure::of_database)?;
        let syncer = self.syncer(connector);
        syncer.keep(at, name, &credentials, meta).await.map_err(failure::of_sync)?;
        let is_new = store::connected(&self.pool, at, connector.name(), external, (&meta.actor, goes_on)).await;
        let is_new = is_new.map_err(failure::of_database)?;
        let accounts = if is_new { self.offered_accounts(connector, at, &credentials).await? } else { Vec::new() };
        Ok(Connected { at, is_new, accounts })
    }

    /// Ends an access that leads to no source. What the provider cannot be told now, a worker tells it.
    async fn give_back(&self, connector: &dyn Connector, business: BusinessId, credentials: &Credentials) {
        let Err(error) = connector.disconnect(credentials).await else { return };
        let source = SourceId::new();
        let kept = async {
            self.vault.keep(business, source, credentials).await?;
            self.vault.retire(source, connector.name()).await
        };
        if let Err(unkept) = kept.await {
            tracing::error!(%error, %unkept, "an access that nobody needs could not be given back");
        }
    }

    /// The credentials of the source that is to be repaired, where one is.
    async fn repaired_credentials(&self, business: BusinessId, wish: &Wish) -> Result<Option<Credentials>, Problem> {
        let Some(source) = wish.repairs else { return Ok(None) };
        let at = SourceAt { business, source };
        if self.provider_of(at).await? != wish.provider {
            return Err(Problem::new(Code::Conflict, "This source is at another provider."));
        }
        let connector = self.connector(&wish.provider)?;
        // What cannot be renewed any more is what a repair is for.
        Ok(self.vault.open(business, source, connector.as_ref(), None).await.ok())
    }

    /// The provider of a source that is connected.
    async fn provider_of(&self, at: SourceAt) -> Result<String, Problem> {
        let found = store::provider_of(&self.pool, at).await.map_err(failure::of_database)?;
        found.ok_or_else(|| Problem::new(Code::NotFound, "There is no such source."))
    }

    fn name_of(&self, connector: &dyn Connector, wish: &Wish) -> String {
        let given = wish.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        given.unwrap_or_else(|| connector.title()).chars().take(MOST_NAME).collect()
    }
}
