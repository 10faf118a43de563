//! Link: a token for the browser, the exchange of what it brings, update mode, and the end.

use serde_json::json;

use super::{Plaid, shapes};
use crate::provider::{Ask, Begun, Credentials, Grant, ProviderError, Secret};

pub async fn begin(plaid: &Plaid, ask: &Ask) -> Result<Begun, ProviderError> {
    let mut body = json!({
        "client_name": "Workdock",
        "language": "en",
        "country_codes": plaid.config.countries,
        "user": {"client_user_id": ask.user},
        "hosted_link": {"completion_redirect_uri": returning(ask)},
    });
    if let Some(webhook) = &ask.webhook {
        body["webhook"] = json!(webhook);
    }
    match &ask.repairs {
        // Update mode: the Item stays, and so do its cursors.
        Some(item) => body["access_token"] = json!(item.access.expose()),
        None => {
            body["products"] = json!(["transactions"]);
            body["transactions"] = json!({"days_requested": plaid.config.days.clamp(1, 730)});
        }
    }
    let answer = plaid.call("/link/token/create", body).await?;
    let session: shapes::LinkToken = answer.read()?;
    Ok(Begun::Hosted { url: session.hosted_link_url, token: Secret::new(session.link_token) })
}

/// Plaid adds nothing to the address.
fn returning(ask: &Ask) -> String {
    let state = form_urlencoded::Serializer::new(String::new()).append_pair("state", &ask.state).finish();
    format!("{}?{state}", ask.redirect_uri)
}

/// The public token that a hosted session ended with.
async fn public_token(plaid: &Plaid, link_token: &Secret) -> Result<String, ProviderError> {
    let answer = plaid.call("/link/token/get", json!({"link_token": link_token.expose()})).await?;
    let found: shapes::LinkSessions = answer.read()?;
    let results = found.link_sessions.into_iter().filter_map(|session| session.results);
    let added = results.flat_map(|results| results.item_add_results).map(|added| added.public_token).next_back();
    added.ok_or_else(|| ProviderError::Refused { code: "the bank was not connected".to_owned() })
}

pub async fn complete(plaid: &Plaid, grant: &Grant) -> Result<Credentials, ProviderError> {
    let code = match grant {
        Grant::Code { code, .. } => code.clone(),
        Grant::Hosted(token) => public_token(plaid, token).await?,
        Grant::Key { .. } => return Err(ProviderError::Refused { code: "a public token is needed".to_owned() }),
    };
    let answer = plaid.call("/item/public_token/exchange", json!({"public_token": code})).await?;
    let item: shapes::Item = answer.read()?;
    Ok(Credentials {
        access: Secret::new(item.access_token),
        refresh: None,
        expires_at: None,
        external_id: item.item_id,
    })
}

pub async fn disconnect(plaid: &Plaid, credentials: &Credentials) -> Result<(), ProviderError> {
    match plaid.call("/item/remove", json!({"access_token": credentials.access.expose()})).await {
        Ok(_) | Err(ProviderError::Revoked { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
