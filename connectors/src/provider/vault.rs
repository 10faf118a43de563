//! Where credentials are kept: sealed with the key of their business, and renewed by one worker at a time.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::Utc;
use domain::{BusinessId, SourceId};
use sqlx::PgPool;
use streams::sealing::Keys;
use tokio::sync::Mutex;

use super::{Connector, Credentials, ProviderError};

pub(crate) const FIELD: &str = "connectors.credential.sealed";

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("there are no credentials of this source; connect it again")]
    Missing,
    #[error("the credentials cannot be read or kept now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl VaultError {
    fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(error.into())
    }
}

#[async_trait]
pub trait Vault: std::fmt::Debug + Send + Sync {
    async fn keep(&self, business: BusinessId, source: SourceId, credentials: &Credentials) -> Result<(), VaultError>;

    /// Credentials that are good for now. Those that are due, or were found `expired`, are renewed first: by one
    /// worker, while others wait for what it stores. A renewal goes on to its end when whoever asked for it is gone:
    /// the credentials of before died with it.
    async fn open(
        &self,
        business: BusinessId,
        source: SourceId,
        connector: &dyn Connector,
        expired: Option<&Credentials>,
    ) -> Result<Credentials, VaultError>;

    async fn forget(&self, source: SourceId) -> Result<(), VaultError>;

    /// Sets a source's credentials aside: they open nothing any more, and wait until their provider has been told.
    async fn retire(&self, source: SourceId, provider: &str) -> Result<(), VaultError>;
}

/// Whether what is stored must be renewed: it is due, or it is what a worker found to be expired.
fn must_renew(kept: &Credentials, expired: Option<&Credentials>) -> bool {
    kept.is_due(Utc::now()) || expired.is_some_and(|expired| expired.access == kept.access)
}

/// Ends with the process alone, not with whoever waits for it.
async fn by_itself(
    renewal: impl Future<Output = Result<Credentials, VaultError>> + Send + 'static,
) -> Result<Credentials, VaultError> {
    tokio::spawn(renewal).await.map_err(VaultError::unavailable)?
}

/// In PostgreSQL, sealed.
#[derive(Debug, Clone)]
pub struct SealedVault {
    pool: PgPool,
    keys: Keys,
}

impl SealedVault {
    pub const fn new(pool: PgPool, keys: Keys) -> Self {
        Self { pool, keys }
    }

    async fn seal(&self, business: BusinessId, source: SourceId, of: &Credentials) -> Result<String, VaultError> {
        let text = serde_json::to_vec(of).map_err(VaultError::unavailable)?;
        let sealer = self.keys.of_business(business);
        sealer.seal(FIELD, source.as_uuid(), &text).await.map_err(VaultError::unavailable)
    }
}

const KEEP: &str = "
insert into connectors.credential (source, business, sealed) values ($1, $2, $3)
on conflict (source) do update set sealed = excluded.sealed, changed_at = now()";

#[async_trait]
impl Vault for SealedVault {
    async fn keep(&self, business: BusinessId, source: SourceId, credentials: &Credentials) -> Result<(), VaultError> {
        let sealed = self.seal(business, source, credentials).await?;
        let query = sqlx::query(KEEP).bind(source.as_uuid()).bind(business.as_uuid()).bind(sealed);
        query.execute(&self.pool).await.map_err(VaultError::unavailable)?;
        Ok(())
    }

    async fn open(
        &self,
        business: BusinessId,
        source: SourceId,
        connector: &dyn Connector,
        expired: Option<&Credentials>,
    ) -> Result<Credentials, VaultError> {
        const LOCKED: &str = "select sealed from connectors.credential where source = $1 and business = $2 for update";
        let mut tx = self.pool.begin().await.map_err(VaultError::unavailable)?;
        let query = sqlx::query_scalar(LOCKED).bind(source.as_uuid()).bind(business.as_uuid());
        let sealed: Option<String> = query.fetch_optional(&mut *tx).await.map_err(VaultError::unavailable)?;
        let sealed = sealed.ok_or(VaultError::Missing)?;
        let sealer = self.keys.of_business(business);
        let text = sealer.open(FIELD, source.as_uuid(), &sealed).await.map_err(VaultError::unavailable)?;
        let kept: Credentials = serde_json::from_slice(&text).map_err(VaultError::unavailable)?;
        if !must_renew(&kept, expired) {
            return Ok(kept);
        }
        let (vault, connector) = (self.clone(), connector.shared());
        by_itself(async move {
            let renewed = connector.refresh(&kept).await?;
            // Stored before it is used.
            let sealed = vault.seal(business, source, &renewed).await?;
            let query = sqlx::query(KEEP).bind(source.as_uuid()).bind(business.as_uuid()).bind(sealed);
            query.execute(&mut *tx).await.map_err(VaultError::unavailable)?;
            tx.commit().await.map_err(VaultError::unavailable)?;
            Ok(renewed)
        })
        .await
    }

    async fn forget(&self, source: SourceId) -> Result<(), VaultError> {
        let query = sqlx::query("delete from connectors.credential where source = $1").bind(source.as_uuid());
        query.execute(&self.pool).await.map_err(VaultError::unavailable)?;
        Ok(())
    }

    async fn retire(&self, source: SourceId, provider: &str) -> Result<(), VaultError> {
        const RETIRE: &str = "
            with kept as (delete from connectors.credential where source = $1 returning source, business, sealed)
            insert into connectors.retired (source, business, provider, sealed)
            select source, business, $2, sealed from kept";
        let query = sqlx::query(RETIRE).bind(source.as_uuid()).bind(provider);
        query.execute(&self.pool).await.map_err(VaultError::unavailable)?;
        Ok(())
    }
}

/// For as long as the process lives.
#[derive(Debug, Clone, Default)]
pub struct MemoryVault(Arc<Mutex<HashMap<SourceId, Credentials>>>);

#[async_trait]
impl Vault for MemoryVault {
    async fn keep(&self, _: BusinessId, source: SourceId, credentials: &Credentials) -> Result<(), VaultError> {
        self.0.lock().await.insert(source, credentials.clone());
        Ok(())
    }

    async fn open(
        &self,
        _: BusinessId,
        source: SourceId,
        connector: &dyn Connector,
        expired: Option<&Credentials>,
    ) -> Result<Credentials, VaultError> {
        let mut all = Arc::clone(&self.0).lock_owned().await;
        let kept = all.get(&source).ok_or(VaultError::Missing)?.clone();
        if !must_renew(&kept, expired) {
            return Ok(kept);
        }
        let connector = connector.shared();
        by_itself(async move {
            let renewed = connector.refresh(&kept).await?;
            all.insert(source, renewed.clone());
            Ok(renewed)
        })
        .await
    }

    async fn forget(&self, source: SourceId) -> Result<(), VaultError> {
        self.0.lock().await.remove(&source);
        Ok(())
    }

    /// Nobody goes on after the process ends, so nobody keeps them.
    async fn retire(&self, source: SourceId, _: &str) -> Result<(), VaultError> {
        self.forget(source).await
    }
}
