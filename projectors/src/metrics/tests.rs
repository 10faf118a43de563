//! Properties of the fold alone.

use chrono::{DateTime, Utc};
use domain::account::{AccountEvent, Synced};
use domain::{AccountId, Amended, BatchId, BusinessId, Kind, Sums, TimeZone, Transaction, TransactionId};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use streams::DomainEvent;
use uuid::Uuid;

use super::fold::Fold;
use super::folded::{CURRENT, Folded};
use super::scope::{Scope, Zones};
use super::sums::add;
use super::versions::accumulate;
use crate::Decoded;

fn business() -> BusinessId {
    BusinessId::from_uuid(Uuid::from_u128(1))
}

fn account() -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(2))
}

fn scope() -> Scope {
    let mut scope = Scope::default();
    scope.load_business(business(), Zones::new(TimeZone::UTC));
    scope.load_account(account(), business());
    scope
}

/// (which transaction, day of January, cents, whether to remove it)
type Happening = (u8, u32, i64, bool);

/// A page for each list: unknown transactions are added, known ones amended or removed.
fn events(pages: &[Vec<Happening>]) -> Vec<Decoded> {
    let mut standing: HashMap<u8, Transaction> = HashMap::new();
    let page = |happenings: &Vec<Happening>| {
        let mut page = Synced {
            batch: BatchId::from_uuid(Uuid::from_u128(3)),
            from_cursor: None,
            to_cursor: None,
            known_until: Some("2026-01-10".parse().unwrap()),
            added: vec![],
            amended: vec![],
            removed: vec![],
            payloads: vec![],
        };
        let mut named = Vec::new();
        for (number, day, cents, remove) in happenings {
            if named.contains(number) {
                continue;
            }
            named.push(*number);
            let now = transaction(*number, *day, *cents);
            match standing.insert(*number, now.clone()) {
                Some(was) if *remove => {
                    standing.remove(number);
                    page.removed.push(was);
                }
                Some(was) => page.amended.push(Amended::new(was, now)),
                None => page.added.push(now),
            }
        }
        page
    };
    let decoded = |(position, page)| Decoded {
        position,
        business: business(),
        aggregate: account().as_uuid(),
        known_at: DateTime::<Utc>::UNIX_EPOCH,
        event: DomainEvent::Account(AccountEvent::Synced(page)),
    };
    (1..).zip(pages.iter().map(page)).map(decoded).collect()
}

fn transaction(number: u8, day: u32, cents: i64) -> Transaction {
    Transaction {
        id: TransactionId::derive([[number].as_slice()]),
        booked: format!("2026-01-{day:02}").parse().unwrap(),
        value_date: None,
        pending: false,
        amount: Decimal::new(cents, 2),
        currency: "EUR".parse().unwrap(),
        kind: if cents < 0 { Kind::Expense } else { Kind::Revenue },
        category: if cents % 2 == 0 { "even" } else { "odd" }.parse().unwrap(),
        provider_category: None,
        decided: None,
        description: None,
        counterparty: None,
        reference: None,
        line: None,
    }
}

fn folded(events: &[Decoded]) -> Folded<'_> {
    let mut scope = scope();
    let mut fold = Fold::new(&mut scope, events, HashMap::new(), true);
    events.iter().for_each(|event| fold.apply(event).unwrap());
    fold.finish()
}

fn pages() -> impl Strategy<Value = Vec<Vec<Happening>>> {
    let happening = (0_u8..8, 1_u32..28, -500_i64..500, any::<bool>());
    prop::collection::vec(prop::collection::vec(happening, 0..6), 1..12)
}

/// Sums by what identifies a daily row.
fn by_day<'a>(sums: impl Iterator<Item = ((String, &'a str, Kind), Sums)>) -> BTreeMap<(String, &'a str, Kind), Sums> {
    let mut total = BTreeMap::new();
    for (key, sums) in sums {
        let sum: &mut Sums = total.entry(key).or_default();
        *sum = add(*sum, sums).unwrap();
    }
    total.retain(|_, sums| !sums.is_zero());
    total
}

proptest! {
    #[test]
    fn deltas_up_to_a_position_are_the_revisions_that_stand_there(pages in pages()) {
        let events = events(&pages);
        let folded = folded(&events);
        for position in 0..=events.len() as i64 {
            let deltas = folded.deltas.iter().filter(|delta| delta.position <= position);
            let of_deltas = by_day(deltas.map(|d| ((d.key.day.to_string(), d.key.category, d.key.kind), d.sums)));
            let standing = folded.revisions.iter().filter(|r| r.valid_from <= position && position < r.valid_to);
            let of_revisions = by_day(standing.map(|r| {
                let t = r.transaction;
                ((r.day.to_string(), t.category.as_str(), t.kind), Sums::of(t.amount))
            }));
            prop_assert_eq!(of_deltas, of_revisions);
        }
        prop_assert_eq!(&folded.closings, &[], "what one run opens it also closes");
    }

    #[test]
    fn a_prefix_folds_to_the_prefix_of_the_rows(pages in pages(), cut in 0_usize..12) {
        let events = events(&pages);
        let cut = cut.min(events.len());
        let (whole, prefix) = (folded(&events), folded(&events[..cut]));
        prop_assert!(whole.deltas.starts_with(&prefix.deltas));
        prop_assert!(whole.changes.starts_with(&prefix.changes));
        prop_assert!(whole.cells.starts_with(&prefix.cells));
        prop_assert!(prefix.revisions.iter().all(|r| r.valid_to == CURRENT || r.valid_to <= cut as i64));
    }

    #[test]
    fn versions_are_running_sums_and_cells_are_new_once(pages in pages(), cut in 0_usize..12) {
        let events = events(&pages);
        let (first, second) = events.split_at(cut.min(events.len()));
        let whole = folded(&events);
        let at_once = accumulate(&whole, vec![None; whole.cells.len()]).unwrap();

        let one = folded(first);
        let before = accumulate(&one, vec![None; one.cells.len()]).unwrap();
        let two = folded(second);
        let known: HashMap<_, _> = one.cells.iter().zip(&before.newest).collect();
        let stored = two.cells.iter().map(|cell| known.get(cell).copied().copied().flatten()).collect();
        let after = accumulate(&two, stored).unwrap();
        prop_assert_eq!([before.versions, after.versions].concat(), at_once.versions);
        prop_assert_eq!([before.new_cells, after.new_cells].concat(), at_once.new_cells);
    }
}
