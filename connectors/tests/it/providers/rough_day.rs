//! A day on which everything goes wrong ends with the figures of a day on which nothing does: all four providers of one
//! company, polled and told, through the worker.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connectors::connections::Wish;
use connectors::provider::{Connector, Registry, plaid, quickbooks, shopify};
use connectors::simulator::Options;
use domain::SourceId;
use serde_json::{Value, json};

use super::worker::{Office, agree};
use super::world::{by_kind, plaid_config, quickbooks_config, shopify_config, stripe};
use crate::simulator::Simulated;

const PROVIDERS: [&str; 4] = ["plaid", "stripe", "quickbooks", "shopify"];
/// Days of history, where a provider lets itself be asked for fewer than a year.
const DAYS: u32 = 30;
/// What happens beyond the plan, and after which step of the day.
const HAPPENINGS: [(i32, &str); 5] =
    [(1, "dispute"), (2, "refund"), (4, "dispute"), (6, "dispute_won"), (8, "dispute_lost")];

struct Day {
    simulated: Simulated,
    office: Office,
    sources: BTreeMap<&'static str, SourceId>,
}

impl Day {
    /// The same company at the same moment, and a business of its own that has connected everything.
    async fn beginning(at: DateTime<Utc>) -> Self {
        let mut options = Options::new(1, at);
        options.speed = 0;
        let simulated = Simulated::with(options).await;
        simulated.control("/limits", &json!({"enabled": false})).await;
        let (office, base) = Office::hearing(few_days(&simulated)).await;
        for provider in ["stripe", "quickbooks"] {
            let url = format!("{base}/api/v1/webhooks/{provider}");
            simulated.control("/webhooks", &json!({"provider": provider, "url": url})).await;
        }
        let mut sources = BTreeMap::new();
        for provider in PROVIDERS {
            sources.insert(provider, office.connect(&simulated, provider).await);
        }
        simulated.advance(60).await;
        Self { simulated, office, sources }
    }

    async fn roughen(&self) {
        for fault in [
            json!({"kind": "rate_limited", "retry_after": 1, "permille": 50}),
            json!({"kind": "server_error", "status": 503, "permille": 100}),
            json!({"kind": "latency", "millis": 20, "permille": 200}),
            json!({"kind": "mutation", "permille": 50}),
            json!({"kind": "unknown_fields", "permille": 300}),
            json!({"kind": "clock_skew", "seconds": -150}),
            // A new token that is cut off on its way is lost for good, and its user must connect again: not tried here.
            json!({"kind": "cut", "path": "transactions", "permille": 100}),
            json!({"kind": "cut", "path": "/v3/", "permille": 100}),
            json!({"kind": "cut", "path": "graphql", "permille": 100}),
            json!({"kind": "lost_webhooks", "permille": 300}),
            json!({"kind": "late_webhooks", "seconds": 1, "permille": 500}),
            json!({"kind": "duplicate_webhooks", "permille": 500}),
        ] {
            self.simulated.control("/faults", &fault).await;
        }
    }

    async fn calm(&self) {
        self.simulated.http.delete(self.simulated.url("/control/faults")).send().await.unwrap();
    }

    /// The user agrees once more, as the page asks them to; not while the provider's pages fail.
    async fn repaired(&self, provider: &str) {
        let source = self.sources[provider];
        let waits = |row: &Value| row["health"] == "consent_needed" || row["health"] == "revoked";
        self.office.until(source, "waits for its user", waits).await;
        self.calm().await;
        self.simulated.control("/tokens", &json!({"provider": provider, "action": "restore"})).await;
        let wish = Wish {
            provider: provider.to_owned(),
            instance: Some("harbour-coffee.myshopify.com".to_owned()),
            repairs: Some(source),
            ..Wish::default()
        };
        let way = self.office.connections.begin(&self.office.who, self.office.business(), &wish).await.unwrap();
        let back = agree(&self.simulated, &way.url.unwrap()).await;
        let found = self.office.connections.finish(&self.office.who, &back).await.unwrap();
        assert_eq!(found.at.source, source, "{provider} goes on with the same source");
        self.roughen().await;
    }

