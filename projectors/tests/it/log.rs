//! A log made by hand: events as the runtime delivers them.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::account::{AccountEvent, Synced};
use domain::business::BusinessEvent;
use domain::source::{SourceEvent, SourceKind};
use domain::{AccountId, BatchId, BusinessId, Currency, FiscalMonth, SourceId, Transaction, TransactionId};
use serde::Serialize;
use streams::Event;
use uuid::Uuid;

#[derive(Default)]
pub struct Log {
    pub events: Vec<Event>,
}

/// A fixed identifier, readable in failures.
pub fn uuid(kind: u32, n: u32) -> Uuid {
    Uuid::from_u128(u128::from(kind) << 96 | 0x7000_8000_0000_0000_0000 | u128::from(n))
}

pub fn business(n: u32) -> BusinessId {
    BusinessId::from_uuid(uuid(0xb, n))
}

pub fn account(n: u32) -> AccountId {
    AccountId::from_uuid(uuid(0xa, n))
}

pub fn batch(n: u32) -> BatchId {
    BatchId::from_uuid(uuid(0xc, n))
}

pub fn source(n: u32) -> SourceId {
    SourceId::from_uuid(uuid(0x5, n))
}

/// When the log knew a position: a minute each, from 2026 on.
pub fn known_at(position: i64) -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(position)
}

impl Log {
    /// The newest position.
    pub fn head(&self) -> i64 {
        i64::try_from(self.events.len()).unwrap()
    }

    pub fn push(&mut self, business: BusinessId, aggregate: (&str, Uuid), event_type: &str, payload: &impl Serialize) {
        let position = self.head() + 1;
        let of_business = self.events.iter().rev().find(|event| event.business == business);
        let of_aggregate = self.events.iter().rev().find(|event| event.aggregate_id == aggregate.1);
        self.events.push(Event {
            position,
            business,
            business_sequence: of_business.map_or(1, |event| event.business_sequence + 1),
            aggregate_type: aggregate.0.to_owned(),
            aggregate_id: aggregate.1,
            sequence: of_aggregate.map_or(1, |event| event.sequence + 1),
            event_type: event_type.to_owned(),
            event_version: "1".to_owned(),
            recorded_at: known_at(position),
            known_at: known_at(position),
            hash: [0; 32],
            metadata: HashMap::new(),
            payload: Bytes::from(serde_json::to_vec(payload).unwrap()),
        });
    }

    pub fn business(&mut self, id: BusinessId, event: &BusinessEvent) {
        self.push(id, ("business", id.as_uuid()), &cqrs_type(event), event);
    }

    pub fn source(&mut self, business: BusinessId, id: SourceId, event: &SourceEvent) {
        self.push(business, ("source", id.as_uuid()), &cqrs_type(event), event);
    }

    pub fn account(&mut self, business: BusinessId, id: AccountId, event: &AccountEvent) {
        self.push(business, ("account", id.as_uuid()), &cqrs_type(event), event);
    }

    pub fn register(&mut self, id: BusinessId, zone: &str) {
        let event = BusinessEvent::Registered {
            id,
            name: "Corner Shop".into(),
            base_currency: currency("GBP"),
            time_zone: zone.parse().unwrap(),
            fiscal_year_first_month: FiscalMonth::try_from(4).unwrap(),
        };
        self.business(id, &event);
    }

    pub fn connect(&mut self, business: BusinessId, id: SourceId) {
        self.source(
            business,
            id,
            &SourceEvent::Connected { id, business, kind: SourceKind::File, name: "Bank".into() },
        );
    }

    pub fn open(&mut self, business: BusinessId, id: AccountId, currency_code: &str) {
        let event = AccountEvent::Opened {
            id,
            business,
            source: source(1),
            name: "Current".into(),
            currency: currency(currency_code),
            external_id: Some("GB29".into()),
        };
        self.account(business, id, &event);
    }

    pub fn sync(&mut self, business: BusinessId, id: AccountId, page: Synced) {
        self.account(business, id, &AccountEvent::Synced(page));
    }
}

fn cqrs_type(event: &impl cqrs_es::DomainEvent) -> String {
    event.event_type()
}

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub fn page() -> Synced {
    Synced {
        batch: batch(1),
        from_cursor: None,
        to_cursor: None,
        known_until: None,
        added: vec![],
        amended: vec![],
        removed: vec![],
        payloads: vec![],
    }
}

/// A line of revenue (plus) or expense (minus) in GBP.
pub fn line(name: &str, booked: &str, amount: &str) -> Transaction {
    let amount: rust_decimal::Decimal = amount.parse().unwrap();
    let income = amount.is_sign_positive();
    Transaction {
        id: TransactionId::derive([name.as_bytes()]),
        booked: booked.parse().unwrap(),
        value_date: None,
        pending: false,
        amount,
        currency: currency("GBP"),
        kind: if income { domain::Kind::Revenue } else { domain::Kind::Expense },
        category: if income { "product_sale" } else { "rent" }.parse().unwrap(),
        provider_category: None,
        decided: None,
        description: Some(name.to_owned()),
        counterparty: None,
        reference: None,
        line: Some(7),
    }
}
