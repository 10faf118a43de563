//! What the books say of documents, under our ids.
//!
//! It is recorded together with the pages that told it: a crash before leaves both to the next try, and what is told
//! again is no event.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::account::Documents as Said;
use domain::account::{AccountCommand, Document, DocumentKind, DocumentsTold, Pays};
use domain::{AccountId, DocumentId, SourceId, TransactionId};
use rust_decimal::Decimal;
use sqlx::PgPool;

use super::SyncError;
use super::apply::MOST_BYTES;
use super::reader::Missing;
use crate::provider::{Aliases, Documents, Name, Paying, ReportedDocument};

/// Of a document beside its texts.
const FRAME: usize = 250;

/// Collects what a loop says until it is applied. What is said last holds.
pub(super) struct Heard {
    source: SourceId,
    /// `None`: voided, deleted or gone.
    said: BTreeMap<DocumentId, Option<Document>>,
    payments: BTreeMap<Name, Vec<(DocumentId, Decimal)>>,
    /// Payments that are gone without a word.
    ended: Vec<TransactionId>,
    /// Everything that the loop has spoken of so far.
    all: BTreeSet<DocumentId>,
    kinds: BTreeSet<DocumentKind>,
}

impl Heard {
    pub const fn of(source: SourceId) -> Self {
        Self {
            source,
            said: BTreeMap::new(),
            payments: BTreeMap::new(),
            ended: Vec::new(),
            all: BTreeSet::new(),
            kinds: BTreeSet::new(),
        }
    }

    pub fn take(&mut self, documents: Documents) {
        for one in documents.reported {
            let id = self.id(&(one.entity, one.id.clone()));
            self.kinds.insert(one.kind);
            self.said.insert(id, Some(document(id, one)));
        }
        for name in documents.removed {
            let id = self.id(&name);
            self.said.insert(id, None);
        }
        for Paying { payment, pays } in documents.payments {
            let pays = pays.into_iter().map(|(name, amount)| (self.id(&name), amount)).collect();
            self.payments.insert(payment, pays);
        }
        self.all.extend(self.said.keys());
    }

    /// Whether enough waits for an event of its own.
    pub fn is_full(&self) -> bool {
        self.said.len() + self.payments.len() >= DocumentsTold::MOST
    }

    /// The loop told everything from a day on: what it did not tell is gone.
    pub async fn end(
        &mut self,
        pool: &PgPool,
        account: AccountId,
        from: NaiveDate,
        payments: &[TransactionId],
    ) -> Result<(), SyncError> {
        let all: Vec<_> = self.all.iter().copied().collect();
        // The first of all days is none that a database knows.
        let from = Some(from).filter(|from| *from > NaiveDate::MIN);
        let others = streams::documents::others(pool, account, &all, from).await?;
        // What was owed from before that day is paid, or gone like the rest.
        let gone: Vec<_> = others.iter().filter(|one| from.is_none_or(|from| one.day >= from)).collect();
        let silent = gone.iter().filter(|one| !self.kinds.contains(&one.kind)).count();
        Missing { gone: gone.len(), silent, known: gone.len() + all.len() }.believed()?;
        self.said.extend(others.iter().map(|one| (one.id, None)));
        self.ended.extend(payments);
        Ok(())
    }

    /// Commands of what was taken.
    pub async fn commands(&mut self, aliases: &Aliases) -> Result<Vec<AccountCommand>, sqlx::Error> {
        let (mut told, mut removed) = (Vec::new(), Vec::new());
        for (id, said) in std::mem::take(&mut self.said) {
            match said {
                Some(document) => told.push(document),
                None => removed.push(id),
            }
        }
        let (names, pays): (Vec<_>, Vec<_>) = std::mem::take(&mut self.payments).into_iter().unzip();
        let ids = if names.is_empty() { Vec::new() } else { aliases.of_named(&names).await? };
        let payments = ids.into_iter().zip(pays).map(|(payment, of)| Pays { payment, of });
        let ended = std::mem::take(&mut self.ended).into_iter().map(|payment| Pays { payment, of: Vec::new() });
        Ok(cut(told, Said { told: Vec::new(), removed, payments: payments.chain(ended).collect() }))
    }

    fn id(&self, (entity, id): &Name) -> DocumentId {
        let source = self.source.as_uuid();
        DocumentId::derive([b"document".as_slice(), source.as_bytes(), entity.as_bytes(), id.as_bytes()])
    }
}

/// No command has more documents than one message may hold.
fn cut(told: Vec<Document>, rest: Said) -> Vec<AccountCommand> {
    let (mut all, mut some, mut bytes) = (Vec::new(), Said::default(), 0);
    for document in told {
        let size = size_of(&document);
        if bytes + size > MOST_BYTES && !some.told.is_empty() {
            all.push(std::mem::take(&mut some));
            bytes = 0;
        }
        bytes += size;
        some.told.push(document);
    }
    all.push(some);
    all.push(rest);
    all.retain(|said| *said != Said::default());
    all.into_iter().map(AccountCommand::TellDocuments).collect()
}

/// Escapes at most double a text.
fn size_of(document: &Document) -> usize {
    let texts = [&document.number, &document.counterparty, &document.memo];
    FRAME + texts.into_iter().flatten().map(|text| text.len() * 2).sum::<usize>()
}

fn document(id: DocumentId, one: ReportedDocument) -> Document {
    Document {
        id,
        kind: one.kind,
        day: one.day,
        due: one.due,
        total: one.total,
        open: one.open,
        currency: one.currency,
        number: one.number,
        counterparty: one.counterparty,
        memo: one.memo,
    }
}
