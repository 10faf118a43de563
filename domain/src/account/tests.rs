use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use cqrs_es::test::TestFramework;
use rust_decimal::Decimal;

use super::*;
use crate::attachment::FileHash;
use crate::meaning::{By, Meaning};
use crate::personal::{Personal, Text};
use crate::{
    AccountId, Amended, BatchId, BusinessId, Category, Cause, Currency, DocumentId, Kind, SourceId, Transaction,
    TransactionId,
};

type Given = TestFramework<Account>;

/// The index as it must answer after the given revisions, each brought by the event of the given version.
struct Index(Vec<(Transaction, u64)>);

#[async_trait]
impl Known for Index {
    async fn lookup(
        &self,
        _: AccountId,
        _: u64,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, KnownRevision>, LookupError> {
        let known = self.0.iter().filter(|(transaction, _)| ids.contains(&transaction.id));
        Ok(known
            .map(|(transaction, version)| {
                (transaction.id, KnownRevision { content: transaction.content(), version: *version })
            })
            .collect())
    }

    async fn revisions(
        &self,
        _: AccountId,
        wanted: &[(TransactionId, u64)],
    ) -> Result<HashMap<TransactionId, Transaction>, LookupError> {
        let matches = self.0.iter().filter(|(transaction, version)| wanted.contains(&(transaction.id, *version)));
        Ok(matches.map(|(transaction, _)| (transaction.id, transaction.clone())).collect())
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

fn given(index: Vec<(Transaction, u64)>) -> Given {
    Given::with(Arc::new(Index(index)) as Arc<dyn Known>)
}

fn opened() -> AccountEvent {
    let id: AccountId = "018f0000-0000-7000-8000-000000000003".parse().unwrap();
    let business: BusinessId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let source: SourceId = "018f0000-0000-7000-8000-000000000002".parse().unwrap();
    let currency: Currency = "GBP".parse().unwrap();
    AccountEvent::Opened { id, business, source, name: "Current".into(), currency, external_id: None }
}

fn batch(n: u8) -> BatchId {
    format!("018f0000-0000-7000-8000-0000000000{n:02}").parse().unwrap()
}

fn line(name: &str, day: &str, amount: i64) -> Transaction {
    Transaction {
        id: TransactionId::derive([name.as_bytes()]),
        booked: day.parse().unwrap(),
        value_date: None,
        pending: false,
        amount: Decimal::new(amount, 2),
        currency: "GBP".parse().unwrap(),
        kind: Kind::Revenue,
        category: Category::from_label("sale").unwrap(),
        provider_category: None,
        decided: None,
        description: None,
        counterparty: None,
        reference: None,
        line: None,
    }
}

fn page(batch: BatchId, known_until: Option<&str>) -> Synced {
    Synced {
        batch,
        from_cursor: None,
        to_cursor: None,
        known_until: known_until.map(|day| day.parse().unwrap()),
        added: vec![],
        amended: vec![],
        removed: vec![],
        payloads: vec![],
    }
}

fn sync(batch: BatchId, reported: Vec<Transaction>) -> AccountCommand {
    AccountCommand::Sync { batch, to_cursor: None, reported, removed: vec![], told: vec![] }
}

#[test]
fn what_is_known_already_is_no_event() {
    let known = line("a", "2026-10-02", 100);
    let first = Synced { added: vec![known.clone()], ..page(batch(1), None) };
    given(vec![(known.clone(), 2)])
        .given(vec![opened(), AccountEvent::Synced(first)])
        .when(sync(batch(2), vec![known]))
        .then_expect_events(vec![]);
}

#[test]
fn only_the_new_and_the_different_become_an_event() {
    let known = line("a", "2026-10-02", 100);
    let corrected = line("a", "2026-10-02", 150);
    let new = line("b", "2026-10-01", 200);
    let first = Synced { added: vec![known.clone()], ..page(batch(1), None) };
    let expected = Synced {
        added: vec![new.clone()],
        amended: vec![Amended::new(known.clone(), corrected.clone())],
        ..page(batch(2), Some("2026-10-02"))
    };
    given(vec![(known, 2)])
        .given(vec![opened(), AccountEvent::Synced(first)])
        .when(sync(batch(2), vec![corrected, new]))
        .then_expect_events(vec![AccountEvent::Synced(expected)]);
}

#[test]
fn a_batch_is_late_only_against_what_was_known_before_it() {
    let newest = line("a", "2026-10-30", 100);
    let older = line("b", "2026-10-01", 200);
    let first = Synced { added: vec![newest.clone()], ..page(batch(1), None) };
    let second = Synced { added: vec![older.clone()], ..page(batch(1), None) };
    given(vec![(newest, 2)])
        .given(vec![opened(), AccountEvent::Synced(first)])
        .when(sync(batch(1), vec![older]))
        .then_expect_events(vec![AccountEvent::Synced(second)]);
}

#[test]
fn a_removal_carries_what_is_removed_and_the_unknown_is_passed_over() {
    let known = line("a", "2026-10-02", 100);
    let unknown = TransactionId::derive([b"never".as_slice()]);
    let first = Synced { added: vec![known.clone()], ..page(batch(1), None) };
    let expected = Synced { removed: vec![known.clone()], ..page(batch(2), Some("2026-10-02")) };
    given(vec![(known.clone(), 2)])
        .given(vec![opened(), AccountEvent::Synced(first)])
        .when(AccountCommand::Sync {
            batch: batch(2),
            to_cursor: None,
            reported: vec![],
            removed: vec![known.id, unknown],
            told: vec![],
        })
        .then_expect_events(vec![AccountEvent::Synced(expected)]);
}

#[test]
fn a_page_is_bounded_and_names_each_transaction_once() {
    let many: Vec<_> = (0..=Synced::MOST).map(|n| line(&n.to_string(), "2026-10-01", 1)).collect();
    given(vec![]).given(vec![opened()]).when(sync(batch(1), many)).then_expect_error(AccountError::PageTooLarge(501));
    let twice = line("a", "2026-10-01", 1);
    given(vec![])
        .given(vec![opened()])
        .when(sync(batch(1), vec![twice.clone(), twice.clone()]))
        .then_expect_error(AccountError::NamedTwice(twice.id));
}

#[test]
fn a_closed_account_takes_nothing() {
    given(vec![])
        .given(vec![opened(), AccountEvent::Closed])
        .when(sync(batch(1), vec![line("a", "2026-10-01", 1)]))
        .then_expect_error(AccountError::Closed);
    given(vec![]).given_no_previous_events().when(AccountCommand::Close).then_expect_error(AccountError::NotOpen);
}

fn decided(category: &str, by: By) -> Transaction {
    line("a", "2026-10-02", 100).redecided(Some((meaning(category), by)))
}

fn meaning(category: &str) -> Meaning {
    Meaning { kind: Kind::Revenue, category: category.parse().unwrap() }
}

fn by_rule() -> By {
    By::Rule("018f0000-0000-7000-8000-000000000009".parse().unwrap())
}

fn recategorise(to: Option<&str>, by: By) -> AccountCommand {
    let id = line("a", "2026-10-02", 100).id;
    let decisions = vec![Decision { id, by, to: to.map(meaning) }];
    AccountCommand::Recategorise { decisions, note: Some("  because ".into()) }
}

fn recategorised(was: &str, now: Transaction) -> AccountEvent {
    let transactions = vec![Redecided { was: meaning(was), was_parts: vec![], now }];
    AccountEvent::Recategorised(Recategorised { transactions, note: Some("because".into()) })
}

fn knowing(standing: &Transaction) -> cqrs_es::test::AggregateTestExecutor<Account> {
    given(vec![(standing.clone(), 2)]).given(vec![opened(), AccountEvent::Synced(page(batch(1), None))])
}

#[test]
fn a_choice_stands_over_what_the_source_says_and_is_given_up_again() {
    let reported = line("a", "2026-10-02", 100);
    let chosen = decided("grants", By::Choice);
    knowing(&reported)
        .when(recategorise(Some("grants"), By::Choice))
        .then_expect_events(vec![recategorised("sale", chosen.clone())]);
    knowing(&chosen).when(recategorise(Some("grants"), By::Choice)).then_expect_events(vec![]);
    knowing(&chosen).when(recategorise(None, By::Choice)).then_expect_events(vec![recategorised("grants", reported)]);
}

#[test]
fn what_a_user_chose_no_rule_changes() {
    let chosen = decided("grants", By::Choice);
    knowing(&chosen).when(recategorise(Some("services"), by_rule())).then_expect_events(vec![]);
    knowing(&chosen).when(recategorise(None, by_rule())).then_expect_events(vec![]);
    let ruled = decided("services", by_rule());
    knowing(&ruled)
        .when(recategorise(Some("grants"), By::Choice))
        .then_expect_events(vec![recategorised("services", chosen)]);
}

#[test]
fn what_is_not_there_is_told_to_a_user_and_passed_over_by_a_rule() {
    let other = line("b", "2026-10-02", 100);
    let id = line("a", "2026-10-02", 100).id;
    knowing(&other)
        .when(recategorise(Some("grants"), By::Choice))
        .then_expect_error(AccountError::NoSuchTransaction(id));
    knowing(&other).when(recategorise(Some("grants"), by_rule())).then_expect_events(vec![]);
}

#[test]
fn a_source_that_says_it_again_or_corrects_it_leaves_the_choice() {
    let chosen = decided("grants", By::Choice);
    knowing(&chosen).when(sync(batch(1), vec![line("a", "2026-10-02", 100)])).then_expect_events(vec![]);
    let corrected = line("a", "2026-10-02", 150);
    let now = corrected.clone().redecided(Some((meaning("grants"), By::Choice)));
    let expected = Synced { amended: vec![Amended::new(chosen.clone(), now)], ..page(batch(1), None) };
    knowing(&chosen).when(sync(batch(1), vec![corrected])).then_expect_events(vec![AccountEvent::Synced(expected)]);
}

#[test]
fn a_change_of_category_alone_is_no_correction() {
    let was = line("a", "2026-10-01", 100);
    let moved = Transaction { category: Category::from_label("shipping").unwrap(), ..was.clone() };
    let corrected = Transaction { amount: Decimal::TWO, ..moved.clone() };
    assert_eq!(Amended::new(was.clone(), moved).cause(), Cause::Recategorised);
    assert_eq!(Amended::new(was, corrected).cause(), Cause::Corrected);
}

#[test]
fn what_was_pending_and_is_booked_is_told_and_its_fingerprint_before_stands() {
    let booked = line("a", "2026-10-01", 100);
    let pending = Transaction { pending: true, ..booked.clone() };
    let expected = Synced { amended: vec![Amended::new(pending.clone(), booked.clone())], ..page(batch(1), None) };
    knowing(&pending)
        .when(sync(batch(1), vec![booked.clone()]))
        .then_expect_events(vec![AccountEvent::Synced(expected)]);
    let valued = Transaction { value_date: "2026-10-03".parse().ok(), ..booked.clone() };
    let worded = Transaction { provider_category: Some("2026-10-03".to_owned()), ..booked.clone() };
    let contents = [&booked, &pending, &valued, &worded].map(Transaction::content);
    assert!((1..4).all(|n| !contents[..n].contains(&contents[n])), "{contents:?}");
    assert_eq!(contents[0], -376_873_277_829_299_673, "what accounts know of transactions is kept by it");
    assert_eq!(Amended::new(booked, worded).cause(), Cause::Recategorised);
}

#[test]
fn a_drift_is_told_once_for_each_day_from_which_on_it_is_and_once_when_it_ends() {
    let drift = |day: &str, difference: i64| Drift { from: day.parse().unwrap(), difference: difference.into() };
    let check = |drift: Option<Drift>| AccountCommand::Check { drift };
    let found = |day: &str| AccountEvent::DriftFound(drift(day, 5));
    given(vec![]).given(vec![opened()]).when(check(None)).then_expect_events(vec![]);
    given(vec![])
        .given(vec![opened()])
        .when(check(Some(drift("2026-03-10", 5))))
        .then_expect_events(vec![found("2026-03-10")]);
    // That it grew is seen in the statement; that it begins on another day is news.
    given(vec![])
        .given(vec![opened(), found("2026-03-10")])
        .when(check(Some(drift("2026-03-10", 9))))
        .then_expect_events(vec![]);
    given(vec![])
        .given(vec![opened(), found("2026-03-10")])
        .when(check(Some(drift("2026-03-08", 5))))
        .then_expect_events(vec![found("2026-03-08")]);
    given(vec![])
        .given(vec![opened(), found("2026-03-10")])
        .when(check(None))
        .then_expect_events(vec![AccountEvent::DriftEnded]);
    given(vec![])
        .given(vec![opened(), found("2026-03-10"), AccountEvent::DriftEnded])
        .when(check(None))
        .then_expect_events(vec![]);
    given(vec![]).given_no_previous_events().when(check(None)).then_expect_error(AccountError::NotOpen);
}

#[test]
fn an_answer_is_named_where_it_told_something_new_and_with_what_it_told() {
    let payload = |n: u8, places: Vec<u16>| Payload {
        file: FileHash::from_bytes([n; 32]),
        bytes: 12,
        media: PayloadMedia::Json,
        places,
        sha256: Some(format!("{n}")),
    };
    let (known, was) = (line("known", "2026-10-02", 1), line("was", "2026-10-02", 100));
    let (now, new, other) =
        (line("was", "2026-10-02", 150), line("new", "2026-10-01", 2), line("other", "2026-10-01", 3));
    let told =
        |n: u8, of: &[&Transaction]| Told { payload: payload(n, vec![]), of: of.iter().map(|one| one.id).collect() };
    let knowing = || given(vec![(known.clone(), 2), (was.clone(), 2)]).given(vec![opened()]);
    let sync = |reported: &[&Transaction], told: Vec<Told>| AccountCommand::Sync {
        batch: batch(1),
        to_cursor: None,
        reported: reported.iter().map(|one| (*one).clone()).collect(),
        removed: vec![],
        told,
    };
    let change = || Amended::new(was.clone(), now.clone());

    // The amended stands behind what it was.
    let named = vec![payload(1, vec![0, 3]), payload(2, vec![1])];
    let page_of = Synced {
        added: vec![new.clone(), other.clone()],
        amended: vec![change()],
        payloads: named,
        ..page(batch(1), None)
    };
    knowing()
        .when(sync(
            &[&new, &other, &now, &known],
            vec![told(1, &[&now, &new]), told(2, &[&other, &known]), told(3, &[&known])],
        ))
        .then_expect_events(vec![AccountEvent::Synced(page_of)]);
    let whole = Synced { added: vec![new.clone()], payloads: vec![payload(1, vec![])], ..page(batch(1), None) };
    knowing()
        .when(sync(&[&new, &known], vec![told(1, &[&known, &new])]))
        .then_expect_events(vec![AccountEvent::Synced(whole.clone())]);
    knowing().when(sync(&[&known], vec![told(1, &[&known])])).then_expect_events(vec![]);

    let mut texts = Vec::new();
    AccountEvent::Synced(whole).each_text(&mut |text| {
        if let Text::Optional(text) = text {
            texts.push(text.clone());
        }
    });
    assert_eq!(texts, [None, None, None, Some("1".to_owned())], "a transaction's texts stand where they stood");
    let bare = serde_json::to_value(page(batch(1), None)).unwrap();
    assert!(bare.get("payloads").is_none(), "what has no answers is written as before");
}
