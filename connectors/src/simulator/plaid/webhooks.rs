//! What Plaid tells an Item's address: that there is something to fetch, never what.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::items::{Item, Trouble};
use super::ledger::changes;
use super::{Call, answered, errors};
use crate::outgoing;
use crate::simulator::hooks::{Message, send};
use crate::simulator::world::lock;
use crate::simulator::{Provider, World};

fn message(item: &Item, body: &Value) -> Option<Message> {
    let url = item.webhook.clone()?;
    let body = serde_json::to_string_pretty(body).unwrap_or_default();
    Some(Message { provider: Provider::Plaid, url, body, headers: Vec::new() })
}

fn user_id(item: &Item) -> String {
    format!("usr_{}", &item.id[..item.id.len().min(14)])
}

fn updates(item: &Item, now: DateTime<Utc>) -> Value {
    json!({
        "webhook_type": "TRANSACTIONS",
        "webhook_code": "SYNC_UPDATES_AVAILABLE",
        "item_id": item.id,
        "user_id": user_id(item),
        "initial_update_complete": now >= item.first_at(),
        "historical_update_complete": now >= item.all_at(),
        "environment": "production",
    })
}

/// Of an Item: its state, e.g. `ERROR` with the trouble, or `LOGIN_REPAIRED`.
pub fn of_item(item: &Item, code: &str) -> Value {
    let mut body = json!({
        "webhook_type": "ITEM",
        "webhook_code": code,
        "item_id": item.id,
        "user_id": user_id(item),
        "environment": "production",
    });
    let later = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    match code {
        "ERROR" => {
            let refused = errors::of_trouble(item.trouble.unwrap_or(Trouble::LoginRequired));
            let mut error = refused.body("");
            error["status"] = json!(refused.status);
            body["error"] = error;
        }
        "PENDING_EXPIRATION" => body["consent_expiration_time"] = json!(later),
        "PENDING_DISCONNECT" => {
            body["reason"] = json!("INSTITUTION_MIGRATION");
            body["disconnect_time"] = json!(later);
        }
        _ => {}
    }
    body
}

pub fn news(world: &World, since: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Message> {
    let items = lock(&world.items).all().to_vec();
    let wanted: Vec<_> = items.into_iter().filter(|item| item.webhook.is_some() && item.trouble.is_none()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    world.look(|facts, now| {
        let is_new = |item: &&Item| changes(facts, item, until).iter().any(|change| change.at > since);
        wanted.iter().filter(is_new).filter_map(|item| message(item, &updates(item, now))).collect()
    })
}

/// `/sandbox/item/fire_webhook`.
pub async fn fire(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let fired = Call::of(&headers, &body).and_then(|call| {
        let item = call.item(&world)?;
        let code = call.text("webhook_code")?;
        let body = match code {
            "SYNC_UPDATES_AVAILABLE" | "DEFAULT_UPDATE" => updates(&item, world.now()),
            code => of_item(&item, code),
        };
        tell(&world, &item, &body);
        Ok(json!({"webhook_fired": item.webhook.is_some()}))
    });
    answered(fired, &world)
}

/// Sends one message to an Item's address.
pub fn tell(world: &Arc<World>, item: &Item, body: &Value) {
    if let Some(message) = message(item, body) {
        send(world, &outgoing::built(outgoing::builder()), &message);
    }
}

/// The same to all Items' addresses.
pub fn tell_all(world: &Arc<World>, code: &str) {
    for item in lock(&world.items).all().to_vec() {
        tell(world, &item, &of_item(&item, code));
    }
}
