//! The accounts behind a connection: what there is to choose from, and the choice.

use std::collections::HashSet;

use domain::{AccountId, BusinessId, Code, Problem, SourceId};

use super::failure::{of_database, of_provider, of_sync};
use super::{Asker, Connections, store};
use crate::provider::sync::{Identity, SourceAt, identities};
use crate::provider::{Connector, Credentials, FoundAccount, ProviderError, retried};

/// An account that may be chosen.
#[derive(Debug, Clone)]
pub struct OfferedAccount {
    pub id: AccountId,
    pub found: FoundAccount,
    pub chosen: bool,
}

impl Connections {
    /// What the provider has now.
    pub async fn accounts(
        &self,
        who: &Asker,
        business: BusinessId,
        source: SourceId,
    ) -> Result<Vec<OfferedAccount>, Problem> {
        self.meta(who, business)?;
        let at = SourceAt { business, source };
        let connector = self.connector(&self.provider_of(at).await?)?.clone();
        let credentials = self.vault.open(business, source, connector.as_ref(), None).await;
        let credentials = credentials.map_err(|error| of_sync(error.into()))?;
        self.offered_accounts(connector.as_ref(), at, &credentials).await
    }

    pub(super) async fn offered_accounts(
        &self,
        connector: &dyn Connector,
        at: SourceAt,
        credentials: &Credentials,
    ) -> Result<Vec<OfferedAccount>, Problem> {
        let found = match retried(self.patience, || connector.accounts(credentials)).await {
            Err(ProviderError::TokenExpired) => {
                let renewed = self.vault.open(at.business, at.source, connector, Some(credentials)).await;
                let renewed = renewed.map_err(|error| of_sync(error.into()))?;
                connector.accounts(&renewed).await
            }
            found => found,
        };
        let chosen = store::chosen(&self.pool, at).await.map_err(of_database)?;
        let found = found.map_err(of_provider)?;
        let identities = identities(&self.pool, at, &found).await.map_err(of_database)?;
        let offered = found.into_iter().zip(identities).map(|(found, Identity { id, .. })| OfferedAccount {
            id,
            found,
            chosen: chosen.contains(&id.as_uuid()),
        });
        Ok(offered.collect())
    }

    /// From now on these are read, beginning with their history.
    pub async fn choose(
        &self,
        who: &Asker,
        business: BusinessId,
        source: SourceId,
        accounts: &[AccountId],
    ) -> Result<(), Problem> {
        let offered = self.accounts(who, business, source).await?;
        let there: HashSet<AccountId> = offered.iter().map(|account| account.id).collect();
        if accounts.is_empty() {
            return Err(Problem::new(Code::Invalid, "Choose at least one account, or disconnect the source."));
        }
        if !accounts.iter().all(|account| there.contains(account)) {
            return Err(Problem::new(Code::Invalid, "One of these accounts is not there at the provider."));
        }
        let ids: Vec<_> = accounts.iter().map(|account| account.as_uuid()).collect();
        store::choose(&self.pool, SourceAt { business, source }, &ids).await.map_err(of_database)
    }

    /// Looks at once.
    pub async fn ask(&self, who: &Asker, business: BusinessId, source: SourceId) -> Result<(), Problem> {
        self.meta(who, business)?;
        let at = SourceAt { business, source };
        self.provider_of(at).await?;
        store::ask(&self.pool, at).await.map_err(of_database)
    }
}
