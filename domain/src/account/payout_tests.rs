//! What a payout is the sum of: told once, and only what is new of it.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use cqrs_es::test::TestFramework;

use super::*;
use crate::{AccountId, DocumentId, Transaction, TransactionId};

/// What was told before, as the index must answer.
struct Told(HashMap<TransactionId, TransactionId>);

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
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, TransactionId>, LookupError> {
        Ok(ids.iter().filter_map(|id| Some((*id, *self.0.get(id)?))).collect())
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
        Ok(Beside::default())
    }
}

fn id(name: &str) -> TransactionId {
    TransactionId::derive([name.as_bytes()])
}

fn told(payout: &str, holds: &[&str]) -> PaidOut {
    let holds = holds.iter().map(|name| id(name)).collect();
    PaidOut { payout: id(payout), day: "2026-03-05".parse().unwrap(), holds }
}

fn opened() -> AccountEvent {
    AccountEvent::Opened {
        id: "018f0000-0000-7000-8000-000000000003".parse().unwrap(),
        business: "018f0000-0000-7000-8000-000000000001".parse().unwrap(),
        source: "018f0000-0000-7000-8000-000000000002".parse().unwrap(),
        name: "Stripe".into(),
        currency: "GBP".parse().unwrap(),
        external_id: None,
    }
}

/// An open account that was told of these transactions, each with its payout, before.
fn given(before: &[(&str, &str)]) -> cqrs_es::test::AggregateTestExecutor<Account> {
    let before = before.iter().map(|(held, payout)| (id(held), id(payout))).collect();
    let framework = TestFramework::<Account>::with(Arc::new(Told(before)) as Arc<dyn Known>);
    framework.given(vec![opened()])
}

#[test]
fn what_is_in_a_payout_is_told_once() {
    let both = told("payout", &["charge", "fee"]);
    given(&[]).when(AccountCommand::PayOut(both.clone())).then_expect_events(vec![AccountEvent::PaidOut(both.clone())]);
    given(&[("charge", "payout"), ("fee", "payout")]).when(AccountCommand::PayOut(both)).then_expect_events(vec![]);
    given(&[]).when(AccountCommand::PayOut(told("payout", &[]))).then_expect_events(vec![]);
}

#[test]
fn what_is_new_in_a_payout_is_told_alone() {
    let more = told("payout", &["charge", "refund", "refund", "payout"]);
    given(&[("charge", "payout")])
        .when(AccountCommand::PayOut(more))
        .then_expect_events(vec![AccountEvent::PaidOut(told("payout", &["refund"]))]);
}

#[test]
fn what_a_provider_puts_in_another_payout_is_in_that_one() {
    let moved = told("second", &["charge"]);
    given(&[("charge", "first")])
        .when(AccountCommand::PayOut(moved.clone()))
        .then_expect_events(vec![AccountEvent::PaidOut(moved)]);
}

#[test]
fn a_payout_of_too_many_and_of_a_closed_account_is_refused() {
    let names: Vec<String> = (0..=Synced::MOST).map(|n| n.to_string()).collect();
    let many = told("payout", &names.iter().map(String::as_str).collect::<Vec<_>>());
    given(&[]).when(AccountCommand::PayOut(many)).then_expect_error(AccountError::PageTooLarge(Synced::MOST + 1));
    let framework = TestFramework::<Account>::with(Arc::new(Told(HashMap::new())) as Arc<dyn Known>);
    framework
        .given(vec![opened(), AccountEvent::Closed])
        .when(AccountCommand::PayOut(told("payout", &["charge"])))
        .then_expect_error(AccountError::Closed);
}
