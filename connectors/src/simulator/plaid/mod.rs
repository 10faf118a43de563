//! Plaid: Link, Items, `/transactions/sync` with its cursors, webhooks signed with ES256.

pub(super) mod errors;
mod items;
mod ledger;
mod link;
mod shapes;
pub(super) mod sign;
mod sync;
pub(super) mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

pub(super) use items::{Item, Items, Trouble};
pub(super) use webhooks::tell_all as tell_trouble;

use super::answer::{header_of, json as answer, ok};
use super::world::lock;
use super::{App, Provider, World};
use errors::Refused;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/link/token/create", post(link::create_token))
        .route("/link/token/get", post(link::get_token))
        .route("/link", get(link::show))
        .route("/link/finish", get(link::finish))
        .route("/sandbox/public_token/create", post(link::create_public_token))
        .route("/item/public_token/exchange", post(link::exchange))
        .route("/item/get", post(get_item))
        .route("/item/remove", post(remove_item))
        .route("/item/access_token/invalidate", post(rotate_token))
        .route("/accounts/get", post(get_accounts))
        .route("/accounts/balance/get", post(get_accounts))
        .route("/transactions/sync", post(sync::sync))
        .route("/transactions/get", post(sync::get))
        .route("/transactions/refresh", post(refresh))
        .route("/webhook_verification_key/get", post(get_key))
        .route("/sandbox/item/fire_webhook", post(webhooks::fire))
        .route("/sandbox/item/reset_login", post(reset_login))
}

/// A request that came from the registered client.
struct Call {
    body: Value,
}

impl Call {
    fn of(headers: &HeaderMap, body: &Bytes) -> Result<Self, Refused> {
        let body: Value = serde_json::from_slice(body).map_err(|_| errors::invalid("the body is not JSON"))?;
        let app = App::simulated(Provider::Plaid);
        let named = |header: &str, member: &str| {
            header_of(headers, header).map(ToOwned::to_owned).or_else(|| Some(body[member].as_str()?.to_owned()))
        };
        let client = named("plaid-client-id", "client_id");
        if client.as_deref() == Some(&app.client_id) && named("plaid-secret", "secret").as_deref() == Some(&app.secret)
        {
            Ok(Self { body })
        } else {
            Err(errors::invalid_keys())
        }
    }

    fn text(&self, member: &str) -> Result<&str, Refused> {
        self.body[member].as_str().ok_or_else(|| errors::invalid(&format!("{member} is missing")))
    }

    /// The Item of the access token, in whatever state it is.
    fn item(&self, world: &World) -> Result<Item, Refused> {
        let token = self.text("access_token")?;
        lock(&world.items).by_token(token).cloned().ok_or_else(errors::invalid_token)
    }

    /// The Item, where it may be read now.
    fn readable(&self, world: &World) -> Result<Item, Refused> {
        let item = self.item(world)?;
        match item.trouble {
            Some(trouble) => Err(errors::of_trouble(trouble)),
            None => Ok(item),
        }
    }
}

fn request_id(world: &World) -> String {
    world.fresh("").chars().take(15).collect()
}

fn answered(result: Result<Value, Refused>, world: &World) -> Response {
    match result {
        Ok(mut body) => {
            body["request_id"] = json!(request_id(world));
            ok(&body)
        }
        Err(refused) => answer(refused.status, &refused.body(&request_id(world))),
    }
}

async fn get_item(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let item = Call::of(&headers, &body).and_then(|call| call.item(&world));
    answered(item.map(|item| shapes::item(&world, &item)), &world)
}

async fn remove_item(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let removed = Call::of(&headers, &body).and_then(|call| {
        let item = call.item(&world)?;
        lock(&world.items).remove(&item.id);
        Ok(json!({}))
    });
    answered(removed, &world)
}

async fn rotate_token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let rotated = Call::of(&headers, &body).and_then(|call| {
        let item = call.item(&world)?;
        let token = items::access_token(&world);
        lock(&world.items).rotate(&item.id, &token);
        Ok(json!({"new_access_token": token}))
    });
    answered(rotated, &world)
}

async fn get_accounts(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let found = Call::of(&headers, &body).and_then(|call| {
        let item = call.readable(&world)?;
        Ok(json!({"accounts": shapes::accounts(&world, &item), "item": shapes::item_of_accounts(&item)}))
    });
    answered(found, &world)
}

async fn refresh(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let item = Call::of(&headers, &body).and_then(|call| call.readable(&world));
    answered(item.map(|_| json!({})), &world)
}

async fn reset_login(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let reset = Call::of(&headers, &body).and_then(|call| {
        let item = call.item(&world)?;
        lock(&world.items).trouble(&item.id, Some(Trouble::LoginRequired));
        Ok(json!({"reset_login": true}))
    });
    answered(reset, &world)
}

async fn get_key(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let key = Call::of(&headers, &body).and_then(|call| {
        let asked = call.text("key_id")?.to_owned();
        let key = sign::public_key(world.seed);
        if key["kid"] == asked { Ok(json!({"key": key})) } else { Err(errors::unknown_key()) }
    });
    answered(key, &world)
}
