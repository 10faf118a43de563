//! Webhooks: who wants them, what there is to tell, and their delivery with retries and faults.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::faults::FaultKind;
use super::world::{World, lock};
use super::{Provider, plaid, quickbooks, shopify, stripe};
use crate::outgoing;

const EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(5);
const TRIES: u32 = 4;
const KEPT: usize = 200;

/// A message that is ready to be signed.
#[derive(Debug, Clone)]
pub struct Message {
    pub provider: Provider,
    pub url: String,
    pub body: String,
    /// Headers other than the signature.
    pub headers: Vec<(&'static str, String)>,
}

/// What became of a delivery, for tests and the panel.
#[derive(Debug, Clone, Serialize)]
pub struct Delivered {
    pub provider: Provider,
    pub url: String,
    pub body: String,
    pub at: DateTime<Utc>,
    /// `None`: nobody answered.
    pub status: Option<u16>,
    pub attempt: u32,
}

/// A topic that goes to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub id: u64,
    pub topic: String,
    pub url: String,
}

#[derive(Debug, Default)]
pub struct Hooks {
    /// Where each provider but Plaid, whose items have their own, sends to.
    addresses: Mutex<HashMap<Provider, Vec<String>>>,
    /// What a shop's app registered, by topic.
    registered: Mutex<Vec<Registered>>,
    log: Mutex<Vec<Delivered>>,
}

impl Hooks {
    pub fn subscribe(&self, provider: Provider, url: &str) {
        let mut addresses = lock(&self.addresses);
        let urls = addresses.entry(provider).or_default();
        if !urls.iter().any(|known| known == url) {
            urls.push(url.to_owned());
        }
    }

    pub fn unsubscribe(&self, provider: Provider) {
        lock(&self.addresses).remove(&provider);
    }

    pub fn addresses(&self, provider: Provider) -> Vec<String> {
        lock(&self.addresses).get(&provider).cloned().unwrap_or_default()
    }

    /// `None`: it is there already.
    pub fn register(&self, topic: &str, url: &str) -> Option<Registered> {
        let mut all = lock(&self.registered);
        if all.iter().any(|one| one.topic == topic && one.url == url) {
            return None;
        }
        let id = all.iter().map(|one| one.id).max().unwrap_or(0) + 1;
        let registered = Registered { id, topic: topic.to_owned(), url: url.to_owned() };
        all.push(registered.clone());
        Some(registered)
    }

    pub fn registered(&self) -> Vec<Registered> {
        lock(&self.registered).clone()
    }

    /// Whether it was there.
    pub fn unregister(&self, id: u64) -> bool {
        let mut all = lock(&self.registered);
        let before = all.len();
        all.retain(|one| one.id != id);
        all.len() < before
    }

    pub fn unregister_all(&self) {
        lock(&self.registered).clear();
    }

    pub fn log(&self) -> Vec<Delivered> {
        lock(&self.log).clone()
    }

    fn keep(&self, delivered: Delivered) {
        let mut log = lock(&self.log);
        if log.len() == KEPT {
            log.remove(0);
        }
        log.push(delivered);
    }
}

/// Looks again and again for what is new, and tells it.
pub(super) async fn run(world: Arc<World>) {
    let client = outgoing::built(outgoing::builder().timeout(PATIENCE));
    let mut told = world.now();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = world.now();
        if now > told {
            for message in news(&world, told, now) {
                send(&world, &client, &message);
            }
            told = now;
        }
    }
}

fn news(world: &World, since: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Message> {
    let mut messages = plaid::webhooks::news(world, since, until);
    messages.extend(stripe::webhooks::news(world, since, until));
    messages.extend(quickbooks::webhooks::news(world, since, until));
    messages.extend(shopify::webhooks::news(world, since, until));
    messages
}

/// Sends in the background, as often and as late as the faults want it.
pub(super) fn send(world: &Arc<World>, client: &reqwest::Client, message: &Message) {
    let met = world.faults.meeting(message.provider, "/webhook", |kind| {
        matches!(
            kind,
            FaultKind::DuplicateWebhooks
                | FaultKind::LateWebhooks { .. }
                | FaultKind::LostWebhooks
                | FaultKind::ClockSkew { .. }
        )
    });
    if met.contains(&FaultKind::LostWebhooks) {
        return;
    }
    let mut skew = TimeDelta::zero();
    let mut wait = Duration::ZERO;
    for kind in &met {
        match kind {
            FaultKind::LateWebhooks { seconds } => wait = Duration::from_secs(*seconds),
            FaultKind::ClockSkew { seconds } => skew = TimeDelta::seconds(*seconds),
            _ => {}
        }
    }
    let copies = if met.contains(&FaultKind::DuplicateWebhooks) { 2 } else { 1 };
    for _ in 0..copies {
        let (world, client, message) = (world.clone(), client.clone(), message.clone());
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            deliver(&world, &client, &message, skew).await;
        });
    }
}

async fn deliver(world: &World, client: &reqwest::Client, message: &Message, skew: TimeDelta) {
    for attempt in 1..=TRIES {
        // Signed for the real moment: whoever checks it looks at a real clock.
        let at = Utc::now() + skew;
        let signature = match message.provider {
            Provider::Plaid => plaid::sign::header(world.seed, message.body.as_bytes(), at),
            Provider::Stripe => stripe::sign::header(message.body.as_bytes(), at),
            Provider::QuickBooks => quickbooks::sign::header(message.body.as_bytes()),
            Provider::Shopify => shopify::sign::header(message.body.as_bytes()),
        };
        let mut request =
            client.post(&message.url).body(message.body.clone()).header("content-type", "application/json");
        request = request.header(signature.0, signature.1);
        for (name, value) in &message.headers {
            request = request.header(*name, value);
        }
        let status = request.send().await.ok().map(|response| response.status().as_u16());
        world.hooks.keep(Delivered {
            provider: message.provider,
            url: message.url.clone(),
            body: message.body.clone(),
            at: world.now(),
            status,
            attempt,
        });
        if status.is_some_and(|status| (200..300).contains(&status)) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(u64::from(attempt * attempt))).await;
    }
}
