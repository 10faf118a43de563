//! What accounts know, beside the log: identity and newest content of every transaction.
//!
//! The rows of an account stand at exactly one version, which `store.account_head` names and whose row lock is the
//! index's only lock. A lookup for a newer version first reads the events in between; one for an older version is
//! refused as stale. Rows are derived: when they are lost (the tables are not logged and are empty after a crash of
//! the server) they are read again from the account's events.

mod changes;
mod overlay;
mod rows;

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::account::{AccountEvent, Beside, Known, KnownDocuments, KnownRevision, LookupError};
use domain::transaction::progress_day;
use domain::{AccountId, DocumentId, Transaction, TransactionId};
use futures::TryStreamExt;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

pub(crate) use changes::Changes;
pub(crate) use overlay::Overlay;
use rows::{known_row, lock_head, move_head, write_rows};

use crate::decode::Decode;
use crate::sealing::{Keys, Place};
use crate::upcast::Upcasters;

/// Events that are read at once while the index catches up: some 7 MB of full pages.
const CHUNK: i64 = 50;

/// Transactions that are read at once, from as many events at most.
const AT_ONCE: usize = 500;

#[derive(Debug)]
pub(crate) struct AccountIndex {
    pool: PgPool,
    keys: Keys,
    upcasters: &'static Upcasters,
}

/// Head and rows in one statement: both are of the same moment. The lateral join keeps it a walk through the primary
/// key: for thousands of ids the planner would otherwise read the whole table, which grows with the history.
const LOOKUP: &str = "
select head.sequence, known.id, known.content, known.sequence
from store.account_head head
left join lateral (
    select found.id, found.content, found.sequence
    from unnest($2::uuid[]) as asked(id)
    cross join lateral (select id, content, sequence from store.account_known
                        where account = $1 and id = asked.id limit 1) found) known on true
where head.account = $1";

const EVENTS: &str = "
select sequence, event_type, event_version, payload::text, business from store.events
where aggregate_type = 'account' and aggregate_id = $1 and sequence > $2 and sequence <= $3 order by sequence limit $4";

/// Of one account, those of these numbers.
const AT: &str = "
select sequence, event_type, event_version, payload::text, business from store.events
where aggregate_type = 'account' and aggregate_id = $1 and sequence = any($2)";

impl AccountIndex {
    pub fn new(pool: PgPool, keys: Keys, upcasters: &'static Upcasters) -> Self {
        Self { pool, keys, upcasters }
    }

    /// Puts in what an append changed, without reading it again. Leaves an index that is not at `from` as it is: the
    /// next lookup brings it up.
    pub async fn advance(&self, account: AccountId, from: i64, to: i64, changes: Changes) -> Result<(), LookupError> {
        let mut tx = self.pool.begin().await.map_err(unavailable)?;
        // Nothing that matters is lost with these rows.
        sqlx::query("set local synchronous_commit = off").execute(&mut *tx).await.map_err(unavailable)?;
        if lock_head(&mut tx, account).await? == from {
            write_rows(&mut tx, account, changes.into_rows()).await?;
            move_head(&mut tx, account, to).await?;
        }
        tx.commit().await.map_err(unavailable)
    }

    /// The account's transactions from a day on, at a version, that are none of these. Lines of files are nobody's
    /// but the user's.
    pub async fn others(
        &self,
        account: AccountId,
        version: i64,
        these: &HashSet<TransactionId>,
        from: NaiveDate,
    ) -> Result<Vec<Transaction>, LookupError> {
        self.lookup(account, version.cast_unsigned(), &[]).await?;
        let query = sqlx::query_as("select id, sequence from store.account_known where account = $1 order by sequence");
        let known: Vec<(Uuid, i64)> = query.bind(account.as_uuid()).fetch_all(&self.pool).await.map_err(unavailable)?;
        let known = known.into_iter().map(|(id, version)| (TransactionId::from_uuid(id), version.cast_unsigned()));
        let others: Vec<_> = known.filter(|(id, _)| !these.contains(id)).collect();
        let mut found = Vec::new();
        for some in others.chunks(AT_ONCE) {
            let revisions = self.revisions(account, some).await?;
            let is_one = |one: &Transaction| one.line.is_none() && progress_day(one.booked) >= from;
            found.extend(revisions.into_values().filter(is_one));
        }
        Ok(found)
    }

