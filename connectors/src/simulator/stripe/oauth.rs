//! Stripe's OAuth: the page, the exchange, the end.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::objects::account_id;
use crate::simulator::answer::{basic, bearer, find, form, json as answer, ok};
use crate::simulator::oauth::Tokens;
use crate::simulator::oauth::pages::{Consent, back_to, with_query};
use crate::simulator::{App, Provider, World};

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

pub async fn authorise(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let asked = pairs(Some(&query));
    if find(&asked, "client_id") != Some(&App::simulated(Provider::Stripe).client_id) {
        return answer(400, &json!({"error": "invalid_client", "error_description": "No such application."}));
    }
    let agree = format!("agree?{query}");
    let consent = Consent {
        provider: "Stripe",
        asks: "Let the application read the payments of this account?",
        agree: &agree,
        refuse: &world.base,
    };
    consent.page()
}

pub async fn agree(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let asked = pairs(query.as_deref());
    let redirect = find(&asked, "redirect_uri").unwrap_or_default();
    let challenge = find(&asked, "code_challenge").map(ToOwned::to_owned);
    let code = world.grants.code(&world, Provider::Stripe, redirect, challenge, None);
    let state = find(&asked, "state").unwrap_or_default();
    back_to(&with_query(redirect, &[("code", &code), ("state", state), ("scope", "read_only")]))
}

pub async fn token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&body);
    let secret = App::simulated(Provider::Stripe).secret;
    let given = basic(&headers).map(|(user, _)| user).or_else(|| bearer(&headers).map(ToOwned::to_owned));
    let given = given.or_else(|| find(&form, "client_secret").map(ToOwned::to_owned));
    if given.as_deref() != Some(&secret) {
        return answer(401, &json!({"error": "invalid_client", "error_description": "Invalid API key provided."}));
    }
    let tokens = match find(&form, "grant_type") {
        Some("authorization_code") => {
            let code = find(&form, "code").unwrap_or_default();
            world.grants.exchange(&world, Provider::Stripe, code, None, find(&form, "code_verifier"))
        }
        Some("refresh_token") => {
            let token = find(&form, "refresh_token").unwrap_or_default();
            world.grants.refresh(&world, Provider::Stripe, token)
        }
        _ => {
            return answer(400, &json!({"error": "unsupported_grant_type", "error_description": "Unsupported grant."}));
        }
    };
    let Some(Tokens { access, refresh, lives }) = tokens else {
        let description = "Authorization code or refresh token does not exist, was used already, or has expired.";
        return answer(400, &json!({"error": "invalid_grant", "error_description": description}));
    };
    ok(&json!({
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": lives.access.num_seconds(),
        "livemode": true,
        "scope": "stripe_apps",
        "token_type": "bearer",
        "stripe_user_id": account_id(&world),
    }))
}

pub async fn deauthorise(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let form = form(&body);
    let account = account_id(&world);
    if find(&form, "stripe_user_id") != Some(&account) {
        let description = "This application is not connected to that account.";
        return answer(400, &json!({"error": "invalid_client", "error_description": description}));
    }
    world.grants.revoke(Provider::Stripe);
    ok(&json!({"stripe_user_id": account}))
}

/// Whether the restricted key was taken back.
pub fn is_key_revoked(world: &World) -> bool {
    world.is_revoked(Provider::Stripe)
}
