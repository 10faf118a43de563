//! Installing the app in a shop, tokens that expire and rotate, and uninstalling it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Shopify, errors, subscriptions};
use crate::provider::http::{Answer, send};
use crate::provider::oauth::{Tokens, with_query};
use crate::provider::signature::is_signed;
use crate::provider::{Ask, Begun, Credentials, Grant, ProviderError, Secret};

fn refused(why: &str) -> ProviderError {
    ProviderError::Refused { code: why.to_owned() }
}

/// The domain of a shop, or its name alone. Nothing else may ever become a part of an address.
fn domain_of(shop: &str) -> Result<String, ProviderError> {
    let shop = shop.trim().trim_start_matches("https://").trim_end_matches('/').to_ascii_lowercase();
    let name = shop.strip_suffix(".myshopify.com").unwrap_or(&shop);
    let is_name = (1..=60).contains(&name.len())
        && !name.starts_with('-')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_name {
        Ok(format!("{name}.myshopify.com"))
    } else {
        Err(refused("a shop's address is needed, such as example.myshopify.com"))
    }
}

pub fn begin(shopify: &Shopify, ask: &Ask) -> Result<Begun, ProviderError> {
    let known = ask.repairs.as_ref().map(|before| before.external_id.as_str());
    let shop = domain_of(known.or(ask.instance.as_deref()).unwrap_or_default())?;
    let pairs = [
        ("client_id", shopify.config.client_id.as_str()),
        ("scope", shopify.config.scopes.as_str()),
        ("redirect_uri", ask.redirect_uri.as_str()),
        ("state", ask.state.as_str()),
    ];
    Ok(Begun::Redirect(with_query(&shopify.address(&shop, "/admin/oauth/authorize"), pairs)))
}

/// The callback is signed: all its parameters but the signature, by name.
fn is_genuine(secrets: &[Secret], params: &BTreeMap<String, String>) -> bool {
    let said: Vec<_> = params.iter().filter(|(name, _)| *name != "hmac").collect();
    let text: Vec<_> = said.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let signature = params.get("hmac").and_then(|hmac| hex::decode(hmac).ok());
    signature.is_some_and(|signature| is_signed(secrets, &[text.join("&").as_bytes()], &signature))
}

pub async fn complete(shopify: &Shopify, grant: &Grant) -> Result<Credentials, ProviderError> {
    let Grant::Code { code, params, .. } = grant else { return Err(refused("a code is needed")) };
    if !is_genuine(std::slice::from_ref(&shopify.config.secret), params) {
        return Err(refused("the callback is not signed by Shopify"));
    }
    let shop = domain_of(params.get("shop").map(String::as_str).unwrap_or_default())?;
    let answer = exchanged(shopify, &shop, json!({"code": code, "expiring": 1})).await?;
    Ok(answer.read::<Tokens>()?.credentials(&shop, None))
}

/// The pair before it dies with the use of the new one.
pub async fn refresh(shopify: &Shopify, credentials: &Credentials) -> Result<Credentials, ProviderError> {
    let Some(token) = &credentials.refresh else {
        return Err(ProviderError::Revoked { code: "token_revoked".to_owned() });
    };
    let body = json!({"grant_type": "refresh_token", "refresh_token": token.expose()});
    let answer = exchanged(shopify, &credentials.external_id, body).await?;
    Ok(answer.read::<Tokens>()?.credentials(&credentials.external_id, Some(credentials)))
}

async fn exchanged(shopify: &Shopify, shop: &str, mut body: Value) -> Result<Answer, ProviderError> {
    body["client_id"] = json!(shopify.config.client_id);
    body["client_secret"] = json!(shopify.config.secret.expose());
    let url = shopify.address(shop, "/admin/oauth/access_token");
    let answer = send(shopify.http.post(url).json(&body)).await?;
    if answer.is_success() { Ok(answer) } else { Err(errors::of_tokens(&answer)) }
}

/// What the shop sends us ends, and the app uninstalls itself; with that its tokens die.
pub async fn disconnect(shopify: &Shopify, credentials: &Credentials) -> Result<(), ProviderError> {
    const UNINSTALL: &str = "mutation { appUninstall { app { id } userErrors { code message } } }";
    let mut current = credentials.clone();
    let uninstall = async |of: &Credentials| {
        subscriptions::unsubscribe(shopify, of).await?;
        shopify.query(of, UNINSTALL, json!({})).await
    };
    let mut result = uninstall(&current).await;
    if matches!(result, Err(ProviderError::TokenExpired)) && current.refresh.is_some() {
        match refresh(shopify, &current).await {
            Ok(renewed) => current = renewed,
            Err(ProviderError::Revoked { .. } | ProviderError::ConsentNeeded { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
        result = uninstall(&current).await;
    }
    match result {
        Ok(_) | Err(ProviderError::Revoked { .. } | ProviderError::TokenExpired) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_shop_becomes_an_address() {
        assert_eq!(domain_of("Example").unwrap(), "example.myshopify.com");
        assert_eq!(domain_of("https://example.myshopify.com/").unwrap(), "example.myshopify.com");
        for bad in ["", "-a", "example.com", "evil.com/x.myshopify.com", "a@b", "x.y.myshopify.com", "shop:8080"] {
            assert!(domain_of(bad).is_err(), "{bad}");
        }
    }

    /// The made-up vector of the data folder, where it is there.
    #[test]
    fn a_callback_is_genuine_as_the_fact_sheet_says() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/shopify/webhook_signature_vectors.json");
        let Ok(text) = std::fs::read_to_string(path) else { return println!("skipped: {path} is not here") };
        let vectors: Value = serde_json::from_str(&text).unwrap();
        let query = vectors["oauth_callback"]["query"].as_str().unwrap();
        let mut params: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let secrets = [Secret::new(vectors["client_secret"].as_str().unwrap())];
        assert!(is_genuine(&secrets, &params));
        params.insert("shop".to_owned(), "other.myshopify.com".to_owned());
        assert!(!is_genuine(&secrets, &params));
    }
}