    /// Messages that were taken; one that meets a running poll is no cause of a sync.
    async fn deliveries(&self) -> i64 {
        let query = sqlx::query_scalar("select count(*) from connectors.webhook");
        query.fetch_one(&self.office.connections.pool).await.unwrap()
    }

    /// What stands of the days from one on, by the providers' ids.
    async fn ended(&self, from: &str) -> BTreeMap<String, Value> {
        for source in self.sources.values() {
            self.office.settled(*source).await;
        }
        let mut figures = self.office.figures().await;
        figures.retain(|_, row| row["booked"].as_str().unwrap() >= from);
        figures
    }
}

fn few_days(simulated: &Simulated) -> Registry {
    let mut registry = Registry::default();
    let bank = plaid::Plaid::new(plaid::Config { days: DAYS, ..plaid_config(simulated) });
    registry.add(Arc::new(bank) as Arc<dyn Connector>);
    registry.add(Arc::new(stripe(simulated, 100)));
    let books = quickbooks::Config { days: Some(DAYS), ..quickbooks_config(simulated) };
    registry.add(Arc::new(quickbooks::QuickBooks::new(books)));
    registry.add(Arc::new(shopify::Shopify::new(shopify::Config { days: DAYS, ..shopify_config(simulated) })));
    registry
}

#[tokio::test]
async fn a_day_of_faults_ends_as_one_without() {
    let now = Utc::now();
    // Where histories begin depends on when they were asked for.
    let from = (now - TimeDelta::days(i64::from(DAYS) - 2)).date_naive().to_string();
    let (calm, rough) = (Day::beginning(now).await, Day::beginning(now).await);
    rough.roughen().await;
    let (one, other) = (rough.office.work(), rough.office.work());
    for hour in 0..12 {
        for day in [&calm, &rough] {
            day.simulated.advance(2 * 3600).await;
            if let Some((_, kind)) = HAPPENINGS.iter().find(|(at, _)| *at == hour) {
                day.simulated.happens(kind).await;
            }
        }
        match hour {
            3 => {
                for provider in ["stripe", "quickbooks"] {
                    let expire = json!({"provider": provider, "action": "expire"});
                    rough.simulated.control("/tokens", &expire).await;
                }
            }
            5 => {
                rough.simulated.control("/tokens", &json!({"provider": "plaid", "action": "expire"})).await;
                rough.repaired("plaid").await;
            }
            7 => {
                rough.simulated.control("/tokens", &json!({"provider": "shopify", "action": "revoke"})).await;
                rough.repaired("shopify").await;
            }
            _ => tokio::time::sleep(Duration::from_millis(400)).await,
        }
    }
    // One worker dies in the middle of what it does, without giving anything back.
    drop(one);
    rough.calm().await;
    let of_rough = rough.ended(&from).await;
    drop(other);
    let _work = calm.office.work();
    let of_calm = calm.ended(&from).await;
    assert!(of_calm.len() > 100, "{}", of_calm.len());
    let at_stripe = of_calm.iter().filter(|(name, _)| name.starts_with("txn_"));
    let disputed = at_stripe.filter(|(_, row)| row["category"] == "disputes").count();
    assert_eq!(disputed, 3, "two were begun and one was won");
    assert_eq!(by_kind(&of_calm), by_kind(&of_rough));
    let missing: Vec<_> = of_calm.keys().filter(|key| !of_rough.contains_key(*key)).collect();
    let more: Vec<_> = of_rough.keys().filter(|key| !of_calm.contains_key(*key)).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing {missing:?}, more {more:?}");
    assert!(rough.deliveries().await > 0, "messages came through");
}
