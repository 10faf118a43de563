//! Link: from a token for the browser to an Item.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use chrono::{SecondsFormat, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::items::{Item, LinkSession, PublicToken, access_token};
use super::{Call, answered, errors};
use crate::simulator::World;
use crate::simulator::oauth::pages::{Consent, back_to, with_query};
use crate::simulator::world::lock;

const DEFAULT_DAYS: i64 = 90;
const MOST_DAYS: i64 = 730;

fn days(body: &Value) -> i64 {
    body["transactions"]["days_requested"].as_i64().unwrap_or(DEFAULT_DAYS).clamp(1, MOST_DAYS)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

pub async fn create_token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let created = Call::of(&headers, &body).and_then(|call| {
        // Update mode names the Item by its token; products are asked for otherwise.
        let repairs = match call.body["access_token"].as_str() {
            Some(token) => Some(lock(&world.items).by_token(token).ok_or_else(errors::invalid_token)?.id.clone()),
            None => None,
        };
        if call.body["user"]["client_user_id"].as_str().is_none() {
            return Err(errors::invalid("user.client_user_id is missing"));
        }
        let lives = if repairs.is_some() { TimeDelta::minutes(30) } else { TimeDelta::hours(4) };
        let session = LinkSession {
            token: world.fresh("link-sandbox-"),
            webhook: text(&call.body["webhook"]),
            redirect_uri: text(&call.body["redirect_uri"]),
            completion: text(&call.body["hosted_link"]["completion_redirect_uri"]),
            public_token: None,
            finished: false,
            days: days(&call.body),
            until: world.now() + lives,
            repairs,
        };
        let mut answer = json!({
            "link_token": session.token,
            "expiration": session.until.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        if call.body["hosted_link"].is_object() {
            answer["hosted_link_url"] = json!(format!("{}/plaid/link?token={}", world.base, session.token));
        }
        lock(&world.items).sessions.push(session);
        Ok(answer)
    });
    answered(created, &world)
}

#[derive(Deserialize)]
pub struct OfToken {
    token: String,
}

/// What Plaid's script shows in the browser.
pub async fn show(State(world): State<Arc<World>>, Query(OfToken { token }): Query<OfToken>) -> Response {
    let agree = with_query("link/finish", &[("token", &token)]);
    let asks = "Harbour Bank: share the transactions of your accounts?";
    let consent = Consent { provider: "Plaid Link", asks, agree: &agree, refuse: &world.base };
    consent.page()
}

/// The user agreed: back to where the session wants it, with the public token.
pub async fn finish(State(world): State<Arc<World>>, Query(OfToken { token }): Query<OfToken>) -> Response {
    let session = lock(&world.items).sessions.iter().find(|session| session.token == token).cloned();
    let Some(session) = session.filter(|session| world.now() <= session.until) else {
        return (StatusCode::BAD_REQUEST, "this link token is not valid any more").into_response();
    };
    if let Some(item) = &session.repairs {
        lock(&world.items).trouble(item, None);
    }
    let public = public_token(&world, session.webhook.clone(), session.days);
    for kept in lock(&world.items).sessions.iter_mut().filter(|kept| kept.token == token) {
        kept.finished = true;
        kept.public_token = session.repairs.is_none().then(|| public.clone());
    }
    if let Some(uri) = &session.completion {
        return back_to(uri);
    }
    match &session.redirect_uri {
        Some(uri) => back_to(&with_query(uri, &[("public_token", &public), ("link_token", &token)])),
        None => Html(format!(
            "<!doctype html><title>Plaid Link</title><p id=\"public_token\">{public}</p>\
             <script>window.opener?.postMessage({{public_token:\"{public}\"}}, \"*\")</script>"
        ))
        .into_response(),
    }
}

/// What became of a session, for whoever began it.
pub async fn get_token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let found = Call::of(&headers, &body).and_then(|call| {
        let token = call.text("link_token")?;
        let items = lock(&world.items);
        let session = items.sessions.iter().find(|session| session.token == token);
        let session = session.ok_or_else(|| errors::invalid("link_token is not known"))?;
        let added = session.public_token.iter().map(|public| json!({"public_token": public})).collect::<Vec<_>>();
        let results = session.finished.then(|| json!({"item_add_results": added}));
        Ok(json!({
            "link_token": session.token,
            "expiration": session.until.to_rfc3339_opts(SecondsFormat::Secs, true),
            "link_sessions": [{"link_session_id": format!("session-{}", session.token), "results": results}],
        }))
    });
    answered(found, &world)
}

fn public_token(world: &World, webhook: Option<String>, days: i64) -> String {
    let token = world.fresh("public-sandbox-");
    let until = world.now() + TimeDelta::minutes(30);
    lock(&world.items).public.push(PublicToken { token: token.clone(), webhook, days, until });
    token
}

pub async fn create_public_token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let created = Call::of(&headers, &body).map(|call| {
        let options = &call.body["options"];
        json!({"public_token": public_token(&world, text(&options["webhook"]), days(options))})
    });
    answered(created, &world)
}

pub async fn exchange(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let exchanged = Call::of(&headers, &body).and_then(|call| {
        let asked = call.text("public_token")?;
        let mut items = lock(&world.items);
        let place = items.public.iter().position(|public| public.token == asked);
        let public = place.map(|place| items.public.swap_remove(place));
        let public = public.filter(|public| world.now() <= public.until).ok_or_else(errors::invalid_public_token)?;
        let item = Item {
            id: world.fresh(""),
            access_token: access_token(&world),
            webhook: public.webhook,
            created: world.now(),
            days: public.days,
            trouble: None,
            all_after: items.all_after(),
            renamed: items.is_relink(),
        };
        let answer = json!({"access_token": item.access_token, "item_id": item.id});
        items.add(item);
        Ok(answer)
    });
    answered(exchanged, &world)
}
