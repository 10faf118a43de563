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
        "redirect_uri": ask.redirect_uri,
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
    Ok(Begun::Token(answer.read::<shapes::LinkToken>()?.link_token))
}

pub async fn complete(plaid: &Plaid, grant: &Grant) -> Result<Credentials, ProviderError> {
    let Grant::Code { code, .. } = grant else {
        return Err(ProviderError::Refused { code: "a public token is needed".to_owned() });
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
