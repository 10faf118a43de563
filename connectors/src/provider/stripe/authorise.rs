//! A key that the user pastes, or OAuth with refresh tokens that rotate.

use chrono::{TimeDelta, Utc};

use super::{Stripe, shapes};
use crate::provider::oauth::with_query;
use crate::provider::{Ask, Begun, Credentials, Grant, ProviderError, Secret};

pub fn begin(stripe: &Stripe, ask: &Ask) -> Begun {
    let Some(client_id) = &stripe.config.client_id else { return Begun::Key };
    let mut pairs = vec![
        ("client_id", client_id.as_str()),
        ("response_type", "code"),
        ("scope", "read_only"),
        ("redirect_uri", ask.redirect_uri.as_str()),
        ("state", ask.state.as_str()),
    ];
    if let Some(challenge) = &ask.challenge {
        pairs.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")]);
    }
    Begun::Redirect(with_query(&format!("{}/oauth/authorize", stripe.config.connect), pairs))
}

pub async fn complete(stripe: &Stripe, grant: &Grant) -> Result<Credentials, ProviderError> {
    match grant {
        Grant::Key { key, .. } => of_key(stripe, key).await,
        Grant::Code { code, verifier, .. } => {
            let mut form = vec![("grant_type", "authorization_code"), ("code", code.as_str())];
            form.extend(verifier.iter().map(|verifier| ("code_verifier", verifier.expose())));
            exchanged(stripe, &form).await
        }
        Grant::Hosted(_) => Err(ProviderError::Refused { code: "a code or a key is needed".to_owned() }),
    }
}

/// A key is believed once Stripe knows it.
async fn of_key(stripe: &Stripe, key: &Secret) -> Result<Credentials, ProviderError> {
    let is_test = key.expose().contains("_test_");
    if is_test && !stripe.config.accept_test {
        return Err(ProviderError::Refused { code: "a test key tells test money; use a live one".to_owned() });
    }
    let answer = stripe.get(key, "/v1/account", &[]).await?;
    let account: shapes::Account = answer.read()?;
    Ok(Credentials { access: key.clone(), refresh: None, expires_at: None, external_id: account.id })
}

pub async fn refresh(stripe: &Stripe, credentials: &Credentials) -> Result<Credentials, ProviderError> {
    let Some(token) = &credentials.refresh else {
        return Err(ProviderError::ConsentNeeded { code: "api_key_expired".to_owned() });
    };
    exchanged(stripe, &[("grant_type", "refresh_token"), ("refresh_token", token.expose())]).await
}

async fn exchanged(stripe: &Stripe, form: &[(&str, &str)]) -> Result<Credentials, ProviderError> {
    let answer = stripe.post(&format!("{}/v1/oauth/token", stripe.config.base), form).await?;
    let tokens: shapes::Tokens = answer.read()?;
    Ok(Credentials {
        access: Secret::new(tokens.access_token),
        refresh: tokens.refresh_token.map(Secret::new),
        expires_at: tokens.expires_in.map(|seconds| Utc::now() + TimeDelta::seconds(seconds)),
        external_id: tokens.stripe_user_id,
    })
}

/// A pasted key is the user's to delete; a grant is given back.
pub async fn disconnect(stripe: &Stripe, credentials: &Credentials) -> Result<(), ProviderError> {
    let (Some(client_id), Some(_)) = (&stripe.config.client_id, &credentials.refresh) else { return Ok(()) };
    let form = [("client_id", client_id.as_str()), ("stripe_user_id", credentials.external_id.as_str())];
    match stripe.post(&format!("{}/oauth/deauthorize", stripe.config.connect), &form).await {
        Ok(_) | Err(ProviderError::Revoked { .. } | ProviderError::ConsentNeeded { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
