//! The controls: time, faults, tokens, webhooks, and the truth.
//!
//! `GET /control/state`, `POST /control/clock {speed?, advance_seconds?}`, `GET|POST|DELETE /control/faults`,
//! `DELETE /control/faults/{id}`, `POST /control/limits {enabled}`, `POST /control/payments {shopify}`, `POST /control/tokens {provider, action: expire|revoke|restore}`,
//! `POST /control/items {trouble|null, all_after_seconds?}`, `POST /control/happen`, `POST /control/books {entity, id, void|amount}`, `GET|POST|DELETE /control/webhooks`,
//! `GET /control/requests`, `GET /control/truth?from&to`, `GET /control/scenario`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::company::{Happening, Impossible, truth};
use super::faults::Fault;
use super::plaid::{Trouble, tell_trouble};
use super::requests::Asked;
use super::world::lock;
use super::{App, Provider, World};
use super::{quickbooks, shopify, stripe};

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/state", get(show_state))
        .route("/clock", post(set_clock))
        .route("/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}", delete(remove_fault))
        .route("/limits", post(set_limits))
        .route("/payments", post(set_payments))
        .route("/tokens", post(change_tokens))
        .route("/items", post(trouble_items))
        .route("/happen", post(happen))
        .route("/books", post(edit_books))
        .route("/webhooks", get(list_webhooks).post(subscribe).delete(unsubscribe))
        .route("/requests", get(list_requests))
        .route("/truth", get(show_truth))
        .route("/scenario", get(show_scenario))
}

async fn show_state(State(world): State<Arc<World>>) -> Json<Value> {
    let clients: BTreeMap<_, _> = Provider::ALL
        .into_iter()
        .map(|provider| {
            let App { client_id, secret, webhook_secret } = App::simulated(provider);
            let base = format!("{}/{}", world.base, provider.as_str());
            (
                provider.as_str(),
                json!({"base": base, "client_id": client_id, "secret": secret, "webhook_secret": webhook_secret}),
            )
        })
        .collect();
    Json(json!({
        "now": world.now(),
        "speed": world.clock.speed(),
        "seed": world.seed.0,
        "faults": world.faults.list(),
        "providers": clients,
        "stripe_key": stripe::RESTRICTED_KEY,
        "shopify_token": shopify::ADMIN_TOKEN,
        "items": lock(&world.items).all().len(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    speed: Option<u32>,
    advance_seconds: Option<i64>,
}

async fn set_clock(State(world): State<Arc<World>>, Json(time): Json<Time>) -> Json<Value> {
    if let Some(speed) = time.speed {
        world.clock.set_speed(speed);
    }
    if let Some(by) = time.advance_seconds.and_then(TimeDelta::try_seconds) {
        world.clock.advance(by);
    }
    Json(json!({"now": world.now(), "speed": world.clock.speed()}))
}

async fn list_faults(State(world): State<Arc<World>>) -> Json<Vec<Fault>> {
    Json(world.faults.list())
}

async fn add_fault(State(world): State<Arc<World>>, Json(fault): Json<Fault>) -> Response {
    let id = world.faults.add(fault);
    (StatusCode::CREATED, Json(json!({"id": id}))).into_response()
}

async fn clear_faults(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove_fault(State(world): State<Arc<World>>, Path(id): Path<u64>) -> StatusCode {
    if world.faults.remove(id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

#[derive(Deserialize)]
struct Limits {
    enabled: bool,
}

/// The providers' own limits of requests a minute; tests that ask often switch them off.
async fn set_limits(State(world): State<Arc<World>>, Json(limits): Json<Limits>) -> StatusCode {
    world.set_limited(limits.enabled);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Payments {
    shopify: bool,
}

/// Whether the shop takes the cards itself. Whoever reads it and the other processor reads the same money twice.
async fn set_payments(State(world): State<Arc<World>>, Json(payments): Json<Payments>) -> StatusCode {
    world.set_shop_pays(payments.shopify);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TokenAction {
    Expire,
    Revoke,
    /// Keys that were taken back work again.
    Restore,
}

#[derive(Deserialize)]
struct OfTokens {
    provider: Provider,
    action: TokenAction,
}

async fn change_tokens(State(world): State<Arc<World>>, Json(of): Json<OfTokens>) -> StatusCode {
    match (of.provider, of.action) {
        (Provider::Plaid, TokenAction::Expire) => {
            lock(&world.items).trouble_all(Some(Trouble::LoginRequired));
            tell_trouble(&world, "ERROR");
        }
        (Provider::Plaid, TokenAction::Revoke) => {
            lock(&world.items).trouble_all(Some(Trouble::Revoked));
            tell_trouble(&world, "USER_PERMISSION_REVOKED");
        }
        (Provider::Plaid, TokenAction::Restore) => {
            lock(&world.items).trouble_all(None);
            tell_trouble(&world, "LOGIN_REPAIRED");
        }
        (provider, TokenAction::Expire) => world.grants.expire(provider),
        (provider, TokenAction::Revoke) => {
            world.grants.revoke(provider);
            world.set_revoked(provider, true);
        }
        (provider, TokenAction::Restore) => world.set_revoked(provider, false),
    }
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct OfItems {
    trouble: Option<Trouble>,
    /// How long Plaid takes to fetch the history of Items that are made from now on.
    all_after_seconds: Option<i64>,
}

async fn trouble_items(State(world): State<Arc<World>>, Json(of): Json<OfItems>) -> StatusCode {
    let mut items = lock(&world.items);
    items.trouble_all(of.trouble);
    items.all_after = of.all_after_seconds.or(items.all_after);
    StatusCode::NO_CONTENT
}

async fn happen(State(world): State<Arc<World>>, Json(happening): Json<Happening>) -> Response {
    let refused = |status: StatusCode, why: Impossible| (status, why.to_string()).into_response();
    match world.happen(happening) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(why @ Impossible::Unknown) => refused(StatusCode::NOT_FOUND, why),
        Err(why @ Impossible::Over) => refused(StatusCode::CONFLICT, why),
    }
}

async fn list_requests(State(world): State<Arc<World>>) -> Json<Vec<Asked>> {
    Json(world.requests.list())
}

async fn edit_books(State(world): State<Arc<World>>, Json(edit): Json<quickbooks::Edit>) -> StatusCode {
    if quickbooks::edit(&world, edit) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn list_webhooks(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({"delivered": world.hooks.log()}))
}

#[derive(Deserialize)]
struct Subscription {
    provider: Provider,
    #[serde(default)]
    url: String,
}

async fn subscribe(State(world): State<Arc<World>>, Json(wanted): Json<Subscription>) -> StatusCode {
    world.hooks.subscribe(wanted.provider, &wanted.url);
    StatusCode::NO_CONTENT
}

async fn unsubscribe(State(world): State<Arc<World>>, Json(wanted): Json<Subscription>) -> StatusCode {
    world.hooks.unsubscribe(wanted.provider);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Days {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

async fn show_truth(State(world): State<Arc<World>>, Query(days): Query<Days>) -> Json<truth::Truth> {
    let (from, to) = (days.from.unwrap_or(NaiveDate::MIN), days.to.unwrap_or(NaiveDate::MAX));
    Json(world.look(|facts, now| truth::truth(facts, now, from, to)))
}

async fn show_scenario(State(world): State<Arc<World>>) -> Response {
    match &world.playing {
        Some(playing) => Json(lock(playing).played()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
