//! What Intuit tells: which objects changed, in CloudEvents.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::REALM;
use super::books::kept;
use crate::simulator::hooks::Message;
use crate::simulator::{Provider, World};

pub fn news(world: &World, since: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Message> {
    let urls = world.hooks.addresses(Provider::QuickBooks);
    if urls.is_empty() {
        return Vec::new();
    }
    let events: Vec<_> = world.look(|facts, now| {
        let books = kept(world, facts, now);
        let changed = books.iter().filter(|one| since < one.updated && one.updated <= until);
        changed
            .map(|one| {
                let version = one.object.as_ref().and_then(|object| object["SyncToken"].as_str());
                let what = match version {
                    None => "deleted",
                    Some("0") => "created",
                    Some(_) => "updated",
                };
                json!({
                    "specversion": "1.0",
                    "id": facts.ident("", &format!("intuit event {} {} {what}", one.entity, one.id)),
                    "source": "intuit.simulated",
                    "type": format!("qbo.{}.{what}.v1", one.entity.to_ascii_lowercase()),
                    "datacontenttype": "application/json",
                    "time": one.updated.to_rfc3339_opts(SecondsFormat::Millis, true),
                    "intuitentityid": one.id,
                    "intuitaccountid": REALM,
                    "data": {},
                })
            })
            .collect()
    });
    if events.is_empty() {
        return Vec::new();
    }
    let body = json!(events).to_string();
    let message = |url| Message { provider: Provider::QuickBooks, url, body: body.clone(), headers: Vec::new() };
    urls.into_iter().map(message).collect()
}
