//! Splitting: what is refused, and what stands afterwards.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};
use rust_decimal::Decimal;

use super::*;
use crate::meaning::{By, Meaning, Part};
use crate::personal::Personal;
use crate::{AccountId, Amended, BatchId, BusinessId, DocumentId, Kind, RuleId, SourceId, Transaction, TransactionId};

/// What stands, brought by the account's second event.
struct Index(Vec<Transaction>);

#[async_trait]
impl Known for Index {
    async fn lookup(
        &self,
        _: AccountId,
        _: u64,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, KnownRevision>, LookupError> {
        let known = self.0.iter().filter(|one| ids.contains(&one.id));
        Ok(known.map(|one| (one.id, KnownRevision { content: one.content(), version: 2 })).collect())
    }

    async fn revisions(
        &self,
        _: AccountId,
        wanted: &[(TransactionId, u64)],
    ) -> Result<HashMap<TransactionId, Transaction>, LookupError> {
        let known = self.0.iter().filter(|one| wanted.contains(&(one.id, 2)));
        Ok(known.map(|one| (one.id, one.clone())).collect())
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
        Ok(Beside::default())
    }
}

fn receipt() -> Transaction {
    Transaction {
        id: TransactionId::derive([b"supermarket".as_slice()]),
        booked: "2026-10-02".parse().unwrap(),
        value_date: None,
        pending: false,
        amount: Decimal::new(-12_000, 2),
        currency: "GBP".parse().unwrap(),
        kind: Kind::Expense,
        category: "expense".parse().unwrap(),
        provider_category: None,
        decided: None,
        description: Some("Supermarket".to_owned()),
        counterparty: None,
        reference: None,
        line: None,
    }
}

fn part(amount: i64, kind: Kind, category: &str) -> Part {
    Part { amount: Decimal::new(amount, 2), kind, category: category.parse().unwrap() }
}

/// 80 of the shop's, 40 of the owner's.
fn halves() -> Vec<Part> {
    vec![part(-8_000, Kind::Expense, "office_supplies"), part(-4_000, Kind::Financing, "owner_drawing")]
}

/// As the account's third event leaves it.
fn split() -> Transaction {
    receipt().divided(halves(), 3)
}

fn given(standing: &Transaction) -> AggregateTestExecutor<Account> {
    let opened = AccountEvent::Opened {
        id: AccountId::from_uuid(uuid::Uuid::nil()),
        business: BusinessId::from_uuid(uuid::Uuid::nil()),
        source: SourceId::from_uuid(uuid::Uuid::nil()),
        name: "Current".into(),
        currency: "GBP".parse().unwrap(),
        external_id: None,
    };
    let brought = AccountEvent::Synced(page(|page| page.added = vec![standing.clone()]));
    let index = Arc::new(Index(vec![standing.clone()])) as Arc<dyn Known>;
    TestFramework::<Account>::with(index).given(vec![opened, brought])
}

fn page(fill: impl FnOnce(&mut Synced)) -> Synced {
    let mut page = Synced {
        batch: BatchId::from_uuid(uuid::Uuid::nil()),
        from_cursor: None,
        to_cursor: None,
        known_until: Some("2026-10-02".parse().unwrap()),
        added: vec![],
        amended: vec![],
        removed: vec![],
        payloads: vec![],
    };
    fill(&mut page);
    page
}

fn into(parts: Vec<Part>) -> AccountCommand {
    let parts = parts.into_iter().map(|part| NotedPart { part, note: Some(" printer paper ".into()) }).collect();
    AccountCommand::Split(SplitCommand::Into { transaction: receipt().id, parts })
}

fn undo() -> AccountCommand {
    AccountCommand::Split(SplitCommand::Undo { transaction: receipt().id })
}

fn divided(was: &Transaction, now: Transaction) -> AccountEvent {
    let notes = vec![Some("printer paper".to_owned()); now.parts().len()];
    AccountEvent::Split(Divided { transaction: was.id, changed: Box::new(Redecided::new(was, now)), notes })
}

fn sync(reported: Vec<Transaction>, removed: Vec<TransactionId>) -> AccountCommand {
    AccountCommand::Sync {
        batch: BatchId::from_uuid(uuid::Uuid::nil()),
        to_cursor: None,
        reported,
        removed,
        told: vec![],
    }
}

fn recategorise(by: By, to: Option<Meaning>) -> AccountCommand {
    AccountCommand::Recategorise { decisions: vec![Decision { id: receipt().id, by, to }], note: None }
}

fn rent() -> Meaning {
    Meaning { kind: Kind::Expense, category: "rent".parse().unwrap() }
}

#[test]
fn a_transaction_is_split_in_parts_that_sum_to_it() {
    given(&receipt()).when(into(halves())).then_expect_events(vec![divided(&receipt(), split())]);
}

#[test]
fn other_parts_take_the_place_of_earlier_ones() {
    let thirds = vec![
        part(-4_000, Kind::Expense, "travel"),
        part(-4_000, Kind::Expense, "travel"),
        part(-4_000, Kind::Tax, "taxes"),
    ];
    let now = receipt().divided(thirds.clone(), 3);
    given(&split()).when(into(thirds)).then_expect_events(vec![divided(&split(), now)]);
}

#[test]
fn parts_that_are_not_the_transaction_are_refused() {
    let one = |amount| part(amount, Kind::Expense, "travel");
    let refused = |parts: Vec<Part>, error| given(&receipt()).when(into(parts)).then_expect_error(error);
    refused(vec![one(-12_000)], AccountError::PartCount(1));
    refused(vec![one(-600); 21], AccountError::PartCount(21));
    refused(vec![one(-12_000), one(0)], AccountError::PartOfZero);
    refused(vec![one(-13_000), one(1_000)], AccountError::PartOfOtherSign(false));
    let too_fine = Part { amount: "-0.005".parse().unwrap(), ..one(0) };
    refused(vec![one(-11_999), too_fine.clone(), too_fine], AccountError::PartTooFine("-0.005".parse().unwrap()));
    let (parts, whole) = ("-119.99".parse().unwrap(), "-120".parse().unwrap());
    refused(vec![one(-8_000), one(-3_999)], AccountError::PartsOfOtherSum { parts, whole });
    let long = vec![NotedPart { part: one(-6_000), note: Some("x".repeat(501)) }; 2];
    let command = AccountCommand::Split(SplitCommand::Into { transaction: receipt().id, parts: long });
    given(&receipt()).when(command).then_expect_error(AccountError::NoteTooLong);
}

#[test]
fn what_is_not_there_is_not_split() {
    let other = TransactionId::derive([b"other".as_slice()]);
    let parts = halves().into_iter().map(|part| NotedPart { part, note: None }).collect();
    given(&receipt())
        .when(AccountCommand::Split(SplitCommand::Into { transaction: other, parts }))
        .then_expect_error(AccountError::NoSuchTransaction(other));
}

#[test]
fn taken_back_the_whole_means_what_it_did() {
    let chosen = receipt().redecided(Some((rent(), By::Choice)));
    let parts = chosen.clone().divided(halves(), 3);
    let changed = Box::new(Redecided::new(&parts, chosen));
    let unsplit = AccountEvent::Unsplit(Rejoined { transaction: receipt().id, changed });
    given(&parts).when(undo()).then_expect_events(vec![unsplit]);
    given(&receipt()).when(undo()).then_expect_events(vec![]);
}

#[test]
fn a_choice_ends_a_split_and_a_rule_does_not() {
    let now = receipt().redecided(Some((rent(), By::Choice)));
    let transactions = vec![Redecided::new(&split(), now)];
    assert_eq!(transactions[0].was_parts, halves());
    let ended = AccountEvent::Recategorised(Recategorised { transactions, note: None });
    given(&split()).when(recategorise(By::Choice, Some(rent()))).then_expect_events(vec![ended]);
    given(&split()).when(recategorise(By::Rule(RuleId::new()), Some(rent()))).then_expect_events(vec![]);
}

#[test]
fn parts_stay_over_the_same_amount_and_end_over_another() {
    let told = |now: Transaction| AccountEvent::Synced(page(|page| page.amended = vec![Amended::new(split(), now)]));
    let other_text = Transaction { description: Some("Supermarket 12".into()), ..receipt() };
    let kept = other_text.clone().divided(halves(), 3);
    given(&split()).when(sync(vec![other_text], vec![])).then_expect_events(vec![told(kept)]);
    let other_amount = Transaction { amount: Decimal::new(-11_800, 2), ..receipt() };
    given(&split()).when(sync(vec![other_amount.clone()], vec![])).then_expect_events(vec![told(other_amount)]);
    let removed = AccountEvent::Synced(page(|page| page.removed = vec![split()]));
    given(&split()).when(sync(vec![], vec![receipt().id])).then_expect_events(vec![removed]);
}

#[test]
fn one_transaction_stays_one() {
    let split = split();
    let shares: Vec<_> =
        split.shares().map(|share| (share.category.as_str(), share.sums().outflow, share.count)).collect();
    assert_eq!(shares, [("office_supplies", Decimal::from(80), 1), ("owner_drawing", Decimal::from(40), 0)]);
}

#[test]
fn notes_are_texts_of_people() {
    let mut event = divided(&receipt(), split());
    let mut count = 0;
    event.each_text(&mut |_| count += 1);
    assert_eq!(count, 5);
    event.erase();
    let AccountEvent::Split(Divided { changed, notes, .. }) = event else { panic!() };
    assert_eq!((changed.now.description, notes), (None, vec![None, None]));
}
