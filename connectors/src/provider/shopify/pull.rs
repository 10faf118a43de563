//! A shop's accounts, and which way a page of each is read.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::shapes::{Data, Held, PaymentsAnswer, ShopAnswer};
use super::{Shopify, bulk, map, newest, orders, payments};
use crate::provider::{Balance, Credentials, FoundAccount, Page, Place, ProviderError};

/// Of an account's id: the shop's domain, then what of it.
const SALES: &str = ":sales";
const PAYMENTS: &str = ":payments:";

/// Where a loop of pages is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum At {
    Bulk(bulk::At),
    Newest(newest::At),
    Orders(orders::At),
    Payments(payments::At),
}

impl At {
    pub fn text(&self) -> Result<String, ProviderError> {
        serde_json::to_string(self).map_err(|_| ProviderError::unintelligible("a place in the pages"))
    }
}

pub async fn accounts(shopify: &Shopify, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
    let answer = shopify.query(credentials, "query { shop { name currencyCode } }", json!({})).await?;
    let Data { data: ShopAnswer { shop } } = answer.read()?;
    let domain = &credentials.external_id;
    let sales = FoundAccount {
        id: format!("{domain}{SALES}"),
        name: format!("{}, sales", shop.name),
        currency: map::currency(&shop.currency_code)?,
        // Orders hold nothing: what they were paid goes on to whoever processes payments.
        balance: None,
        mark: None,
    };
    let mut all = vec![sales];
    for held in balances(shopify, credentials).await? {
        let currency = map::currency(&held.currency_code)?;
        all.push(FoundAccount {
            id: format!("{domain}{PAYMENTS}{currency}"),
            name: format!("{}, Shopify Payments, {currency}", shop.name),
            currency,
            balance: Some(Balance { current: map::amount(&held)?, available: None }),
            mark: None,
        });
    }
    Ok(all)
}

/// None where payments go through another processor, or are not ours to see.
async fn balances(shopify: &Shopify, credentials: &Credentials) -> Result<Vec<super::shapes::Money>, ProviderError> {
    const HELD: &str = "query { shopifyPaymentsAccount { balance { amount currencyCode } } }";
    match shopify.query(credentials, HELD, json!({})).await {
        Ok(answer) => {
            let found: Data<PaymentsAnswer<Held>> = answer.read()?;
            Ok(found.data.shopify_payments_account.map(|account| account.balance).unwrap_or_default())
        }
        Err(ProviderError::ConsentNeeded { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

pub async fn page(
    shopify: &Shopify,
    credentials: &Credentials,
    account: &FoundAccount,
    place: Place<'_>,
) -> Result<Page, ProviderError> {
    let at = match place.page {
        Some(text) => serde_json::from_str(text).map_err(|_| ProviderError::unintelligible("a place in the pages"))?,
        None if account.id.contains(PAYMENTS) => At::Payments(payments::At::first()),
        None if place.cursor.is_none() && shopify.config.bulk => return bulk::begin(shopify, credentials).await,
        None if place.cursor.is_none() => At::Newest(newest::At::default()),
        None => At::Orders(orders::At::after(shopify, place.cursor)?),
    };
    match at {
        At::Bulk(at) => bulk::page(shopify, credentials, at).await,
        At::Newest(at) => newest::page(shopify, credentials, at).await,
        At::Orders(at) => orders::page(shopify, credentials, at).await,
        At::Payments(at) => payments::page(shopify, credentials, account, place.cursor, at).await,
    }
}

/// How much of a loop lies behind a place, where that is known.
pub fn progress(shopify: &Shopify, place: &str) -> Option<u8> {
    match serde_json::from_str(place).ok()? {
        At::Bulk(at) => Some(at.percent(shopify)),
        At::Newest(at) => Some(at.percent(shopify)),
        At::Orders(_) | At::Payments(_) => None,
    }
}