    /// Those of these transactions that the account has at a version, as they are.
    pub async fn these(
        &self,
        account: AccountId,
        version: i64,
        ids: &[TransactionId],
    ) -> Result<Vec<Transaction>, LookupError> {
        let known = self.lookup(account, version.cast_unsigned(), ids).await?;
        let mut known: Vec<_> = known.into_iter().map(|(id, revision)| (id, revision.version)).collect();
        known.sort_unstable_by_key(|(_, version)| *version);
        let mut found = Vec::with_capacity(known.len());
        for some in known.chunks(AT_ONCE) {
            found.extend(self.revisions(account, some).await?.into_values());
        }
        Ok(found)
    }

    async fn lookup_at(
        &self,
        account: AccountId,
        version: i64,
        ids: &[Uuid],
    ) -> Result<Option<HashMap<TransactionId, KnownRevision>>, LookupError> {
        let query = sqlx::query(LOOKUP).bind(account.as_uuid()).bind(ids);
        let rows = query.fetch_all(&self.pool).await.map_err(unavailable)?;
        let head: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(unavailable)?;
        match head.cmp(&version) {
            std::cmp::Ordering::Greater => Err(LookupError::Stale),
            std::cmp::Ordering::Less => Ok(None),
            std::cmp::Ordering::Equal => rows
                .iter()
                .filter_map(|row| known_row(row).transpose())
                .collect::<Result<_, _>>()
                .map(Some)
                .map_err(unavailable),
        }
    }

    async fn bring_up_to(&self, account: AccountId, version: i64) -> Result<(), LookupError> {
        let mut tx = self.pool.begin().await.map_err(unavailable)?;
        sqlx::query("set local synchronous_commit = off").execute(&mut *tx).await.map_err(unavailable)?;
        let head = lock_head(&mut tx, account).await?;
        if head > version {
            return Err(LookupError::Stale);
        }
        let mut at = head;
        while at < version {
            at = self.catch_up_in_tx(&mut tx, account, at, version).await?;
        }
        move_head(&mut tx, account, version).await?;
        tx.commit().await.map_err(unavailable)
    }

    /// Reads some of the events after `at` into rows; the version that they lead to.
    async fn catch_up_in_tx(
        &self,
        tx: &mut PgConnection,
        account: AccountId,
        at: i64,
        version: i64,
    ) -> Result<i64, LookupError> {
        let query = sqlx::query(EVENTS).bind(account.to_string()).bind(at).bind(version).bind(CHUNK);
        let rows = query.fetch_all(&mut *tx).await.map_err(unavailable)?;
        let last = rows.last().ok_or(LookupError::Stale)?.try_get(0).map_err(unavailable)?;
        let mut changes = Changes::default();
        for row in &rows {
            let (sequence, event) = self.event(account, row).await?;
            changes.learn(sequence, &event);
        }
        // Rows may be there in spite of the head, where somebody meddled; they are written over.
        write_rows(tx, account, changes.into_rows().over_existing()).await?;
        Ok(last)
    }

