//! The older REST pages, whose next page stands in the `Link` header alone.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use serde_json::{Value, json};

use super::objects::{Order, orders as all_orders};
use super::{VERSION, authorised, errors, headed, objects};
use crate::simulator::answer::{find, json as answer, ok};
use crate::simulator::{Provider, World};

const PER_SECOND: u32 = 40;

fn guarded(world: &World, headers: &HeaderMap, answer: impl FnOnce() -> Response) -> Response {
    let response = match authorised(world, headers) {
        Err(refused) => *refused,
        Ok(()) if !world.within("shopify rest", PER_SECOND, 20) => errors::too_many(),
        Ok(()) => {
            let mut response = answer();
            let limit = HeaderValue::from_static("1/40");
            response.headers_mut().insert("x-shopify-shop-api-call-limit", limit);
            response
        }
    };
    headed(world, response)
}

pub async fn orders(
    State(world): State<Arc<World>>,
    Path((shop, _)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    guarded(&world, &headers, || page(&world, &shop, query.as_deref().unwrap_or_default()))
}

fn page(world: &World, shop: &str, query: &str) -> Response {
    let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let limit = find(&query, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(50_usize).clamp(1, 250);
    let place = find(&query, "page_info");
    if place.is_some() && query.iter().any(|(name, _)| !matches!(name.as_str(), "page_info" | "limit" | "fields")) {
        return answer(400, &json!({"errors": {"status": "status cannot be passed with page_info."}}));
    }
    let (offset, since) = match place {
        Some(text) => match parse_place(text) {
            Some(place) => place,
            None => return answer(400, &json!({"errors": {"page_info": "Invalid value."}})),
        },
        None => (0, find(&query, "updated_at_min").unwrap_or_default().to_owned()),
    };
    let from = DateTime::parse_from_rfc3339(&since).ok();
    world.look(|facts, now| {
        let mut all = all_orders(facts, now);
        all.retain(|order| from.is_none_or(|from| order.updated() >= from));
        let page: Vec<Value> = all.iter().skip(offset).take(limit).map(Order::rest).collect();
        let mut response = ok(&json!({"orders": page}));
        let link = |offset: usize, rel: &str| {
            let info = URL_SAFE_NO_PAD.encode(json!({"offset": offset, "since": since}).to_string());
            let base = format!("{}/shopify/{shop}/admin/api/{VERSION}", world.base);
            format!("<{base}/orders.json?limit={limit}&page_info={info}>; rel=\"{rel}\"")
        };
        let previous = (offset > 0).then(|| link(offset.saturating_sub(limit), "previous"));
        let next = (offset + limit < all.len()).then(|| link(offset + limit, "next"));
        let links: Vec<_> = previous.into_iter().chain(next).collect();
        if let (false, Ok(value)) = (links.is_empty(), HeaderValue::from_str(&links.join(", "))) {
            response.headers_mut().insert("link", value);
        }
        response
    })
}

fn parse_place(text: &str) -> Option<(usize, String)> {
    let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    Some((usize::try_from(value["offset"].as_u64()?).ok()?, value["since"].as_str()?.to_owned()))
}

pub async fn transactions(
    State(world): State<Arc<World>>,
    Path((_, _, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    guarded(&world, &headers, || {
        let found = world.look(|facts, now| {
            let orders = all_orders(facts, now);
            orders.iter().find(|order| order.number.to_string() == id).map(Order::rest_transactions)
        });
        match found {
            Some(transactions) => ok(&json!({"transactions": transactions})),
            None => answer(404, &json!({"errors": "Not Found"})),
        }
    })
}

pub async fn shop(
    State(world): State<Arc<World>>,
    Path((shop, _)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    guarded(&world, &headers, || ok(&json!({"shop": objects::shop(&shop)})))
}

/// Payments go through another processor.
pub async fn payouts(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    guarded(&world, &headers, || ok(&json!({"payouts": []})))
}

fn subscription(n: usize, url: &str) -> Value {
    json!({
        "id": 4_759_306 + n, "address": url, "topic": "orders/updated", "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z", "format": "json", "fields": [], "metafield_namespaces": [],
        "private_metafield_namespaces": [], "api_version": VERSION,
    })
}

pub async fn webhooks(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    guarded(&world, &headers, || {
        let urls = world.hooks.addresses(Provider::Shopify);
        let list: Vec<_> = urls.iter().enumerate().map(|(n, url)| subscription(n, url)).collect();
        ok(&json!({"webhooks": list}))
    })
}

pub async fn subscribe(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    guarded(&world, &headers, || {
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        match body["webhook"]["address"].as_str() {
            Some(url) => {
                world.hooks.subscribe(Provider::Shopify, url);
                answer(201, &json!({"webhook": subscription(0, url)}))
            }
            None => answer(422, &json!({"errors": {"address": ["can't be blank"]}})),
        }
    })
}
