//! What a loop brought, as pages of the account.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::account::{AccountCommand, Payload, Synced, Told};
use domain::{AccountId, BatchId, Transaction, TransactionId};

use super::pending::Marks;
use crate::provider::{Aliases, Reported};

/// A page stays well below what one message may hold.
pub(super) const MOST_BYTES: usize = 500_000;
const FRAME: usize = 250;
/// Of an answer that a page names.
const NAMED: usize = 350;

/// Collects pages of a loop until they are applied.
pub(super) struct Applied {
    batch: BatchId,
    /// Where the loop began: the cursor while it is not over.
    cursor: Option<String>,
    reported: Vec<Reported>,
    removed: Vec<(&'static str, String)>,
    /// The answers that told it; beside each of `reported` and `removed` which.
    answers: Answers,
    /// Everything that the loop has reported so far.
    pub told: HashSet<TransactionId>,
    /// The types of objects that the loop told anything of.
    pub entities: HashSet<&'static str>,
    /// Of what [`Self::pages`] gave out last.
    pub marks: Marks,
}

impl Applied {
    pub fn new(account: AccountId, cursor: Option<&str>) -> Self {
        // The same loop is the same batch, whoever reads it and however often: what a second try adds is not late
        // because the first got further.
        let account = account.as_uuid();
        let from = cursor.unwrap_or_default();
        let id = TransactionId::derive([b"loop".as_slice(), account.as_bytes(), from.as_bytes()]);
        Self {
            batch: BatchId::from_uuid(id.as_uuid()),
            cursor: cursor.map(ToOwned::to_owned),
            reported: Vec::new(),
            removed: Vec::new(),
            answers: Answers::default(),
            told: HashSet::new(),
            entities: HashSet::new(),
            marks: Marks::new(),
        }
    }

    pub fn take(&mut self, reported: Vec<Reported>, removed: Vec<(&'static str, String)>, payload: Option<Payload>) {
        self.answers.take(payload, reported.len(), removed.len());
        self.entities.extend(reported.iter().map(|one| one.entity).chain(removed.iter().map(|(entity, _)| *entity)));
        self.reported.extend(reported);
        self.removed.extend(removed);
    }

    /// What waits for its pages.
    pub fn reported(&self) -> &[Reported] {
        &self.reported
    }

    /// Whether enough waits for a page of its own.
    pub fn is_full(&self) -> bool {
        self.reported.len() >= Synced::MOST
    }

    /// The pages of what was taken. The last one moves the cursor, where the loop is over.
    pub async fn pages(
        &mut self,
        aliases: &Aliases,
        end: Option<&Option<String>>,
    ) -> Result<Vec<AccountCommand>, sqlx::Error> {
        let reported = std::mem::take(&mut self.reported);
        let ids = aliases.of_reported(&reported).await?;
        let removed = aliases.of_removed(&std::mem::take(&mut self.removed)).await?;
        self.answers.name(&ids, &removed);
        self.marks = removed.iter().map(|id| (*id, None)).collect();
        self.marks.extend(reported.iter().zip(&ids).map(|(one, id)| (*id, one.pending.then_some(one.amount))));
        let transactions = last_words(reported, ids);
        let told: HashSet<TransactionId> = transactions.iter().map(|transaction| transaction.id).collect();
        self.told.extend(&told);
        let mut seen = HashSet::new();
        // What goes on under another id is not gone.
        let removed: Vec<_> = removed.into_iter().filter(|id| !told.contains(id) && seen.insert(*id)).collect();
        let mut pages = self.cut(transactions, &removed);
        if let Some(end) = end {
            if pages.is_empty() {
                pages.push(self.page(Vec::new(), Vec::new()));
            }
            if let Some(AccountCommand::Sync { to_cursor, .. }) = pages.last_mut() {
                to_cursor.clone_from(end);
            }
        }
        Ok(pages)
    }

    /// Pages that take back what the source does not tell any more.
    pub fn taken_back(&mut self, gone: &[TransactionId]) -> Vec<AccountCommand> {
        self.marks.extend(gone.iter().map(|id| (*id, None)));
        gone.chunks(Synced::MOST).map(|chunk| self.page(Vec::new(), chunk.to_vec())).collect()
    }

    fn page(&self, reported: Vec<Transaction>, removed: Vec<TransactionId>) -> AccountCommand {
        let ids = reported.iter().map(|transaction| transaction.id).chain(removed.iter().copied());
        let told = self.answers.of(ids);
        AccountCommand::Sync { batch: self.batch, to_cursor: self.cursor.clone(), reported, removed, told }
    }

    fn cut(&self, transactions: Vec<Transaction>, removed: &[TransactionId]) -> Vec<AccountCommand> {
        let mut pages = Vec::new();
        let (mut page, mut bytes, mut answer) = (Vec::new(), 0, None);
        for transaction in transactions {
            let told_by = self.answers.by(transaction.id);
            let size = size_of(&transaction) + if told_by == answer { 0 } else { NAMED };
            answer = told_by;
            if page.len() == Synced::MOST || (bytes + size > MOST_BYTES && !page.is_empty()) {
                pages.push(self.page(std::mem::take(&mut page), Vec::new()));
                bytes = 0;
            }
            bytes += size;
            page.push(transaction);
        }
        if !page.is_empty() {
            pages.push(self.page(page, Vec::new()));
        }
        pages.extend(removed.chunks(Synced::MOST).map(|chunk| self.page(Vec::new(), chunk.to_vec())));
        pages
    }
}

/// Which answer told what.
#[derive(Debug, Default)]
struct Answers {
    payloads: Vec<Payload>,
    of_reported: Vec<Option<usize>>,
    of_removed: Vec<Option<usize>>,
    /// Of what pages are made of: the answer with the last word.
    by: HashMap<TransactionId, usize>,
}

impl Answers {
    fn take(&mut self, payload: Option<Payload>, reported: usize, removed: usize) {
        let number = payload.is_some().then_some(self.payloads.len());
        self.payloads.extend(payload);
        self.of_reported.extend(std::iter::repeat_n(number, reported));
        self.of_removed.extend(std::iter::repeat_n(number, removed));
    }

