use std::collections::HashMap;

use domain::account::{AccountEvent, KnownRevision};
use domain::{Transaction, TransactionId};

/// What events change in what an account knows: `None` where a transaction was removed.
#[derive(Debug, Default)]
pub(crate) struct Changes(HashMap<TransactionId, Option<KnownRevision>>);

impl Changes {
    /// Learns the account's event of that version.
    pub fn learn(&mut self, version: u64, event: &AccountEvent) {
        let AccountEvent::Synced(page) = event else { return };
        let revision = |transaction: &Transaction| {
            (transaction.id, Some(KnownRevision { content: transaction.content(), version }))
        };
        self.0.extend(page.added.iter().map(revision));
        self.0.extend(page.amended.iter().map(|amended| revision(&amended.now)));
        self.0.extend(page.removed.iter().map(|transaction| (transaction.id, None)));
    }

    pub fn get(&self, id: &TransactionId) -> Option<&Option<KnownRevision>> {
        self.0.get(id)
    }

    /// Ids to take out, and revisions to put in, ordered by id: neighbours in the index are written together.
    pub fn into_rows(self) -> (Vec<TransactionId>, Vec<(TransactionId, KnownRevision)>) {
        let mut removed = Vec::new();
        let mut known = Vec::with_capacity(self.0.len());
        for (id, revision) in self.0 {
            match revision {
                Some(revision) => known.push((id, revision)),
                None => removed.push(id),
            }
        }
        known.sort_unstable_by_key(|(id, _)| *id);
        removed.sort_unstable();
        (removed, known)
    }
}

/// The transactions that this event left behind as their newest revision.
pub(crate) fn left_by(event: AccountEvent) -> impl Iterator<Item = Transaction> {
    let (added, amended) = match event {
        AccountEvent::Synced(page) => (page.added, page.amended),
        _ => (Vec::new(), Vec::new()),
    };
    added.into_iter().chain(amended.into_iter().map(|amended| amended.now))
}
