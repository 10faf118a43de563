//! Orders by when they changed, oldest change first.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::pull::At as Anywhere;
use super::shapes::{Connection, Data, Orders};
use super::{Shopify, map};
use crate::provider::{Credentials, Documents, Page, ProviderError, Then};

pub(super) const CURSOR: &str = "updated:";
/// What is read again each time: a change may show later than its moment says.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// Pages end after 25,000 objects; before that a new list is begun at the last moment.
const MOST_IN_A_LIST: usize = 20_000;

/// What is read of an order.
pub(super) const FIELDS: &str = "id name updatedAt test transactions { id kind status gateway processedAt \
    amountSet { shopMoney { amount currencyCode } } }";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct At {
    since: DateTime<Utc>,
    after: Option<String>,
    /// Orders of this list so far.
    seen: usize,
    newest: Option<DateTime<Utc>>,
}

pub(super) fn history(shopify: &Shopify) -> DateTime<Utc> {
    Utc::now() - TimeDelta::days(i64::from(shopify.config.days))
}

pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl At {
    /// Where the loop before ended, or at the begin of history.
    pub fn after(shopify: &Shopify, cursor: Option<&str>) -> Result<Self, ProviderError> {
        let read = cursor.map(|cursor| cursor.strip_prefix(CURSOR).and_then(|at| at.parse::<DateTime<Utc>>().ok()));
        let newest = match read {
            Some(read) => Some(read.ok_or_else(|| ProviderError::unintelligible("the cursor"))?),
            None => None,
        };
        let since = newest.map_or_else(|| history(shopify), |newest| newest - OVERLAP);
        Ok(Self { since, after: None, seen: 0, newest })
    }
}

pub async fn page(shopify: &Shopify, credentials: &Credentials, at: At) -> Result<Page, ProviderError> {
    let query = format!(
        "query($first: Int!, $after: String, $filter: String, $sortKey: OrderSortKeys) {{
        orders(first: $first, after: $after, query: $filter, sortKey: $sortKey) {{
        nodes {{ {FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let variables = json!({
        "first": shopify.config.limit.clamp(1, 250),
        "after": at.after,
        "filter": format!("updated_at:>='{}'", moment(at.since)),
        "sortKey": "UPDATED_AT",
    });
    let answer = shopify.query(credentials, &query, variables).await?;
    let Data { data: Orders { orders: Connection { nodes, page_info } } } = answer.read()?;
    let newest = nodes.iter().map(|order| order.updated_at).max().max(at.newest);
    let seen = at.seen + nodes.len();
    let mut reported = Vec::with_capacity(nodes.len() * 2);
    for order in nodes {
        reported.extend(map::order(order)?);
    }
    let then = match (page_info.has_next_page, page_info.end_cursor, newest) {
        (true, _, Some(newest)) if seen >= MOST_IN_A_LIST && newest > at.since => {
            Then::More(Anywhere::Orders(At { since: newest, after: None, seen: 0, newest: Some(newest) }).text()?)
        }
        (true, Some(after), newest) => {
            Then::More(Anywhere::Orders(At { since: at.since, after: Some(after), seen, newest }).text()?)
        }
        (_, _, newest) => Then::Done(newest.map(|at| format!("{CURSOR}{}", moment(at)))),
    };
    Ok(Page {
        reported,
        removed: Vec::new(),
        documents: Documents::default(),
        payouts: Vec::new(),
        then,
        payload: answer.body,
    })
}
