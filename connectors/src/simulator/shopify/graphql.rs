//! `/graphql.json`: orders in pages, the shop, bulk operations; each query is paid with points.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::objects::{Order, orders};
use super::select::{Asked, SelectError};
use super::{authorised, bulk, errors, headed, objects, payments, subscriptions};
use crate::simulator::answer::ok;
use crate::simulator::world::lock;
use crate::simulator::{Provider, World};

const MOST_AT_ONCE: u64 = 250;

pub async fn query(
    State(world): State<Arc<World>>,
    Path((shop, _)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let response = match authorised(&world, &headers) {
        Ok(()) => answered(&world, &shop, &body),
        Err(refused) => *refused,
    };
    headed(&world, response)
}

fn answered(world: &World, shop: &str, body: &Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return errors::query("the body is not JSON", "BAD_REQUEST");
    };
    let variables = body["variables"].as_object().cloned().unwrap_or_default();
    let asked = match Asked::parse(body["query"].as_str().unwrap_or_default(), variables) {
        Ok(asked) => asked,
        Err(error) => return errors::query(&error.to_string(), "GRAPHQL_PARSE_FAILED"),
    };
    let cost = cost(&asked);
    let left = match lock(&world.bucket).pay(cost, Instant::now()) {
        Ok(left) => left,
        Err(available) => return errors::throttled(cost, available),
    };
    let mut data = Map::new();
    for field in asked.top() {
        let object = match resolve(world, shop, &asked, field) {
            Ok(object) => object,
            Err(refused) => return *refused,
        };
        match asked.of(field, &object) {
            Ok(selected) => {
                let key = field.alias.as_ref().unwrap_or(&field.name).node.to_string();
                data.insert(key, selected);
            }
            Err(error @ SelectError::Unknown { .. }) => return errors::query(&error.to_string(), "undefinedField"),
            Err(error) => return errors::query(&error.to_string(), "GRAPHQL_PARSE_FAILED"),
        }
    }
    ok(&json!({"data": data, "extensions": errors::cost(cost, Some(cost / 2), left)}))
}

/// Two points for a connection and some for each of its objects.
fn cost(asked: &Asked) -> i64 {
    let of_field = |field: &&async_graphql_parser::types::Field| {
        let first = asked.arguments(field).get("first").and_then(Value::as_i64);
        first.map_or(10, |first| 2 + first)
    };
    asked.top().iter().map(of_field).sum::<i64>().min(1000)
}

fn resolve(
    world: &World,
    shop: &str,
    asked: &Asked,
    field: &async_graphql_parser::types::Field,
) -> Result<Value, Box<Response>> {
    let arguments = asked.arguments(field);
    match field.name.node.as_str() {
        "orders" => page(world, &arguments),
        "shop" => {
            let shop = objects::shop(shop);
            Ok(json!({
                "id": "gid://shopify/Shop/690933842", "name": shop["name"], "myshopifyDomain": shop["myshopify_domain"],
                "currencyCode": shop["currency"], "ianaTimezone": shop["iana_timezone"],
            }))
        }
        "shopifyPaymentsAccount" => payments::account(world, asked, field),
        "webhookSubscriptionCreate" => Ok(subscriptions::create(world, &arguments)),
        "webhookSubscriptionDelete" => Ok(subscriptions::delete(world, &arguments)),
        "webhookSubscriptions" => Ok(subscriptions::list(world, &arguments)),
        "bulkOperationRunQuery" => {
            let query = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
            Ok(json!({"bulkOperation": bulk::run(world, shop, query), "userErrors": []}))
        }
        "currentBulkOperation" | "node" => Ok(bulk::current(world, shop)),
        "appUninstall" => {
            world.grants.give_back(Provider::Shopify, shop);
            world.hooks.unregister_all();
            Ok(json!({"app": {"id": "gid://shopify/App/1"}, "userErrors": []}))
        }
        other => {
            let message = format!("Field '{other}' doesn't exist on type 'QueryRoot'");
            Err(Box::new(errors::query(&message, "undefinedField")))
        }
    }
}

