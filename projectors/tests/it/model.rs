//! The brute-force answer: every transaction that stands at a position, summed anew for every question.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, Days, NaiveDate};
use domain::account::AccountEvent;
use domain::business::BusinessEvent;
use domain::{AccountId, BusinessId, Kind, Sums, TimeZone, Transaction, TransactionId};
use rust_decimal::Decimal;
use streams::{DomainEvent, Event};

#[derive(Default)]
pub struct Model {
    zones: HashMap<BusinessId, TimeZone>,
    standing: HashMap<TransactionId, (BusinessId, AccountId, NaiveDate, Transaction)>,
}

impl Model {
    pub fn at(events: &[Event], position: i64) -> Self {
        let mut model = Self::default();
        for event in events.iter().filter(|event| event.position <= position) {
            model.apply(event);
        }
        model
    }

    fn apply(&mut self, event: &Event) {
        match event.decode().unwrap() {
            DomainEvent::Business(BusinessEvent::Registered { time_zone, .. })
            | DomainEvent::Business(BusinessEvent::TimeZoneChanged { time_zone }) => {
                self.zones.insert(event.business, time_zone);
            }
            DomainEvent::Account(AccountEvent::Synced(page)) => {
                let zone = self.zones[&event.business];
                let account = AccountId::from_uuid(event.aggregate_id);
                for transaction in page.added.into_iter().chain(page.amended.into_iter().map(|amended| amended.now)) {
                    let day = transaction.booked.day(zone);
                    self.standing.insert(transaction.id, (event.business, account, day, transaction));
                }
                for removed in page.removed {
                    self.standing.remove(&removed.id);
                }
            }
            DomainEvent::Account(change) => {
                for redecided in change.redecided() {
                    let (.., standing) = self.standing.get_mut(&redecided.now.id).unwrap();
                    *standing = redecided.now.clone();
                }
            }
            _ => {}
        }
    }

    /// As `Schema::figures`, without those by cause.
    pub fn figures(&self, business: BusinessId) -> Vec<String> {
        let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
        for (owner, account, day, transaction) in self.standing.values() {
            if *owner != business {
                continue;
            }
            for (amount, kind, category, count) in pieces(transaction) {
                let dims =
                    [("all", String::new()), ("account", account.to_string()), ("category", category.to_owned())];
                for (grain, bucket) in buckets(*day) {
                    for (dim, key) in &dims {
                        let cell = format!("{grain}|{bucket}|{dim}|{key}|{kind}|{}", transaction.currency);
                        *sums.entry(cell).or_default() += Sums { count, ..Sums::of(amount) };
                    }
                }
            }
        }
        let mut figures: Vec<_> = sums
            .iter()
            .map(|(cell, sums)| {
                format!("{cell} {} {} {}", sums.inflow.normalize(), sums.outflow.normalize(), sums.count)
            })
            .collect();
        figures.sort();
        figures
    }
}

/// What a transaction is made of, and which piece of it counts as one: the largest.
pub fn pieces(transaction: &Transaction) -> Vec<(Decimal, Kind, &str, i64)> {
    let parts = transaction.parts();
    if parts.is_empty() {
        return vec![(transaction.amount, transaction.kind, transaction.category.as_str(), 1)];
    }
    let largest = parts.iter().map(|part| part.amount.abs()).max();
    let counted = parts.iter().position(|part| Some(part.amount.abs()) == largest);
    let pieces = parts.iter().enumerate();
    pieces
        .map(|(nth, part)| (part.amount, part.kind, part.category.as_str(), i64::from(Some(nth) == counted)))
        .collect()
}

fn buckets(day: NaiveDate) -> [(&'static str, NaiveDate); 5] {
    let first = |month| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap();
    [
        ("day", day),
        ("week", day - Days::new(u64::from(day.weekday().num_days_from_monday()))),
        ("month", first(day.month())),
        ("quarter", first([1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10][day.month0() as usize])),
        ("year", first(1)),
    ]
}