    async fn event(&self, account: AccountId, row: &sqlx::postgres::PgRow) -> Result<(u64, AccountEvent), LookupError> {
        let sequence: i64 = row.try_get(0).map_err(unavailable)?;
        let name: &str = row.try_get(1).map_err(unavailable)?;
        let version: &str = row.try_get(2).map_err(unavailable)?;
        let payload: &str = row.try_get(3).map_err(unavailable)?;
        let mut event = AccountEvent::decode(self.upcasters, name, version, payload.as_bytes()).map_err(unavailable)?;
        let place = Place {
            business: crate::log::uuid(row.try_get(4).map_err(unavailable)?).map_err(unavailable)?,
            aggregate_type: "account",
            aggregate_id: account.as_uuid(),
            sequence,
            event_type: name,
            event_version: version,
        };
        self.keys.fill(&place, payload.as_bytes(), &mut event).await.map_err(unavailable)?;
        Ok((u64::try_from(sequence).map_err(unavailable)?, event))
    }
}

#[async_trait]
impl Known for AccountIndex {
    async fn lookup(
        &self,
        account: AccountId,
        version: u64,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, KnownRevision>, LookupError> {
        let version = i64::try_from(version).map_err(unavailable)?;
        let mut ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
        ids.sort_unstable();
        if let Some(known) = self.lookup_at(account, version, &ids).await? {
            return Ok(known);
        }
        self.bring_up_to(account, version).await?;
        // Past it already: somebody else appended meanwhile.
        self.lookup_at(account, version, &ids).await?.ok_or(LookupError::Stale)
    }

    async fn revisions(
        &self,
        account: AccountId,
        wanted: &[(TransactionId, u64)],
    ) -> Result<HashMap<TransactionId, Transaction>, LookupError> {
        let ids: HashSet<_> = wanted.iter().copied().collect();
        let mut versions: Vec<_> = wanted.iter().map(|(_, version)| version.cast_signed()).collect();
        versions.sort_unstable();
        versions.dedup();
        let mut rows = sqlx::query(AT).bind(account.to_string()).bind(versions).fetch(&self.pool);
        let mut revisions = HashMap::with_capacity(wanted.len());
        while let Some(row) = rows.try_next().await.map_err(unavailable)? {
            let (version, event) = self.event(account, &row).await?;
            let left = changes::left_by(event).filter(|transaction| ids.contains(&(transaction.id, version)));
            revisions.extend(left.map(|transaction| (transaction.id, transaction)));
        }
        Ok(revisions)
    }

    async fn paid_out_with(
        &self,
        account: AccountId,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, TransactionId>, LookupError> {
        crate::payouts::paid_out_with(&self.pool, account, ids).await.map_err(unavailable)
    }

    /// Documents stand in their events, where their texts are.
    async fn documents(
        &self,
        account: AccountId,
        documents: &[DocumentId],
        payments: &[TransactionId],
    ) -> Result<KnownDocuments, LookupError> {
        let told_by = crate::documents::told_by(&self.pool, account, documents).await.map_err(unavailable)?;
        let paid = crate::documents::paid(&self.pool, account, payments).await.map_err(unavailable)?;
        let mut known = KnownDocuments { paid, ..KnownDocuments::default() };
        if told_by.is_empty() {
            return Ok(known);
        }
        let mut versions: Vec<_> = told_by.values().copied().collect();
        versions.sort_unstable();
        versions.dedup();
        let mut rows = sqlx::query(AT).bind(account.to_string()).bind(versions).fetch(&self.pool);
        while let Some(row) = rows.try_next().await.map_err(unavailable)? {
            let (version, event) = self.event(account, &row).await?;
            let AccountEvent::DocumentsTold(event) = event else { continue };
            let newest = |id: &DocumentId| told_by.get(id).is_some_and(|at| at.unsigned_abs() == version);
            let told = event.told.into_iter().filter(|document| newest(&document.id));
            known.standing.extend(told.map(|document| (document.id, document)));
        }
        Ok(known)
    }

    async fn beside(&self, account: AccountId, transaction: TransactionId) -> Result<Beside, LookupError> {
        crate::files::beside(&self.pool, account, transaction).await.map_err(unavailable)
    }
}

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LookupError {
    LookupError::Unavailable(error.into())
}
