//! Ids that a transaction had one after the other: a posted line keeps the identity of the pending one.
//!
//! An alias says the same whenever it is written, so it is written before the page that needs it: a crash in between
//! leaves a row that the next try writes again.

use std::collections::HashMap;

use domain::{AccountId, SourceId, Transaction, TransactionId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Reported;

#[derive(Debug, Clone)]
pub struct Aliases {
    pool: PgPool,
    source: SourceId,
}

/// (entity, id) of the provider.
type Name = (&'static str, String);

impl Aliases {
    pub const fn new(pool: PgPool, source: SourceId) -> Self {
        Self { pool, source }
    }

    /// The identity that a provider's id alone gives.
    fn own(&self, entity: &str, id: &str) -> TransactionId {
        let source = self.source.as_uuid();
        TransactionId::derive([b"provider".as_slice(), source.as_bytes(), entity.as_bytes(), id.as_bytes()])
    }

    /// Identities of reported transactions, through what they replace.
    pub async fn of_reported(&self, reported: &[Reported]) -> Result<Vec<TransactionId>, sqlx::Error> {
        let names = reported.iter().flat_map(|one| {
            let replaced = one.replaces.iter().map(|id| (one.entity, id.clone()));
            replaced.chain([(one.entity, one.id.clone())])
        });
        let mut known = self.known(names.collect()).await?;
        let mut ids = Vec::with_capacity(reported.len());
        let mut new = Vec::new();
        for one in reported {
            let name = (one.entity, one.id.clone());
            let id = match (known.get(&name), &one.replaces) {
                (Some(id), _) => *id,
                (None, None) => self.own(one.entity, &one.id),
                (None, Some(replaced)) => {
                    let before = known.get(&(one.entity, replaced.clone())).copied();
                    let id = before.unwrap_or_else(|| self.own(one.entity, replaced));
                    new.push((name.clone(), id));
                    known.insert(name, id);
                    id
                }
            };
            ids.push(id);
        }
        self.write(new).await?;
        Ok(ids)
    }

    /// Identities of what was taken back. An id that was replaced names nothing any more: its transaction goes on
    /// under the newer id.
    pub async fn of_removed(&self, removed: &[Name]) -> Result<Vec<TransactionId>, sqlx::Error> {
        let known = self.known(removed.to_vec()).await?;
        let own: Vec<_> = removed.iter().map(|(entity, id)| self.own(entity, id)).collect();
        let replaced = self.replaced(&own).await?;
        let ids = removed.iter().zip(own).filter_map(|(name, own)| match known.get(name) {
            Some(id) => Some(*id),
            None if replaced.contains(&own.as_uuid()) => None,
            None => Some(own),
        });
        Ok(ids.collect())
    }

    /// Those without a name of ours yet, with the identity that their ids alone give.
    pub async fn unnamed<'a>(
        &self,
        reported: &'a [Reported],
    ) -> Result<Vec<(&'a Reported, TransactionId)>, sqlx::Error> {
        let known = self.known(reported.iter().map(|one| (one.entity, one.id.clone())).collect()).await?;
        let unnamed = reported.iter().filter(|one| !known.contains_key(&(one.entity, one.id.clone())));
        Ok(unnamed.map(|one| (one, self.own(one.entity, &one.id))).collect())
    }

    /// Identities of transactions that are only named: the same that they have, or will have, where they are reported.
    pub async fn of_named(&self, names: &[Name]) -> Result<Vec<TransactionId>, sqlx::Error> {
        let known = self.known(names.to_vec()).await?;
        let id = |name: &Name| known.get(name).copied().unwrap_or_else(|| self.own(name.0, &name.1));
        Ok(names.iter().map(id).collect())
    }

    /// Whether a transaction is one of this type of object.
    pub fn is_of(&self, entity: &str, transaction: &Transaction) -> bool {
        transaction.reference.as_ref().is_some_and(|id| self.own(entity, id) == transaction.id)
    }

    /// Lines of ids of before go on under those that tell them now.
    pub async fn take_over(&self, account: AccountId, pairs: &[(&Reported, TransactionId)]) -> Result<(), sqlx::Error> {
        const TAKEN: &str = "delete from connectors.former where account = $1 and transaction = any($2)";
        if pairs.is_empty() {
            return Ok(());
        }
        let mut tx = self.pool.begin().await?;
        let names = pairs.iter().map(|(one, id)| ((one.entity, one.id.clone()), *id)).collect();
        self.write_in_tx(&mut tx, names).await?;
        let ids: Vec<Uuid> = pairs.iter().map(|(_, id)| id.as_uuid()).collect();
        sqlx::query(TAKEN).bind(account.as_uuid()).bind(ids).execute(&mut *tx).await?;
        tx.commit().await
    }

    async fn known(&self, names: Vec<Name>) -> Result<HashMap<Name, TransactionId>, sqlx::Error> {
        const KNOWN: &str = "
            select entity, id, transaction from connectors.alias
            where source = $1 and (entity, id) in (select * from unnest($2::text[], $3::text[]))";
        let entities: Vec<&str> = names.iter().map(|(entity, _)| *entity).collect();
        let ids: Vec<&str> = names.iter().map(|(_, id)| id.as_str()).collect();
        let query = sqlx::query_as(KNOWN).bind(self.source.as_uuid()).bind(entities).bind(ids);
        let rows: Vec<(String, String, Uuid)> = query.fetch_all(&self.pool).await?;
        let rows: HashMap<(String, String), Uuid> =
            rows.into_iter().map(|(entity, id, to)| ((entity, id), to)).collect();
        let found = names.into_iter().filter_map(|(entity, id)| {
            let to = *rows.get(&(entity.to_owned(), id.clone()))?;
            Some(((entity, id), TransactionId::from_uuid(to)))
        });
        Ok(found.collect())
    }

    /// Those that go on under another id.
    async fn replaced(&self, ids: &[TransactionId]) -> Result<Vec<Uuid>, sqlx::Error> {
        const REPLACED: &str = "select transaction from connectors.alias where source = $1 and transaction = any($2)";
        let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
        sqlx::query_scalar(REPLACED).bind(self.source.as_uuid()).bind(ids).fetch_all(&self.pool).await
    }

    async fn write(&self, new: Vec<(Name, TransactionId)>) -> Result<(), sqlx::Error> {
        if new.is_empty() {
            return Ok(());
        }
        let mut connection = self.pool.acquire().await?;
        self.write_in_tx(&mut connection, new).await
    }

    async fn write_in_tx(
        &self,
        connection: &mut PgConnection,
        new: Vec<(Name, TransactionId)>,
    ) -> Result<(), sqlx::Error> {
        const WRITE: &str = "
            insert into connectors.alias (source, entity, id, transaction)
            select $1, * from unnest($2::text[], $3::text[], $4::uuid[]) on conflict do nothing";
        let entities: Vec<&str> = new.iter().map(|((entity, _), _)| *entity).collect();
        let ids: Vec<&str> = new.iter().map(|((_, id), _)| id.as_str()).collect();
        let to: Vec<Uuid> = new.iter().map(|(_, to)| to.as_uuid()).collect();
        let query = sqlx::query(WRITE).bind(self.source.as_uuid()).bind(entities).bind(ids).bind(to);
        query.execute(connection).await?;
        Ok(())
    }
}
