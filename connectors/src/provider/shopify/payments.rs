//! The Shopify Payments balance: movements newest first, back to where the loop before began.

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::orders::{history, moment};
use super::pull::At as Anywhere;
use super::shapes::{BalanceTransaction, Connection, Data, Moved, PaymentsAnswer};
use super::{Shopify, map};
use crate::provider::http::Answer;
use crate::provider::{Contents, Credentials, Documents, FoundAccount, Page, Payout, ProviderError, Then};

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

const MOVED: &str = "query($first: Int!, $after: String, $query: String) { shopifyPaymentsAccount {
    balanceTransactions(first: $first, after: $after, query: $query, sortKey: PROCESSED_AT, reverse: true) {
    nodes { id type test amount { amount currencyCode } net { amount currencyCode } transactionDate
      associatedOrder { name } associatedPayout { id } }
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
    let answer = asked(shopify, credentials, at.after.as_deref(), None).await?;
    let Some(moved) = moved(&answer)? else {
        let (payouts, payload) = (Vec::new(), Bytes::new());
        return Ok(Page {
            reported: Vec::new(),
            removed: Vec::new(),
            documents: Documents::default(),
            payouts,
            then: Then::Done(None),
            payload,
        });
    };
    let newest = at.newest.max(moved.nodes.iter().map(|one| one.transaction_date).max());
    let is_over = moved.nodes.last().is_none_or(|last| last.transaction_date < since);
    let mut reported = Vec::with_capacity(moved.nodes.len() * 2);
    for one in moved.nodes.iter().filter(|one| one.transaction_date >= since) {
        reported.extend(map::movement(one)?);
    }
    let since_then = moved.nodes.iter().filter(|one| one.transaction_date >= since);
    let payouts = since_then.filter(|one| one.amount.currency_code == account.currency.code());
    let payouts = payouts.filter_map(map::payout).collect();
    // Each currency is an account.
    reported.retain(|one| one.currency == account.currency);
    let then = match moved.page_info.end_cursor {
        Some(after) if moved.page_info.has_next_page && !is_over => {
            Then::More(Anywhere::Payments(At { after: Some(after), newest }).text()?)
        }
        _ => Then::Done(newest.max(read).map(|at| format!("{CURSOR}{}", moment(at)))),
    };
    Ok(Page { reported, removed: Vec::new(), documents: Documents::default(), payouts, then, payload: answer.body })
}

/// What a payout is the sum of, which is fixed when its own movement is there.
pub async fn contents(
    shopify: &Shopify,
    credentials: &Credentials,
    payout: &Payout,
    after: Option<&str>,
) -> Result<Contents, ProviderError> {
    // The filter takes the number alone.
    let number = payout.id.rsplit('/').next().unwrap_or_default();
    let filter = format!("payments_transfer_id:{number}");
    let answer = asked(shopify, credentials, after, Some(&filter)).await?;
    let Some(moved) = moved(&answer)? else {
        return Ok(Contents::default());
    };
    let of_payout =
        |one: &&BalanceTransaction| one.associated_payout.as_ref().is_some_and(|of| of.id.as_ref() == Some(&payout.id));
    let mut holds = Vec::with_capacity(moved.nodes.len() * 2);
    for one in moved.nodes.iter().filter(of_payout) {
        holds.extend(map::names(one, payout)?);
    }
    Ok(Contents { holds, next: moved.page_info.end_cursor.filter(|_| moved.page_info.has_next_page) })
}

async fn asked(
    shopify: &Shopify,
    credentials: &Credentials,
    after: Option<&str>,
    filter: Option<&str>,
) -> Result<Answer, ProviderError> {
    let variables = json!({"first": shopify.config.limit.clamp(1, 250), "after": after, "query": filter});
    shopify.query(credentials, MOVED, variables).await
}

/// None where payments go through another processor.
fn moved(answer: &Answer) -> Result<Option<Connection<BalanceTransaction>>, ProviderError> {
    let found: Data<PaymentsAnswer<Moved>> = answer.read()?;
    Ok(found.data.shopify_payments_account.map(|account| account.balance_transactions))
}
