use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use cqrs_es::test::TestFramework;

use super::*;
use crate::attachment::{FileHash, MediaType};
use crate::{AccountId, AttachmentId, BusinessId, DocumentId, SourceId, Transaction, TransactionId};

/// One transaction is known, and this stands beside it.
struct Index(Beside);

#[async_trait]
impl Known for Index {
    async fn lookup(
        &self,
        _: AccountId,
        _: u64,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, KnownRevision>, LookupError> {
        let known = ids.iter().filter(|id| **id == sale());
        Ok(known.map(|id| (*id, KnownRevision { content: 1, version: 1 })).collect())
    }

    async fn revisions(
        &self,
        _: AccountId,
        _: &[(TransactionId, u64)],
    ) -> Result<HashMap<TransactionId, Transaction>, LookupError> {
        Ok(HashMap::new())
    }

    async fn paid_out_with(
        &self,
        _: AccountId,
        _: &[TransactionId],
    ) -> Result<HashMap<TransactionId, TransactionId>, LookupError> {
        Ok(HashMap::new())
    }

    async fn documents(
        &self,
        _: AccountId,
        _: &[DocumentId],
        _: &[TransactionId],
    ) -> Result<KnownDocuments, LookupError> {
        Ok(KnownDocuments::default())
    }

    async fn beside(&self, _: AccountId, _: TransactionId) -> Result<Beside, LookupError> {
        Ok(self.0.clone())
    }
}

fn sale() -> TransactionId {
    TransactionId::derive([b"sale".as_slice()])
}

fn given(beside: Beside) -> cqrs_es::test::AggregateTestExecutor<Account> {
    let opened = AccountEvent::Opened {
        id: AccountId::new(),
        business: BusinessId::new(),
        source: SourceId::new(),
        name: "Current".into(),
        currency: "EUR".parse().unwrap(),
        external_id: None,
    };
    TestFramework::<Account>::with(Arc::new(Index(beside)) as Arc<dyn Known>).given(vec![opened])
}

fn receipt(file: u8) -> Attached {
    Attached {
        id: AttachmentId::new(),
        transaction: sale(),
        file: FileHash::from_bytes([file; 32]),
        bytes: 1_200,
        media: MediaType::Pdf,
        name: "receipt.pdf".into(),
        sha256: Some("ab".repeat(32)),
    }
}

fn keep(command: BesideCommand) -> AccountCommand {
    AccountCommand::Keep(command)
}

fn with(files: &[&Attached]) -> Beside {
    let files = files.iter().map(|file| KeptFile { id: file.id, file: file.file });
    Beside { files: files.collect(), has_memo: false }
}

#[test]
fn a_file_is_put_beside_a_transaction_once() {
    let file = receipt(1);
    let attach = || keep(BesideCommand::Attach(file.clone()));
    given(Beside::default()).when(attach()).then_expect_events(vec![AccountEvent::Attached(file.clone())]);
    let again = Attached { id: AttachmentId::new(), ..file.clone() };
    given(with(&[&file])).when(keep(BesideCommand::Attach(again))).then_expect_events(vec![]);
}

#[test]
fn only_beside_what_is_there_and_not_without_end() {
    let elsewhere = TransactionId::derive([b"other".as_slice()]);
    let attach = keep(BesideCommand::Attach(Attached { transaction: elsewhere, ..receipt(1) }));
    given(Beside::default()).when(attach).then_expect_error(AccountError::NoSuchTransaction(elsewhere));
    let files: Vec<_> = (1..=20).map(receipt).collect();
    let full = with(&files.iter().collect::<Vec<_>>());
    given(full).when(keep(BesideCommand::Attach(receipt(21)))).then_expect_error(AccountError::TooManyFiles);
}

#[test]
fn it_is_taken_away_by_its_id() {
    let (file, transaction) = (receipt(1), sale());
    let detach = |id| keep(BesideCommand::Detach { id, transaction });
    let detached = AccountEvent::Detached(Detached { id: file.id, transaction });
    given(with(&[&file])).when(detach(file.id)).then_expect_events(vec![detached]);
    given(with(&[&file])).when(detach(AttachmentId::new())).then_expect_error(AccountError::NoSuchFile);
}

#[test]
fn a_memo_is_set_changed_and_cleared() {
    let transaction = sale();
    let set = |memo: Option<&str>| keep(BesideCommand::SetMemo { transaction, memo: memo.map(str::to_owned) });
    let said = MemoSet { transaction, cleared: false, memo: Some("Paid late".into()) };
    given(Beside::default()).when(set(Some(" Paid late "))).then_expect_events(vec![AccountEvent::MemoSet(said)]);
    given(Beside::default()).when(set(Some("  "))).then_expect_events(vec![]);
    let cleared = MemoSet { transaction, cleared: true, memo: None };
    let has = Beside { has_memo: true, ..Beside::default() };
    given(has).when(set(None)).then_expect_events(vec![AccountEvent::MemoSet(cleared)]);
    let long = "x".repeat(MOST_MEMO_LETTERS + 1);
    given(Beside::default()).when(set(Some(&long))).then_expect_error(AccountError::MemoTooLong);
}

#[test]
fn what_stands_beside_follows_the_events() {
    let (file, transaction) = (receipt(1), sale());
    let mut beside = Beside::default();
    let other = Attached { transaction: TransactionId::derive([b"other".as_slice()]), ..receipt(2) };
    beside.learn(transaction, &AccountEvent::Attached(file.clone()));
    beside.learn(transaction, &AccountEvent::Attached(other));
    beside.learn(transaction, &AccountEvent::MemoSet(MemoSet { transaction, cleared: false, memo: None }));
    assert_eq!(beside, Beside { has_memo: true, ..with(&[&file]) });
    beside.learn(transaction, &AccountEvent::Detached(Detached { id: file.id, transaction }));
    assert_eq!(beside, Beside { files: vec![], has_memo: true });
}
