//! A log to follow, written by hand: events of any content, in the store with their positions, and in JetStream in
//! whatever order and number a test wants.

use std::collections::HashMap;

use async_nats::HeaderMap;
use async_nats::jetstream::{self, stream};
use chrono::SecondsFormat;
use domain::{AccountId, BusinessId};
use serde_json::json;
use sqlx::PgPool;
use streams::{Event, log};
use tokio::sync::Mutex;
use uuid::Uuid;

pub struct Books {
    pool: PgPool,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    position: i64,
    business: HashMap<BusinessId, i64>,
    account: HashMap<AccountId, i64>,
}

/// One event: transactions of an account.
#[derive(Debug, Clone)]
pub struct Page {
    pub business: BusinessId,
    pub account: AccountId,
    /// (amount, description)
    pub lines: Vec<(String, String)>,
}

impl Page {
    pub fn new(business: BusinessId, account: AccountId, lines: &[(&str, &str)]) -> Self {
        let lines = lines.iter().map(|(amount, text)| ((*amount).to_owned(), (*text).to_owned())).collect();
        Self { business, account, lines }
    }

    fn payload(&self) -> String {
        let lines = self.lines.iter().map(|(amount, description)| {
            json!({"id": Uuid::now_v7(), "booked": "2026-03-01", "amount": amount, "currency": "EUR",
                   "kind": "expense", "category": "other", "description": description})
        });
        json!({"event": "account.synced", "batch": Uuid::now_v7(), "from_cursor": null, "to_cursor": null,
               "known_until": null, "added": lines.collect::<Vec<_>>()})
        .to_string()
    }
}

impl Books {
    pub fn new(pool: PgPool) -> Self {
        Self { pool, last: Mutex::default() }
    }

    /// Goes on behind what another has written.
    pub async fn continue_from(&self, position: i64) {
        self.last.lock().await.position = position;
    }

    /// Appends pages to the log; returns the last position.
    pub async fn append(&self, pages: &[Page]) -> i64 {
        let mut last = self.last.lock().await;
        let mut tx = self.pool.begin().await.unwrap();
        for page in pages {
            last.position += 1;
            let business_sequence = last.business.entry(page.business).or_default();
            *business_sequence += 1;
            let business_sequence = *business_sequence;
            let sequence = last.account.entry(page.account).or_default();
            *sequence += 1;
            let payload = page.payload();
            sqlx::query(
                "with event as (
                    insert into store.events
                        (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
                    values ('account', $1, $2, 'account.synced', '1', $3::json,
                        json_build_object('business', $4::text, 'actor', 'test'))
                    returning id, recorded_at)
                 insert into store.log (position, business, business_sequence, event_id, aggregate_type, aggregate_id,
                    sequence, event_type, event_version, recorded_at, known_at, bytes, hash)
                 select $5, $4::uuid, $6, id, 'account', $1, $2, 'account.synced', '1', recorded_at, recorded_at,
                    octet_length($3), sha256(convert_to($3, 'UTF8'))
                 from event",
            )
            .bind(page.account.to_string())
            .bind(*sequence)
            .bind(&payload)
            .bind(page.business.to_string())
            .bind(last.position)
            .bind(business_sequence)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        last.position
    }

    /// Many small pages of a few businesses, told apart by their amounts.
    pub async fn append_many(&self, businesses: &[(BusinessId, AccountId)], count: i64) -> i64 {
        self.append(&pages(businesses, count)).await
    }

    /// Events after a position.
    pub async fn events(&self, after: i64) -> Vec<Event> {
        log::read(&self.pool, after, 100_000).await.unwrap()
    }

    /// Cuts the log back, as restoring an older store does.
    pub async fn cut(&self, position: i64) {
        let mut tx = self.pool.begin().await.unwrap();
        sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
        sqlx::query("delete from store.log where position > $1").bind(position).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        self.last.lock().await.position = position;
    }
}

fn pages(businesses: &[(BusinessId, AccountId)], count: i64) -> Vec<Page> {
    let page = |number: i64| {
        let (business, account) = businesses[usize::try_from(number).unwrap() % businesses.len()];
        Page::new(business, account, &[(&format!("{number}.25"), "rent"), ("-1", "fee")])
    };
    (1..=count).map(page).collect()
}

/// Some businesses with an account each.
pub fn businesses(count: usize) -> Vec<(BusinessId, AccountId)> {
    (0..count).map(|_| (BusinessId::new(), AccountId::new())).collect()
}

/// The stream that a projection follows.
pub async fn create_stream(client: &async_nats::Client, prefix: &str) {
    let config = stream::Config {
        name: format!("{prefix}_EVENTS"),
        subjects: vec![format!("{}.events.>", prefix.to_lowercase())],
        storage: stream::StorageType::Memory,
        ..stream::Config::default()
    };
    jetstream::new(client.clone()).create_stream(config).await.unwrap();
}

/// Publishes events, in this order.
pub async fn publish(client: &async_nats::Client, prefix: &str, events: &[Event]) {
    let jetstream = jetstream::new(client.clone());
    for event in events {
        let subject = streams::message::subject(prefix, event);
        let taken = jetstream.publish_with_headers(subject, headers(event), event.payload.clone()).await.unwrap();
        taken.await.unwrap();
    }
}

fn headers(event: &Event) -> HeaderMap {
    let moment = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let mut headers = HeaderMap::new();
    headers.insert("ce-type", event.full_type());
    headers.insert("ce-subject", format!("{}/{}", event.aggregate_type, event.aggregate_id));
    headers.insert("ce-time", moment(event.recorded_at));
    headers.insert("ce-business", event.business.to_string());
    headers.insert("ce-sequence", event.business_sequence.to_string());
    headers.insert("ce-position", event.position.to_string());
    headers.insert("ce-aggregatesequence", event.sequence.to_string());
    headers.insert("ce-knownat", moment(event.known_at));
    headers.insert("ce-hash", hex::encode(event.hash));
    headers.insert("ce-metadata", "{}");
    headers
}
