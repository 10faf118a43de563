//! The Shopify Payments balance: movements newest first, back to where the loop before began.

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::orders::{history, moment};
use super::pull::At as Anywhere;
use super::shapes::{Data, Moved, PaymentsAnswer};
use super::{Shopify, map};
use crate::provider::{Credentials, FoundAccount, Page, ProviderError, Then};

const CURSOR: &str = "moved:";
/// A movement may show later than its moment says.
const OVERLAP: TimeDelta = TimeDelta::days(3);

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct At {
    after: Option<String>,
    newest: Option<DateTime<Utc>>,
}

impl At {
    pub const fn first() -> Self {
        Self { after: None, newest: None }
    }
}

const MOVED: &str = "query($first: Int!, $after: String) { shopifyPaymentsAccount {
    balanceTransactions(first: $first, after: $after, sortKey: PROCESSED_AT, reverse: true) {
    nodes { id type test amount { amount currencyCode } net { amount currencyCode } transactionDate
      associatedOrder { name } }
    pageInfo { hasNextPage endCursor } } } }";

pub async fn page(
    shopify: &Shopify,
    credentials: &Credentials,
    account: &FoundAccount,
    cursor: Option<&str>,
    at: At,
) -> Result<Page, ProviderError> {
    let read = cursor.and_then(|cursor| cursor.strip_prefix(CURSOR)?.parse::<DateTime<Utc>>().ok());
    let since = read.map_or_else(|| history(shopify), |read| read - OVERLAP);
    let variables = json!({"first": shopify.config.limit.clamp(1, 250), "after": at.after});
    let answer = shopify.query(credentials, MOVED, variables).await?;
    let found: Data<PaymentsAnswer<Moved>> = answer.read()?;
    let Some(moved) = found.data.shopify_payments_account.map(|account| account.balance_transactions) else {
        let payload = Bytes::new();
        return Ok(Page { reported: Vec::new(), removed: Vec::new(), then: Then::Done(None), payload });
    };
    let newest = at.newest.max(moved.nodes.iter().map(|one| one.transaction_date).max());
    let is_over = moved.nodes.last().is_none_or(|last| last.transaction_date < since);
    let mut reported = Vec::with_capacity(moved.nodes.len() * 2);
    for one in moved.nodes.iter().filter(|one| one.transaction_date >= since) {
        reported.extend(map::movement(one)?);
    }
    // Each currency is an account.
    reported.retain(|one| one.currency == account.currency);
    let then = match moved.page_info.end_cursor {
        Some(after) if moved.page_info.has_next_page && !is_over => {
            Then::More(Anywhere::Payments(At { after: Some(after), newest }).text()?)
        }
        _ => Then::Done(newest.max(read).map(|at| format!("{CURSOR}{}", moment(at)))),
    };
    Ok(Page { reported, removed: Vec::new(), then, payload: answer.body })
}
