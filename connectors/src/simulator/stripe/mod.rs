//! Stripe: balance transactions and what they come from, in lists that are paged by object id; OAuth and a restricted
//! key; webhooks signed with `Stripe-Signature`.

mod balance;
mod disputes;
pub(super) mod errors;
mod lists;
mod oauth;
mod objects;
pub(super) mod sign;
pub(super) mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::answer::{basic, bearer, find, form, json as answer, ok};
use super::oauth::Standing;
use super::{Provider, World};
use lists::Query;

/// A restricted key, as a user pastes it.
pub const RESTRICTED_KEY: &str = "rk_live_simulated";
const PER_SECOND: u32 = 25;
const VERSION: &str = "2026-08-26.dahlia";

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/v1/account", get(show_account))
        .route("/v1/balance", get(show_balance))
        .route("/v1/balance_transactions", get(list_balance_transactions))
        .route("/v1/balance_transactions/{id}", get(show_balance_transaction))
        .route("/v1/charges", get(list_charges))
        .route("/v1/charges/{id}", get(show_charge))
        .route("/v1/refunds", get(list_refunds))
        .route("/v1/refunds/{id}", get(show_refund))
        .route("/v1/payouts", get(list_payouts))
        .route("/v1/payouts/{id}", get(show_payout))
        .route("/v1/disputes", get(list_disputes))
        .route("/v1/disputes/{id}", get(show_dispute))
        .route("/v1/events", get(list_events))
        .route("/v1/webhook_endpoints", post(add_endpoint))
        .route("/v1/oauth/token", post(oauth::token))
        .route("/oauth/authorize", get(oauth::authorise))
        .route("/oauth/agree", get(oauth::agree))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/deauthorize", post(oauth::deauthorise))
}

/// Whoever holds the key, or the answer to those who do not.
fn authorised(world: &World, headers: &HeaderMap, path: &str) -> Result<(), Box<Response>> {
    let given = bearer(headers).map(ToOwned::to_owned).or_else(|| basic(headers).map(|(user, _)| user));
    let given = given.unwrap_or_default();
    let good = given == RESTRICTED_KEY && !oauth::is_key_revoked(world)
        || world.grants.standing(world, Provider::Stripe, &given) == Standing::Good;
    if !good {
        let expired = world.grants.standing(world, Provider::Stripe, &given) == Standing::Expired;
        return Err(Box::new(errors::unauthenticated(&given, expired)));
    }
    if !world.within(&format!("stripe {path}"), PER_SECOND, 1) {
        return Err(Box::new(errors::rate_limited()));
    }
    Ok(())
}

fn headed(world: &World, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert("stripe-version", HeaderValue::from_static(VERSION));
    if let Ok(id) = HeaderValue::from_str(&world.fresh("req_")) {
        headers.insert("request-id", id);
    }
    response
}

/// A list of objects that are given newest first.
fn listed(
    world: &World,
    headers: &HeaderMap,
    query: Option<&str>,
    path: &str,
    objects: impl FnOnce(&Query) -> Vec<Value>,
) -> Response {
    let response = match authorised(world, headers, path) {
        Err(refused) => *refused,
        Ok(()) => match Query::parse(query.unwrap_or_default()) {
            Err(refused) => *refused,
            Ok(query) => lists::page(&objects(&query), &query, path),
        },
    };
    headed(world, response)
}

fn shown(world: &World, headers: &HeaderMap, path: &str, id: &str, all: impl FnOnce() -> Vec<Value>) -> Response {
    let response = match authorised(world, headers, path) {
        Err(refused) => *refused,
        Ok(()) => match all().into_iter().find(|object| object["id"] == id) {
            Some(object) => ok(&object),
            None => errors::missing(path, id),
        },
    };
    headed(world, response)
}

macro_rules! lists {
    ($($list:ident, $path:literal, $objects:path;)*) => {$(
        async fn $list(State(world): State<Arc<World>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
            listed(&world, &headers, query.as_deref(), $path, |query| world.look(|facts, now| $objects(facts, now, query)))
        }
    )*};
}

macro_rules! shows {
    ($($show:ident, $path:literal, $objects:path;)*) => {$(
        async fn $show(State(world): State<Arc<World>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
            let all = Query::default();
            shown(&world, &headers, $path, &id, || world.look(|facts, now| $objects(facts, now, &all)))
        }
    )*};
}

lists! {
    list_balance_transactions, "/v1/balance_transactions", balance::transactions_around;
    list_charges, "/v1/charges", objects::charges;
    list_refunds, "/v1/refunds", objects::refunds;
    list_payouts, "/v1/payouts", objects::payouts;
    list_disputes, "/v1/disputes", disputes::disputes;
    list_events, "/v1/events", objects::events;
}

shows! {
    show_balance_transaction, "/v1/balance_transactions", balance::transactions;
    show_charge, "/v1/charges", objects::charges;
    show_refund, "/v1/refunds", objects::refunds;
    show_payout, "/v1/payouts", objects::payouts;
    show_dispute, "/v1/disputes", disputes::disputes;
}

async fn show_account(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let response = match authorised(&world, &headers, "/v1/account") {
        Err(refused) => *refused,
        Ok(()) => ok(&objects::account(&world)),
    };
    headed(&world, response)
}

async fn show_balance(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let response = match authorised(&world, &headers, "/v1/balance") {
        Err(refused) => *refused,
        Ok(()) => ok(&world.look(balance::balance)),
    };
    headed(&world, response)
}

async fn add_endpoint(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&body);
    let response = match (authorised(&world, &headers, "/v1/webhook_endpoints"), find(&form, "url")) {
        (Err(refused), _) => *refused,
        (Ok(()), None) => errors::invalid("url", "Missing required param: url."),
        (Ok(()), Some(url)) => {
            world.hooks.subscribe(Provider::Stripe, url);
            let id = world.fresh("we_");
            answer(
                200,
                &json!({
                    "id": id, "object": "webhook_endpoint", "url": url, "status": "enabled", "livemode": true,
                    "enabled_events": ["*"], "secret": super::App::simulated(Provider::Stripe).webhook_secret,
                }),
            )
        }
    };
    headed(&world, response)
}
