//! What the app registered to be told of.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::simulator::World;
use crate::simulator::hooks::Registered;

const ID: &str = "gid://shopify/WebhookSubscription/";

type Arguments = HashMap<String, Value>;

fn node(one: &Registered) -> Value {
    json!({
        "id": format!("{ID}{}", one.id), "topic": one.topic, "uri": one.url, "callbackUrl": one.url, "format": "JSON",
        "endpoint": {"callbackUrl": one.url}, "filter": null, "includeFields": [],
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    })
}

fn refused(field: &[&str], message: &str) -> Value {
    json!([{"field": field, "message": message}])
}

pub fn create(world: &World, arguments: &Arguments) -> Value {
    let input = arguments.get("webhookSubscription").unwrap_or(&Value::Null);
    // Before version 2025-10 its name was another.
    let (name, uri) = match input["uri"].as_str() {
        Some(uri) => ("uri", uri),
        None => ("callbackUrl", input["callbackUrl"].as_str().unwrap_or_default()),
    };
    let topic = arguments.get("topic").and_then(Value::as_str).unwrap_or_default();
    let field = ["webhookSubscription", name];
    if !uri.starts_with("http") || topic.is_empty() {
        return json!({"webhookSubscription": null, "userErrors": refused(&field, "Address is invalid")});
    }
    match world.hooks.register(topic, uri) {
        Some(registered) => json!({"webhookSubscription": node(&registered), "userErrors": []}),
        None => {
            let message = "Address for this topic has already been taken";
            json!({"webhookSubscription": null, "userErrors": refused(&field, message)})
        }
    }
}

pub fn delete(world: &World, arguments: &Arguments) -> Value {
    let id = arguments.get("id").and_then(Value::as_str).unwrap_or_default();
    let number = id.strip_prefix(ID).and_then(|number| number.parse().ok());
    if number.is_some_and(|number| world.hooks.unregister(number)) {
        return json!({"deletedWebhookSubscriptionId": id, "userErrors": []});
    }
    let message = "Webhook subscription does not exist";
    json!({"deletedWebhookSubscriptionId": null, "userErrors": refused(&["id"], message)})
}

pub fn list(world: &World, arguments: &Arguments) -> Value {
    let first = arguments.get("first").and_then(Value::as_u64).and_then(|first| usize::try_from(first).ok());
    let all = world.hooks.registered();
    let nodes: Vec<_> = all.iter().take(first.unwrap_or(0)).map(node).collect();
    let has_more = nodes.len() < all.len();
    let edges: Vec<_> = nodes.iter().map(|node| json!({"cursor": node["id"], "node": node})).collect();
    json!({
        "pageInfo": {"hasNextPage": has_more, "hasPreviousPage": false, "endCursor": nodes.last().map(|node| &node["id"])},
        "nodes": nodes, "edges": edges,
    })
}
