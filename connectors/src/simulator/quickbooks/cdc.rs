//! Change data capture: everything that changed since a moment, the deleted too.

use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::books;
use super::{errors, moment};
use crate::simulator::World;
use crate::simulator::answer::ok;
use crate::simulator::company::Facts;

/// How far back it looks.
const MOST_BACK: TimeDelta = TimeDelta::days(30);
/// Objects of one answer.
const MOST: usize = 1000;

pub fn run(world: &World, facts: &Facts, now: DateTime<Utc>, entities: &str, since: &str) -> Response {
    let Some(since) = parse(since) else { return errors::invalid_query("changedSince is not a moment") };
    if since < now - MOST_BACK {
        return errors::invalid_query("changedSince is more than 30 days ago");
    }
    let mut left = MOST;
    let books = books::kept(world, facts, now);
    let mut responses = Vec::new();
    for entity in entities.split(',').map(str::trim).filter(|entity| !entity.is_empty()) {
        let changed = books.iter().filter(|one| one.entity.eq_ignore_ascii_case(entity) && one.updated > since);
        let objects: Vec<Value> = changed
            .take(left)
            .map(|one| {
                one.object.clone().unwrap_or_else(|| {
                    json!({"domain": "QBO", "status": "Deleted", "Id": one.id,
                   "MetaData": {"LastUpdatedTime": moment(one.updated)}})
                })
            })
            .collect();
        left -= objects.len();
        if objects.is_empty() {
            responses.push(json!({}));
        } else {
            let mut response = json!({"startPosition": 1, "maxResults": objects.len()});
            response[entity] = Value::Array(objects);
            responses.push(response);
        }
    }
    ok(&json!({"CDCResponse": [{"QueryResponse": responses}], "time": moment(now)}))
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    let day = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).or_else(day)
}
