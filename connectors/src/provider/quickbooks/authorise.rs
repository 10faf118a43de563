//! Intuit's OAuth: the callback names the company, refresh tokens rotate, a disconnection gives them back.

use serde_json::json;

use super::shapes::Endpoints;
use super::{QuickBooks, errors};
use crate::provider::http::send;
use crate::provider::oauth::{Tokens, with_query};
use crate::provider::{Ask, Begun, Credentials, Grant, ProviderError};

const SCOPE: &str = "com.intuit.quickbooks.accounting";

async fn endpoints(books: &QuickBooks) -> Result<&Endpoints, ProviderError> {
    let found = books.endpoints.get_or_try_init(|| async {
        let answer = send(books.http.get(&books.config.discovery)).await?;
        if answer.is_success() { answer.read() } else { Err(ProviderError::unavailable(answer.status.to_string())) }
    });
    found.await
}

pub async fn begin(books: &QuickBooks, ask: &Ask) -> Result<Begun, ProviderError> {
    let mut pairs = vec![
        ("client_id", books.config.client_id.as_str()),
        ("response_type", "code"),
        ("scope", SCOPE),
        ("redirect_uri", ask.redirect_uri.as_str()),
        ("state", ask.state.as_str()),
    ];
    if let Some(challenge) = &ask.challenge {
        pairs.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")]);
    }
    Ok(Begun::Redirect(with_query(&endpoints(books).await?.authorization_endpoint, pairs)))
}

pub async fn complete(books: &QuickBooks, grant: &Grant) -> Result<Credentials, ProviderError> {
    let Grant::Code { code, redirect_uri, verifier, params } = grant else {
        return Err(ProviderError::Refused { code: "a code is needed".to_owned() });
    };
    let realm = params.get("realmId").filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
    let realm = realm.ok_or_else(|| ProviderError::Refused { code: "the callback names no company".to_owned() })?;
    let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
    form.extend(verifier.iter().map(|verifier| ("code_verifier", verifier.expose())));
    Ok(exchanged(books, &form).await?.credentials(realm, None))
}

/// The refresh token before may die with this; what is answered without one keeps the old.
pub async fn refresh(books: &QuickBooks, credentials: &Credentials) -> Result<Credentials, ProviderError> {
    let Some(token) = &credentials.refresh else {
        return Err(ProviderError::ConsentNeeded { code: "no_refresh_token".to_owned() });
    };
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.expose())];
    Ok(exchanged(books, &form).await?.credentials(&credentials.external_id, Some(credentials)))
}

async fn exchanged(books: &QuickBooks, form: &[(&str, &str)]) -> Result<Tokens, ProviderError> {
    let request = books.http.post(&endpoints(books).await?.token_endpoint).form(form);
    let request = request.basic_auth(&books.config.client_id, Some(books.config.secret.expose()));
    let answer = send(request.header("accept", "application/json")).await?;
    if answer.is_success() { answer.read() } else { Err(errors::of_tokens(&answer)) }
}

pub async fn disconnect(books: &QuickBooks, credentials: &Credentials) -> Result<(), ProviderError> {
    // With the refresh token its access tokens end too.
    let token = credentials.refresh.as_ref().unwrap_or(&credentials.access);
    let request = books.http.post(&endpoints(books).await?.revocation_endpoint);
    let request = request.basic_auth(&books.config.client_id, Some(books.config.secret.expose()));
    let answer = send(request.json(&json!({"token": token.expose()}))).await?;
    match answer.status {
        // 400: it is no token any more.
        200..300 | 400 => Ok(()),
        _ => Err(errors::of_tokens(&answer)),
    }
}
