//! `/transactions/sync`: pages of what changed between two moments, and the older `/transactions/get`.
//!
//! A cursor says from where to where its loop goes and how far it is. When something changes before a loop has read
//! its last page, the next page is refused, as Plaid does.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::Refused;
use super::items::Item;
use super::ledger::{Change, account_id, changes};
use super::{Call, answered, errors, shapes};
use crate::simulator::faults::FaultKind;
use crate::simulator::{Provider, World};

const PER_MINUTE: u32 = 50;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cursor {
    /// The stream: one account's, or all.
    account: Option<String>,
    /// The changes before it are read.
    from: usize,
    /// Where the loop ends; equal to `from` outside of one.
    until: usize,
    /// What of the loop is read.
    read: usize,
}

impl Cursor {
    fn text(&self) -> String {
        STANDARD.encode(json!(self).to_string())
    }

    fn parse(text: &str, account: Option<&str>) -> Result<Self, Refused> {
        let bytes = STANDARD.decode(text).map_err(|_| errors::invalid("cursor not associated with access_token"))?;
        let cursor: Self =
            serde_json::from_slice(&bytes).map_err(|_| errors::invalid("cursor not associated with access_token"))?;
        if cursor.account.as_deref() == account {
            Ok(cursor)
        } else {
            Err(errors::invalid("this cursor is one of another account_id"))
        }
    }
}

/// The difference between two points of the row of changes.
struct Difference {
    added: Vec<Change>,
    modified: Vec<Change>,
    removed: Vec<Change>,
}

impl Difference {
    fn between(all: &[Change], from: usize, until: usize) -> Self {
        let mut before: HashSet<&str> = HashSet::new();
        for change in &all[..from] {
            if change.told.is_some() {
                before.insert(&change.id);
            } else {
                before.remove(change.id.as_str());
            }
        }
        let last: HashMap<&str, usize> = (from..until).map(|n| (all[n].id.as_str(), n)).collect();
        let mut difference = Self { added: Vec::new(), modified: Vec::new(), removed: Vec::new() };
        for (n, change) in (from..until).map(|n| (n, &all[n])) {
            if last.get(change.id.as_str()) != Some(&n) {
                continue;
            }
            let known = before.contains(change.id.as_str());
            match (&change.told, known) {
                (Some(_), false) => difference.added.push(change.clone()),
                (Some(_), true) => difference.modified.push(change.clone()),
                (None, true) => difference.removed.push(change.clone()),
                (None, false) => {}
            }
        }
        // The newest first, as a page shows them.
        difference.added.sort_by_key(|change| std::cmp::Reverse(change.told.as_ref().map(|told| told.line.day)));
        difference
    }

    fn len(&self) -> usize {
        self.added.len() + self.modified.len() + self.removed.len()
    }

    /// So many changes after so many.
    fn page(self, read: usize, count: usize) -> Self {
        let mut skip = read;
        let mut left = count;
        let mut take = |changes: Vec<Change>| {
            let taken: Vec<_> = changes.iter().skip(skip).take(left).cloned().collect();
            skip = skip.saturating_sub(changes.len());
            left -= taken.len();
            taken
        };
        Self { added: take(self.added), modified: take(self.modified), removed: take(self.removed) }
    }
}

pub async fn sync(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let page = Call::of(&headers, &body).and_then(|call| page(&world, &call));
    answered(page, &world)
}

fn page(world: &World, call: &Call) -> Result<Value, Refused> {
    let item = call.readable(world)?;
    if !world.within(&format!("plaid sync {}", item.id), PER_MINUTE, 60) {
        return Err(errors::rate_limited());
    }
    let count = match &call.body["count"] {
        Value::Null => 100,
        count => match count.as_u64() {
            Some(count @ 1..=500) => usize::try_from(count).unwrap_or(500),
            _ => return Err(errors::invalid("count must be between 1 and 500")),
        },
    };
    let account = call.body["options"]["account_id"].as_str();
    let asked = call.body["cursor"].as_str().filter(|cursor| !cursor.is_empty());
    let cursor = asked.map(|text| Cursor::parse(text, account)).transpose()?;
    let accounts = shapes::accounts(world, &item);
    world.look(|facts, now| {
        let mut all = changes(facts, &item, now);
        if let Some(account) = account {
            all.retain(|change| account_id(facts, &item, change.ledger) == account);
        }
        let (from, until, read) = match cursor {
            None => (0, all.len(), 0),
            Some(cursor) if cursor.read == 0 => (cursor.from, all.len(), 0),
            Some(cursor) => (cursor.from, cursor.until, cursor.read),
        };
        if from > all.len() || until > all.len() {
            return Err(errors::invalid("cursor not associated with access_token"));
        }
        if read > 0 && (until < all.len() || mutates(world)) {
            return Err(errors::mutation());
        }
        let status = item.status(now);
        let difference = Difference::between(&all, from, until);
        let total = difference.len();
        let page = difference.page(read, count);
        let read = read + page.len();
        let has_more = read < total;
        let account = account.map(ToOwned::to_owned);
        let next = if has_more {
            Cursor { account, from, until, read }
        } else {
            Cursor { account, from: until, until, read: 0 }
        };
        // Before the first update there is no cursor to go on from.
        let next = if status == "NOT_READY" { String::new() } else { next.text() };
        let objects = |changes: &[Change]| -> Vec<Value> {
            changes.iter().filter_map(|change| Some(shapes::transaction(facts, &item, change.told.as_ref()?))).collect()
        };
        let removed = page
            .removed
            .iter()
            .map(|change| json!({"account_id": account_id(facts, &item, change.ledger), "transaction_id": change.id}));
        Ok(json!({
            "accounts": accounts,
            "added": objects(&page.added),
            "modified": objects(&page.modified),
            "removed": removed.collect::<Vec<_>>(),
            "next_cursor": next,
            "has_more": has_more,
            "transactions_update_status": status,
        }))
    })
}

fn mutates(world: &World) -> bool {
    let met = world.faults.meeting(Provider::Plaid, "/transactions/sync", |kind| *kind == FaultKind::Mutation);
    !met.is_empty()
}

pub async fn get(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let found = Call::of(&headers, &body).and_then(|call| {
        let item = call.readable(&world)?;
        let days = (call.text("start_date")?, call.text("end_date")?);
        let number = |name: &str, otherwise: usize| {
            call.body["options"][name].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(otherwise)
        };
        listed(&world, &item, days, number("offset", 0), number("count", 100).min(500))
    });
    answered(found, &world)
}

fn listed(world: &World, item: &Item, days: (&str, &str), offset: usize, count: usize) -> Result<Value, Refused> {
    let accounts = shapes::accounts(world, item);
    world.look(|facts, now| {
        if item.status(now) == "NOT_READY" {
            return Err(errors::product_not_ready());
        }
        let all = changes(facts, item, now);
        let mut standing = Difference::between(&all, 0, all.len()).added;
        standing.retain(|change| {
            change.told.as_ref().is_some_and(|told| {
                let day = told.line.day.to_string();
                days.0 <= day.as_str() && day.as_str() <= days.1
            })
        });
        let page = standing.iter().skip(offset).take(count);
        let page: Vec<_> =
            page.filter_map(|change| Some(shapes::transaction(facts, item, change.told.as_ref()?))).collect();
        Ok(json!({
            "accounts": accounts,
            "transactions": page,
            "total_transactions": standing.len(),
            "item": shapes::item_of_accounts(item),
        }))
    })
}
