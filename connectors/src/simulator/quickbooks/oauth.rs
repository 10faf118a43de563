//! Intuit's OAuth: the callback names the company, each refresh gives another refresh token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::{REALM, parameters};
use crate::simulator::answer::{basic, find, form, json as answer, ok};
use crate::simulator::oauth::Tokens;
use crate::simulator::oauth::pages::{Consent, back_to, with_query};
use crate::simulator::{App, Provider, World};

pub async fn discover(State(world): State<Arc<World>>) -> Response {
    let base = format!("{}/quickbooks", world.base);
    ok(&json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/connect/oauth2"),
        "token_endpoint": format!("{base}/oauth2/v1/tokens/bearer"),
        "revocation_endpoint": format!("{base}/v2/oauth2/tokens/revoke"),
        "response_types_supported": ["code"],
        "scopes_supported": ["com.intuit.quickbooks.accounting"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }))
}

pub async fn authorise(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    if find(&parameters(Some(&query)), "client_id") != Some(&App::simulated(Provider::QuickBooks).client_id) {
        return answer(400, &json!({"error": "invalid_client"}));
    }
    let agree = format!("agree?{query}");
    let asks = "Let the application read the books of this company?";
    Consent { provider: "QuickBooks", asks, agree: &agree, refuse: &world.base }.page()
}

pub async fn agree(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let asked = parameters(query.as_deref());
    let redirect = find(&asked, "redirect_uri").unwrap_or_default();
    let challenge = find(&asked, "code_challenge").map(ToOwned::to_owned);
    let code = world.grants.code(&world, Provider::QuickBooks, redirect, challenge, None);
    let state = find(&asked, "state").unwrap_or_default();
    back_to(&with_query(redirect, &[("code", &code), ("state", state), ("realmId", REALM)]))
}

fn is_client(headers: &HeaderMap) -> bool {
    let app = App::simulated(Provider::QuickBooks);
    basic(headers) == Some((app.client_id, app.secret))
}

pub async fn token(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_client(&headers) {
        return answer(401, &json!({"error": "invalid_client"}));
    }
    let form = form(&body);
    let tokens = match find(&form, "grant_type") {
        Some("authorization_code") => {
            let (code, redirect) = (find(&form, "code").unwrap_or_default(), find(&form, "redirect_uri"));
            world.grants.exchange(&world, Provider::QuickBooks, code, redirect, find(&form, "code_verifier"))
        }
        Some("refresh_token") => {
            let token = find(&form, "refresh_token").unwrap_or_default();
            world.grants.refresh(&world, Provider::QuickBooks, token)
        }
        _ => return answer(400, &json!({"error": "unsupported_grant_type"})),
    };
    let Some(Tokens { access, refresh, lives }) = tokens else {
        return answer(
            400,
            &json!({"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"}),
        );
    };
    ok(&json!({
        "token_type": "bearer",
        "access_token": access,
        "refresh_token": refresh,
        "expires_in": lives.access.num_seconds(),
        "x_refresh_token_expires_in": lives.refresh.num_seconds(),
    }))
}

pub async fn revoke(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_client(&headers) {
        return answer(401, &json!({"error": "invalid_client"}));
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(grant) = world.grants.grant_of(asked["token"].as_str().unwrap_or_default()) else {
        return answer(400, &json!({"error": "invalid_request"}));
    };
    world.grants.give_back(Provider::QuickBooks, &grant);
    ok(&json!({}))
}
