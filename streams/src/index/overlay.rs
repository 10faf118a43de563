use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::account::{AccountEvent, Beside, Known, KnownDocuments, KnownRevision, LookupError};
use domain::{AccountId, DocumentId, Transaction, TransactionId};

use super::{AccountIndex, Changes};

/// The index while commands of one account are decided and not yet appended: what the stored index says, with the
/// events decided so far on top. So one append can carry many pages.
#[derive(Debug)]
pub(crate) struct Overlay {
    index: Arc<AccountIndex>,
    /// The version that was loaded.
    base: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What the stored index answered.
    asked: HashMap<TransactionId, Option<KnownRevision>>,
    decided: Vec<AccountEvent>,
    changes: Changes,
}

impl Overlay {
    pub fn new(index: Arc<AccountIndex>, base: u64) -> Self {
        Self { index, base, state: Mutex::default() }
    }

    /// Asks the stored index for all of these at once, so that the commands' own questions cost nothing.
    pub async fn prefetch(&self, account: AccountId, ids: &[TransactionId]) -> Result<(), LookupError> {
        let missing: Vec<_> = self.with(|state| {
            let mut seen = HashSet::with_capacity(ids.len());
            ids.iter().copied().filter(|id| !state.asked.contains_key(id) && seen.insert(*id)).collect()
        });
        if missing.is_empty() {
            return Ok(());
        }
        let mut found = self.index.lookup(account, self.base, &missing).await?;
        self.with(|state| state.asked.extend(missing.into_iter().map(|id| (id, found.remove(&id)))));
        Ok(())
    }

    /// Takes the events that a command decided.
    pub fn learn(&self, events: Vec<AccountEvent>) {
        self.with(|state| {
            for event in events {
                let version = self.base + state.decided.len() as u64 + 1;
                state.changes.learn(version, &event);
                state.decided.push(event);
            }
        });
    }

    /// All events decided, and what they change in the index.
    pub fn take(&self) -> (Vec<AccountEvent>, Changes) {
        self.with(|state| (std::mem::take(&mut state.decided), std::mem::take(&mut state.changes)))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Known for Overlay {
    async fn lookup(
        &self,
        account: AccountId,
        _version: u64,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, KnownRevision>, LookupError> {
        self.prefetch(account, ids).await?;
        Ok(self.with(|state| {
            let newest = |id: &TransactionId| match state.changes.get(id) {
                Some(changed) => changed,
                None => state.asked.get(id).copied().flatten(),
            };
            ids.iter().filter_map(|id| newest(id).map(|revision| (*id, revision))).collect()
        }))
    }

    async fn revisions(
        &self,
        account: AccountId,
        wanted: &[(TransactionId, u64)],
    ) -> Result<HashMap<TransactionId, Transaction>, LookupError> {
        let (decided, stored): (Vec<_>, Vec<_>) = wanted.iter().partition(|(_, version)| *version > self.base);
        let mut revisions = match stored.is_empty() {
            true => HashMap::new(),
            false => self.index.revisions(account, &stored).await?,
        };
        self.with(|state| {
            for (id, version) in decided {
                let event = usize::try_from(version - self.base - 1).ok().and_then(|n| state.decided.get(n));
                let mut left = event.cloned().into_iter().flat_map(super::changes::left_by);
                if let Some(transaction) = left.find(|transaction| transaction.id == id) {
                    revisions.insert(id, transaction);
                }
            }
        });
        Ok(revisions)
    }

    async fn paid_out_with(
        &self,
        account: AccountId,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, TransactionId>, LookupError> {
        let mut found = self.index.paid_out_with(account, ids).await?;
        self.with(|state| {
            for event in &state.decided {
                let AccountEvent::PaidOut(told) = event else { continue };
                let asked = told.holds.iter().filter(|id| ids.contains(id));
                found.extend(asked.map(|id| (*id, told.payout)));
            }
        });
        Ok(found)
    }

    async fn documents(
        &self,
        account: AccountId,
        documents: &[DocumentId],
        payments: &[TransactionId],
    ) -> Result<KnownDocuments, LookupError> {
        let mut known = self.index.documents(account, documents, payments).await?;
        self.with(|state| state.decided.iter().for_each(|event| known.learn(event)));
        Ok(known)
    }

    async fn beside(&self, account: AccountId, transaction: TransactionId) -> Result<Beside, LookupError> {
        let mut beside = self.index.beside(account, transaction).await?;
        self.with(|state| state.decided.iter().for_each(|event| beside.learn(transaction, event)));
        Ok(beside)
    }
}
