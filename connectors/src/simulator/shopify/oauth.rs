//! Shopify's OAuth: a callback that is signed, offline tokens that expire and rotate.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::sign;
use crate::simulator::answer::{find, form, header_of, json as answer, ok};
use crate::simulator::oauth::Tokens;
use crate::simulator::oauth::pages::{Consent, back_to, with_query};
use crate::simulator::{App, Provider, World};

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

pub async fn authorise(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    if find(&pairs(Some(&query)), "client_id") != Some(&App::simulated(Provider::Shopify).client_id) {
        return answer(400, &json!({"error": "invalid_request", "error_description": "unknown client_id"}));
    }
    let agree = format!("agree?{query}");
    let asks = "Install the application and let it read orders?";
    Consent { provider: "Shopify", asks, agree: &agree, refuse: &world.base }.page()
}

pub async fn agree(State(world): State<Arc<World>>, Path(shop): Path<String>, RawQuery(query): RawQuery) -> Response {
    let asked = pairs(query.as_deref());
    let redirect = find(&asked, "redirect_uri").unwrap_or_default();
    let code = world.grants.code(&world, Provider::Shopify, redirect, None, Some(&shop));
    let mut parameters = vec![
        ("code".to_owned(), code),
        ("host".to_owned(), "c2ltdWxhdGVk".to_owned()),
        ("shop".to_owned(), shop),
        ("state".to_owned(), find(&asked, "state").unwrap_or_default().to_owned()),
        ("timestamp".to_owned(), world.now().timestamp().to_string()),
    ];
    let hmac = sign::callback(&App::simulated(Provider::Shopify).secret, &parameters);
    parameters.push(("hmac".to_owned(), hmac));
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    back_to(&with_query(redirect, &parameters))
}

pub async fn token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let is_json = header_of(&headers, "content-type").is_some_and(|kind| kind.contains("json"));
    let given = if is_json { of_json(&body) } else { form(&body) };
    let app = App::simulated(Provider::Shopify);
    if find(&given, "client_id") != Some(&app.client_id) || find(&given, "client_secret") != Some(&app.secret) {
        return answer(401, &json!({"error": "invalid_client"}));
    }
    let tokens = match find(&given, "grant_type") {
        Some("refresh_token") => {
            let token = find(&given, "refresh_token").unwrap_or_default();
            world.grants.refresh(&world, Provider::Shopify, token)
        }
        _ => {
            let code = find(&given, "code").unwrap_or_default();
            world.grants.exchange(&world, Provider::Shopify, code, None, None)
        }
    };
    let Some(Tokens { access, refresh, lives }) = tokens else {
        let description = "The authorization code was not found or was already used";
        return answer(400, &json!({"error": "invalid_request", "error_description": description}));
    };
    ok(&json!({
        "access_token": access,
        "scope": "read_orders,read_all_orders",
        "expires_in": lives.access.num_seconds(),
        "refresh_token": refresh,
        "refresh_token_expires_in": lives.refresh.num_seconds(),
    }))
}

fn of_json(body: &Bytes) -> Vec<(String, String)> {
    let members: Value = serde_json::from_slice(body).unwrap_or_default();
    let members = members.as_object().cloned().unwrap_or_default();
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    members.into_iter().map(|(name, value)| (name, text(value))).collect()
}
