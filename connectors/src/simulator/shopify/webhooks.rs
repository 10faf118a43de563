//! What the shop tells: each order when it comes and when it changes.

use chrono::{DateTime, SecondsFormat, Utc};

use super::VERSION;
use super::objects::orders;
use crate::simulator::hooks::Message;
use crate::simulator::{Provider, World};

/// The shop whose messages they are; any name reaches the same company.
const SHOP: &str = "harbour-coffee.myshopify.com";

pub fn news(world: &World, since: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Message> {
    let (urls, registered) = (world.hooks.addresses(Provider::Shopify), world.hooks.registered());
    if urls.is_empty() && registered.is_empty() {
        return Vec::new();
    }
    world.look(|facts, now| {
        let all = orders(facts, now);
        let changed = all.iter().rev().take_while(|order| order.updated() > since);
        let mut messages = Vec::new();
        for order in changed.filter(|order| order.updated() <= until) {
            let topic = if order.refunds.is_empty() { "orders/create" } else { "orders/updated" };
            let event = facts.ident("", &format!("shopify event {} {}", order.number, order.refunds.len()));
            let asked = topic.to_uppercase().replace('/', "_");
            let registered = registered.iter().filter(|one| one.topic == asked).map(|one| &one.url);
            for url in urls.iter().chain(registered) {
                messages.push(Message {
                    provider: Provider::Shopify,
                    url: url.clone(),
                    body: order.rest().to_string(),
                    headers: vec![
                        ("x-shopify-topic", topic.to_owned()),
                        ("x-shopify-shop-domain", SHOP.to_owned()),
                        ("x-shopify-api-version", VERSION.to_owned()),
                        ("x-shopify-webhook-id", format!("{event}-{}", url.len())),
                        ("x-shopify-event-id", event.clone()),
                        ("x-shopify-triggered-at", now.to_rfc3339_opts(SecondsFormat::Nanos, true)),
                    ],
                });
            }
        }
        messages
    })
}
