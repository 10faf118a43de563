//! What the books say of documents: only what is new or otherwise, and what a payment does not pay any more.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use rust_decimal::Decimal;

use super::*;
use crate::personal::Personal;
use crate::{AccountId, DocumentId, Transaction, TransactionId};

/// What was told before, as the index must answer.
struct Told(KnownDocuments);

#[async_trait]
impl Known for Told {
    async fn lookup(
        &self,
        _: AccountId,
        _: u64,
        _: &[TransactionId],
    ) -> Result<HashMap<TransactionId, KnownRevision>, LookupError> {
        Ok(HashMap::new())
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
        Ok(self.0.clone())
    }

    async fn beside(&self, _: AccountId, _: TransactionId) -> Result<Beside, LookupError> {
        Ok(Beside::default())
    }
}

fn id(name: &str) -> DocumentId {
    DocumentId::derive([name.as_bytes()])
}

fn payment() -> TransactionId {
    TransactionId::derive([b"payment".as_slice()])
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn invoice(name: &str, open: &str) -> Document {
    Document {
        id: id(name),
        kind: DocumentKind::Invoice,
        day: "2026-03-01".parse().unwrap(),
        due: "2026-03-31".parse().ok(),
        total: amount("120.00"),
        open: amount(open),
        currency: "GBP".parse().unwrap(),
        number: Some(name.to_owned()),
        counterparty: Some("Harbour Hotel".to_owned()),
        memo: None,
    }
}

fn pays(of: &[(&str, &str)]) -> Documents {
    let of = of.iter().map(|(name, paid)| (id(name), amount(paid))).collect();
    Documents { payments: vec![Pays { payment: payment(), of }], ..Documents::default() }
}

fn settled(name: &str, paid: &str) -> Settled {
    Settled { payment: payment(), document: id(name), amount: amount(paid) }
}

fn opened() -> AccountEvent {
    AccountEvent::Opened {
        id: "018f0000-0000-7000-8000-000000000003".parse().unwrap(),
        business: "018f0000-0000-7000-8000-000000000001".parse().unwrap(),
        source: "018f0000-0000-7000-8000-000000000002".parse().unwrap(),
        name: "Books".into(),
        currency: "GBP".parse().unwrap(),
        external_id: None,
    }
}

/// An open account that was told this before.
fn given(before: &[DocumentsTold]) -> AggregateTestExecutor<Account> {
    let mut known = KnownDocuments::default();
    before.iter().for_each(|told| known.learn(&AccountEvent::DocumentsTold(told.clone())));
    TestFramework::<Account>::with(Arc::new(Told(known)) as Arc<dyn Known>).given(vec![opened()])
}

fn one(document: &Document) -> &[Document] {
    std::slice::from_ref(document)
}

fn of(told: &[Document]) -> DocumentsTold {
    DocumentsTold { told: told.to_vec(), ..DocumentsTold::default() }
}

fn tell(told: &[Document]) -> AccountCommand {
    AccountCommand::TellDocuments(Documents { told: told.to_vec(), ..Documents::default() })
}

#[test]
fn a_document_is_told_once_and_again_where_it_is_otherwise() {
    let new = invoice("1037", "120.00");
    let told = || AccountEvent::DocumentsTold(of(one(&new)));
    given(&[]).when(tell(one(&new))).then_expect_events(vec![told()]);
    given(&[of(one(&new))]).when(tell(one(&new))).then_expect_events(vec![]);
    // The same amount with other decimals is the same.
    given(&[of(one(&new))]).when(tell(&[invoice("1037", "120")])).then_expect_events(vec![]);
    let paid = invoice("1037", "0");
    given(&[of(one(&new))])
        .when(tell(one(&paid)))
        .then_expect_events(vec![AccountEvent::DocumentsTold(of(one(&paid)))]);
    // Of two words on one the last holds.
    given(&[]).when(tell(&[new, paid.clone()])).then_expect_events(vec![AccountEvent::DocumentsTold(of(&[paid]))]);
}

#[test]
fn what_is_voided_is_removed_once_and_may_come_back() {
    let new = invoice("1037", "120.00");
    let gone = DocumentsTold { removed: vec![id("1037")], ..DocumentsTold::default() };
    let remove = || Documents { removed: vec![id("1037"), id("unknown")], ..Documents::default() };
    given(&[of(one(&new))])
        .when(AccountCommand::TellDocuments(remove()))
        .then_expect_events(vec![AccountEvent::DocumentsTold(gone.clone())]);
    let before = [of(one(&new)), gone];
    given(&before).when(AccountCommand::TellDocuments(remove())).then_expect_events(vec![]);
    given(&before).when(tell(one(&new))).then_expect_events(vec![AccountEvent::DocumentsTold(of(one(&new)))]);
}

#[test]
fn what_a_payment_pays_is_told_once_and_ends_with_zero() {
    let both = || vec![settled("1037", "100"), settled("1038", "20.5")];
    let sorted = |mut settled: Vec<Settled>| {
        settled.sort_by_key(|one| one.document);
        AccountEvent::DocumentsTold(DocumentsTold { settled, ..DocumentsTold::default() })
    };
    let before = [DocumentsTold { settled: both(), ..DocumentsTold::default() }];
    // Two lines on one document are one amount.
    let said = pays(&[("1037", "60"), ("1038", "20.5"), ("1037", "40")]);
    given(&[]).when(AccountCommand::TellDocuments(said.clone())).then_expect_events(vec![sorted(both())]);
    given(&before).when(AccountCommand::TellDocuments(said)).then_expect_events(vec![]);
    given(&before)
        .when(AccountCommand::TellDocuments(pays(&[("1037", "110")])))
        .then_expect_events(vec![sorted(vec![settled("1037", "110"), settled("1038", "0")])]);
    given(&before)
        .when(AccountCommand::TellDocuments(pays(&[])))
        .then_expect_events(vec![sorted(vec![settled("1037", "0"), settled("1038", "0")])]);
}

#[test]
fn what_is_more_than_one_event_holds_is_told_in_several() {
    let mut many: Vec<_> = (0..=DocumentsTold::MOST).map(|n| invoice(&n.to_string(), "1")).collect();
    many.sort_by_key(|one| one.id);
    let events: Vec<_> = many.chunks(DocumentsTold::MOST).map(|some| AccountEvent::DocumentsTold(of(some))).collect();
    assert_eq!(events.len(), 2);
    given(&[]).when(tell(&many)).then_expect_events(events);
}

#[test]
fn a_closed_account_is_told_nothing() {
    TestFramework::<Account>::with(Arc::new(Told(KnownDocuments::default())) as Arc<dyn Known>)
        .given(vec![opened(), AccountEvent::Closed])
        .when(tell(&[invoice("1037", "1")]))
        .then_expect_error(AccountError::Closed);
}

#[test]
fn its_texts_are_sealed_and_its_amounts_are_not() {
    let mut event = AccountEvent::DocumentsTold(of(&[invoice("1037", "120.00")]));
    event.erase();
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"event": "account.documents_told", "told": [{"id": id("1037"), "kind": "invoice",
            "day": "2026-03-01", "due": "2026-03-31", "total": "120.00", "open": "120.00", "currency": "GBP"}]})
    );
}
