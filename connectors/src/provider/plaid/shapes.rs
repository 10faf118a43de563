//! Plaid's JSON, as far as it is read. Everything that Plaid may leave out is optional; unknown members are passed by.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub struct LinkToken {
    pub link_token: String,
    pub hosted_link_url: String,
}

#[derive(Deserialize)]
pub struct LinkSessions {
    #[serde(default)]
    pub link_sessions: Vec<LinkSession>,
}

#[derive(Deserialize)]
pub struct LinkSession {
    pub results: Option<LinkResults>,
}

#[derive(Deserialize)]
pub struct LinkResults {
    #[serde(default)]
    pub item_add_results: Vec<ItemAdded>,
}

#[derive(Deserialize)]
pub struct ItemAdded {
    pub public_token: String,
}

#[derive(Deserialize)]
pub struct Item {
    pub access_token: String,
    pub item_id: String,
}

#[derive(Deserialize)]
pub struct Accounts<'a> {
    #[serde(borrow)]
    pub accounts: Vec<Account<'a>>,
    pub item: Option<ItemOfAccounts>,
}

#[derive(Deserialize)]
pub struct ItemOfAccounts {
    pub institution_id: Option<String>,
}

#[derive(Deserialize)]
pub struct Account<'a> {
    pub account_id: String,
    pub name: String,
    /// The last digits of its number, as the bank shows them.
    pub mask: Option<String>,
    #[serde(borrow)]
    pub balances: Balances<'a>,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Deserialize)]
pub struct Balances<'a> {
    #[serde(borrow)]
    pub available: Option<&'a RawValue>,
    #[serde(borrow)]
    pub current: Option<&'a RawValue>,
    pub iso_currency_code: Option<String>,
}

#[derive(Deserialize)]
pub struct Sync<'a> {
    #[serde(borrow)]
    pub added: Vec<Transaction<'a>>,
    #[serde(borrow)]
    pub modified: Vec<Transaction<'a>>,
    pub removed: Vec<Removed>,
    pub next_cursor: String,
    pub has_more: bool,
    /// Of the whole Item: `NOT_READY`, `INITIAL_UPDATE_COMPLETE`, `HISTORICAL_UPDATE_COMPLETE`.
    pub transactions_update_status: Option<String>,
}

#[derive(Deserialize)]
pub struct Removed {
    pub transaction_id: String,
}

#[derive(Deserialize)]
pub struct Transaction<'a> {
    pub transaction_id: String,
    /// Its text; plus is money out.
    #[serde(borrow)]
    pub amount: &'a RawValue,
    pub iso_currency_code: Option<String>,
    pub date: NaiveDate,
    pub name: Option<String>,
    pub merchant_name: Option<String>,
    pub pending: bool,
    pub pending_transaction_id: Option<String>,
    #[serde(borrow)]
    pub personal_finance_category: Option<Category<'a>>,
}

#[derive(Deserialize)]
pub struct Category<'a> {
    #[serde(borrow)]
    pub primary: Cow<'a, str>,
    #[serde(borrow)]
    pub detailed: Cow<'a, str>,
}

#[derive(Deserialize)]
pub struct Error<'a> {
    #[serde(borrow)]
    pub error_type: Cow<'a, str>,
    #[serde(borrow)]
    pub error_code: Cow<'a, str>,
}

#[derive(Deserialize)]
pub struct Webhook {
    pub webhook_type: String,
    pub webhook_code: String,
    pub item_id: String,
}

#[derive(Deserialize)]
pub struct VerificationKey {
    pub key: Jwk,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Jwk {
    pub alg: String,
    pub x: String,
    pub y: String,
    pub expired_at: Option<i64>,
}