fn page(world: &World, arguments: &std::collections::HashMap<String, Value>) -> Result<Value, Box<Response>> {
    let first = arguments.get("first").and_then(Value::as_u64).unwrap_or(0);
    if !(1..=MOST_AT_ONCE).contains(&first) {
        return Err(Box::new(errors::query("first must be between 1 and 250", "BAD_USER_INPUT")));
    }
    let first = usize::try_from(first).unwrap_or(250);
    let since = arguments.get("query").and_then(Value::as_str).and_then(updated_since);
    let after =
        match arguments.get("after").and_then(Value::as_str) {
            Some(cursor) => Some(parse_cursor(cursor).ok_or_else(|| {
                Box::new(errors::query("Invalid cursor for current pagination sort.", "BAD_USER_INPUT"))
            })?),
            None => None,
        };
    let filter = arguments.get("query").and_then(Value::as_str).unwrap_or_default();
    let made_by = moment_after(filter, "created_at:<=");
    let sort = Sort::of(arguments);
    world.look(|facts, now| {
        let mut all = orders(facts, now);
        all.sort_by_key(|order| sort.place(order));
        if sort.reverse {
            all.reverse();
        }
        let is_asked = |order: &Order<'_>| {
            since.is_none_or(|since| order.updated() >= since) && made_by.is_none_or(|by| order.made() <= by)
        };
        // A change while paging moves an order: the cursor is a place in the order, not a number.
        let place = |order: &Order<'_>| sort.place(order);
        let is_behind = |order: &Order<'_>| {
            after.is_none_or(|after| if sort.reverse { place(order) < after } else { place(order) > after })
        };
        all.retain(|order| is_asked(order) && is_behind(order));
        let has_more = all.len() > first;
        all.truncate(first);
        let end = all.last().map(|order| cursor_of(place(order)));
        Ok(json!({
            "nodes": all.iter().map(Order::node).collect::<Vec<_>>(),
            "edges": all.iter().map(|order| json!({"cursor": cursor_of(place(order)), "node": order.node()}))
                .collect::<Vec<_>>(),
            "pageInfo": {"hasNextPage": has_more, "endCursor": end, "hasPreviousPage": after.is_some()},
        }))
    })
}

fn cursor_of((at, number): (i64, u64)) -> String {
    STANDARD.encode(json!({"last_id": number, "last_value": at}).to_string())
}

fn parse_cursor(text: &str) -> Option<(i64, u64)> {
    let value: Value = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
    Some((value["last_value"].as_i64()?, value["last_id"].as_u64()?))
}

/// How orders stand behind each other.
struct Sort {
    by_update: bool,
    by_making: bool,
    reverse: bool,
}

impl Sort {
    fn of(arguments: &std::collections::HashMap<String, Value>) -> Self {
        let key = arguments.get("sortKey").and_then(Value::as_str).unwrap_or_default();
        let reverse = arguments.get("reverse").and_then(Value::as_bool).unwrap_or(false);
        Self { by_update: key == "UPDATED_AT", by_making: key == "CREATED_AT", reverse }
    }

    fn place(&self, order: &Order<'_>) -> (i64, u64) {
        let at = match self {
            Self { by_making: true, .. } => order.made().timestamp_millis(),
            Self { by_update: true, .. } => order.updated().timestamp_millis(),
            _ => 0,
        };
        (at, order.number)
    }
}

/// `updated_at:>='2026-01-01T00:00:00Z'`.
pub(super) fn updated_since(filter: &str) -> Option<DateTime<Utc>> {
    moment_after(filter, "updated_at:>=")
}

fn moment_after(filter: &str, term: &str) -> Option<DateTime<Utc>> {
    let (_, rest) = filter.split_once(term)?;
    let text = rest.trim_start_matches(['\'', '"']);
    let text = text.split(['\'', '"', ' ']).next()?;
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}
