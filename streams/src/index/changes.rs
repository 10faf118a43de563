use std::collections::HashMap;

use domain::account::{AccountEvent, Divided, KnownRevision, Rejoined};
use domain::{Transaction, TransactionId};

/// What events change in what an account knows.
#[derive(Debug, Default)]
pub(crate) struct Changes(HashMap<TransactionId, Change>);

#[derive(Debug, Clone, Copy)]
enum Change {
    /// Unknown before these events.
    Fresh(KnownRevision),
    Known(KnownRevision),
    Removed,
}

/// Changes as rows, each list ordered by id: neighbours in the index are written together.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub removed: Vec<TransactionId>,
    pub fresh: Vec<(TransactionId, KnownRevision)>,
    pub known: Vec<(TransactionId, KnownRevision)>,
}

impl Changes {
    /// Learns the account's event of that version.
    pub fn learn(&mut self, version: u64, event: &AccountEvent) {
        let revision = |transaction: &Transaction| KnownRevision { content: transaction.content(), version };
        event.redecided().iter().for_each(|redecided| self.renew(redecided.now.id, revision(&redecided.now)));
        let AccountEvent::Synced(page) = event else { return };
        for added in &page.added {
            // Known to the index where it was taken out by an earlier one of these events only.
            let fresh = !self.0.contains_key(&added.id);
            let change = if fresh { Change::Fresh } else { Change::Known };
            self.0.insert(added.id, change(revision(added)));
        }
        for amended in &page.amended {
            self.renew(amended.now.id, revision(&amended.now));
        }
        self.0.extend(page.removed.iter().map(|transaction| (transaction.id, Change::Removed)));
    }

    /// Another revision of what is known.
    fn renew(&mut self, id: TransactionId, revision: KnownRevision) {
        let fresh = matches!(self.0.get(&id), Some(Change::Fresh(_)));
        let change = if fresh { Change::Fresh } else { Change::Known };
        self.0.insert(id, change(revision));
    }

    /// The newest revision after these events, where they concern the transaction: `Some(None)` where it is removed.
    pub fn get(&self, id: &TransactionId) -> Option<Option<KnownRevision>> {
        self.0.get(id).map(|change| match change {
            Change::Fresh(revision) | Change::Known(revision) => Some(*revision),
            Change::Removed => None,
        })
    }

    pub fn into_rows(self) -> Rows {
        let mut rows = Rows::default();
        for (id, change) in self.0 {
            match change {
                Change::Fresh(revision) => rows.fresh.push((id, revision)),
                Change::Known(revision) => rows.known.push((id, revision)),
                Change::Removed => rows.removed.push(id),
            }
        }
        rows.fresh.sort_unstable_by_key(|(id, _)| *id);
        rows.known.sort_unstable_by_key(|(id, _)| *id);
        rows.removed.sort_unstable();
        rows
    }
}

impl Rows {
    /// Nothing is taken for fresh: for writing over rows that may be there.
    pub fn over_existing(mut self) -> Self {
        self.known.append(&mut self.fresh);
        self.known.sort_unstable_by_key(|(id, _)| *id);
        self
    }
}

/// The transactions that this event left behind as their newest revision.
pub(crate) fn left_by(event: AccountEvent) -> impl Iterator<Item = Transaction> {
    let (added, amended, redecided) = match event {
        AccountEvent::Synced(page) => (page.added, page.amended, Vec::new()),
        AccountEvent::Recategorised(change) => (Vec::new(), Vec::new(), change.transactions),
        AccountEvent::Split(Divided { changed, .. }) | AccountEvent::Unsplit(Rejoined { changed, .. }) => {
            (Vec::new(), Vec::new(), vec![*changed])
        }
        _ => (Vec::new(), Vec::new(), Vec::new()),
    };
    let amended = amended.into_iter().map(|amended| amended.now);
    added.into_iter().chain(amended).chain(redecided.into_iter().map(|redecided| redecided.now))
}