    /// What was taken is called so.
    fn name(&mut self, reported: &[TransactionId], removed: &[TransactionId]) {
        let reported = reported.iter().zip(std::mem::take(&mut self.of_reported));
        let removed = removed.iter().zip(std::mem::take(&mut self.of_removed));
        self.by = removed.chain(reported).filter_map(|(id, number)| Some((*id, number?))).collect();
    }

    fn by(&self, id: TransactionId) -> Option<usize> {
        self.by.get(&id).copied()
    }

    fn of(&self, ids: impl Iterator<Item = TransactionId>) -> Vec<Told> {
        let mut told: BTreeMap<usize, Vec<TransactionId>> = BTreeMap::new();
        for id in ids {
            if let Some(number) = self.by(id) {
                told.entry(number).or_default().push(id);
            }
        }
        told.into_iter().map(|(number, of)| Told { payload: self.payloads[number].clone(), of }).collect()
    }
}

/// Of each transaction the last that the loop said, in the order of the first.
fn last_words(reported: Vec<Reported>, ids: Vec<TransactionId>) -> Vec<Transaction> {
    let mut places: HashMap<TransactionId, usize> = HashMap::new();
    let mut transactions: Vec<Transaction> = Vec::with_capacity(reported.len());
    for (one, id) in reported.into_iter().zip(ids) {
        let transaction = Transaction {
            id,
            booked: one.booked,
            value_date: one.value_date,
            pending: one.pending,
            amount: one.amount,
            currency: one.currency,
            kind: one.kind,
            category: one.category,
            provider_category: one.provider_category,
            decided: None,
            description: one.description,
            counterparty: one.counterparty,
            reference: Some(one.id),
            line: None,
        };
        match places.get(&id) {
            Some(place) => transactions[*place] = transaction,
            None => {
                places.insert(id, transactions.len());
                transactions.push(transaction);
            }
        }
    }
    transactions
}

/// Escapes at most double a text.
fn size_of(transaction: &Transaction) -> usize {
    let texts =
        [&transaction.description, &transaction.counterparty, &transaction.reference, &transaction.provider_category];
    FRAME + texts.into_iter().flatten().map(|text| text.len() * 2).sum::<usize>()
}
