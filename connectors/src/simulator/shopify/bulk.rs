//! Bulk operations: started, looked at until they are done, and downloaded in ranges.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::graphql::updated_since;
use super::objects::orders;
use crate::simulator::answer::header_of;
use crate::simulator::faults::FaultKind;
use crate::simulator::world::lock;
use crate::simulator::{Provider, World};

/// The newest one; it is done after the second look.
#[derive(Debug, Clone)]
pub struct Job {
    number: u64,
    query: String,
    at: DateTime<Utc>,
    looks: u32,
}

impl Job {
    fn shown(&self, world: &World, shop: &str) -> Value {
        let status = match self.looks {
            0 => "CREATED",
            1 => "RUNNING",
            _ => "COMPLETED",
        };
        let done = status == "COMPLETED";
        let count = if done { world.look(|facts, now| orders(facts, now).len()) } else { 0 };
        json!({
            "id": format!("gid://shopify/BulkOperation/{}", self.number),
            "status": status,
            "errorCode": null,
            "createdAt": self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            "query": self.query,
            "objectCount": count.to_string(),
            "url": done.then(|| format!("{}/shopify/{shop}/bulk/orders.jsonl", world.base)),
        })
    }
}

pub fn run(world: &World, shop: &str, query: &str) -> Value {
    let now = world.now();
    let mut kept = lock(&world.bulk);
    let number = kept.as_ref().map_or(1, |before| before.number + 1);
    kept.insert(Job { number, query: query.to_owned(), at: now, looks: 0 }).shown(world, shop)
}

/// Null where there never was one.
pub fn current(world: &World, shop: &str) -> Value {
    let mut kept = lock(&world.bulk);
    let Some(job) = kept.as_mut() else { return Value::Null };
    job.looks += 1;
    job.shown(world, shop)
}

/// Every order that was asked for on a line of its own.
pub async fn download(
    State(world): State<Arc<World>>,
    Path((_, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let cut = world.faults.meeting(Provider::Shopify, &file, |kind| *kind == FaultKind::Mutation);
    let job = lock(&world.bulk).clone();
    let since = job.as_ref().and_then(|job| updated_since(&job.query));
    // It stays as it was when it was asked for.
    let at = job.map(|job| job.at);
    let mut lines: Vec<String> = world.look(|facts, now| {
        let asked = orders(facts, at.unwrap_or(now))
            .into_iter()
            .filter(|order| since.is_none_or(|since| order.updated() >= since));
        asked.map(|order| order.node().to_string()).collect()
    });
    if !cut.is_empty() {
        lines.pop();
    }
    ranged(&headers, (lines.join("\n") + "\n").into_bytes())
}

/// A part of the file, where one is asked for.
fn ranged(headers: &HeaderMap, file: Vec<u8>) -> Response {
    let range = header_of(headers, "range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let bounds = range.and_then(|(from, to)| Some((from.parse::<usize>().ok()?, to.parse::<usize>().ok()?)));
    let Some((from, to)) = bounds else { return file.into_response() };
    if from >= file.len() || to < from {
        return StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    }
    let to = to.min(file.len() - 1);
    let mut response = (StatusCode::PARTIAL_CONTENT, file[from..=to].to_vec()).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes {from}-{to}/{}", file.len())) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}
