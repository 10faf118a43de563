//! Re-wrapping data keys under the newest master key, one by one: stopped anywhere, it goes on where it was.

use sqlx::Row;
use uuid::Uuid;

use super::service::{Scope, Wrapped};
use super::{KeyError, Keys, SealError};

/// What a run of [`Keys::rewrap`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rewrapped {
    pub rewrapped: u64,
    /// Under the newest master key already.
    pub current: u64,
}

const HELD: &str = "
select business, purpose, version, master, wrapped from keys.data_key
where wrapped is not null order by business, purpose, version";

/// Only where nobody changed it meanwhile.
const REPLACE: &str = "
update keys.data_key set master = $4, wrapped = $5
where business = $1 and purpose = $2 and version = $3 and wrapped = $6";

impl Keys {
    /// Businesses (and the installation, as the nil id) that have data keys.
    pub async fn scopes(&self) -> Result<Vec<Uuid>, SealError> {
        let query = "select distinct business from keys.data_key
            where wrapped is not null and purpose <> 'person' order by business";
        Ok(sqlx::query_scalar(query).fetch_all(self.pool()).await?)
    }

    /// Those of people too.
    async fn every_scope(&self) -> Result<Vec<Scope>, SealError> {
        let query = "select distinct business from keys.data_key where wrapped is not null order by business";
        let scopes: Vec<Uuid> = sqlx::query_scalar(query).fetch_all(self.pool()).await?;
        Ok(scopes.into_iter().map(Scope).collect())
    }

    /// Makes new master keys, and wraps every data key again by them. Nothing stops meanwhile: old master keys go on
    /// unwrapping.
    pub async fn rotate(&self) -> Result<Rewrapped, SealError> {
        self.make_masters().await?;
        self.rewrap().await
    }

    /// Makes new master keys, and wraps nothing again yet; for how many businesses, people and the installation.
    pub async fn make_masters(&self) -> Result<u64, SealError> {
        let scopes = self.every_scope().await?;
        self.service().rotate(&scopes).await?;
        Ok(scopes.len() as u64)
    }

    /// Wraps again what older master keys wrapped; also finishes a rotation that was cut off.
    pub async fn rewrap(&self) -> Result<Rewrapped, SealError> {
        let mut done = Rewrapped::default();
        for row in sqlx::query(HELD).fetch_all(self.pool()).await? {
            let scope = Scope(row.try_get(0)?);
            let old = Wrapped { master: row.try_get(3)?, bytes: row.try_get(4)? };
            if old.master == self.service().newest(scope).await? {
                done.current += 1;
                continue;
            }
            let key = match self.service().unwrap(scope, &old).await {
                // Erased meanwhile.
                Err(KeyError::Destroyed) => continue,
                key => key?,
            };
            let new = self.service().wrap(scope, &key).await?;
            sqlx::query(REPLACE)
                .bind(scope.0)
                .bind(row.try_get::<String, _>(1)?)
                .bind(row.try_get::<i32, _>(2)?)
                .bind(new.master)
                .bind(new.bytes)
                .bind(old.bytes)
                .execute(self.pool())
                .await?;
            done.rewrapped += 1;
        }
        Ok(done)
    }
}
