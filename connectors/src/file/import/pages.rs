//! Pages of an account: bounded in transactions and in bytes.

use domain::account::{AccountCommand, Payload, Synced, Told};
use domain::{BatchId, Transaction};

/// A page stays well below what one message may hold.
const MOST_BYTES: usize = 500_000;
/// What a transaction takes beside its texts.
const FRAME: usize = 250;

/// In the order of the file, which is named as what told them. The cursor stands still: a file that is known already must not become an event.
pub fn cut(transactions: Vec<Transaction>, batch: BatchId, file: Option<&Payload>) -> Vec<AccountCommand> {
    let mut pages = Vec::with_capacity(transactions.len() / Synced::MOST + 1);
    let (mut page, mut bytes) = (Vec::new(), 0);
    for transaction in transactions {
        let size = size_of(&transaction);
        if page.len() == Synced::MOST || (bytes + size > MOST_BYTES && !page.is_empty()) {
            pages.push(sync(batch, std::mem::take(&mut page), file));
            bytes = 0;
        }
        bytes += size;
        page.push(transaction);
    }
    if !page.is_empty() {
        pages.push(sync(batch, page, file));
    }
    pages
}

fn sync(batch: BatchId, reported: Vec<Transaction>, file: Option<&Payload>) -> AccountCommand {
    let of = || reported.iter().map(|one| one.id).collect();
    let told = file.map(|file| Told { payload: file.clone(), of: of() }).into_iter().collect();
    AccountCommand::Sync { batch, to_cursor: None, reported, removed: Vec::new(), told }
}

/// Escapes at most double a text.
fn size_of(transaction: &Transaction) -> usize {
    let texts = [&transaction.description, &transaction.counterparty, &transaction.reference];
    FRAME + texts.into_iter().flatten().map(|text| text.len() * 2).sum::<usize>()
}
