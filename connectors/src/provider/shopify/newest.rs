//! The first reading of a shop's orders, newest first: the page is of use long before all of them are there.
//!
//! Pages follow each other by when orders were made, which never changes, so that an order that changes meanwhile is in
//! its page all the same. What it changed to is read by its moment after the last page.

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::pull::At as Anywhere;
use super::shapes::{Connection, Data, NewestOrders};
use super::{Shopify, map, orders};
use crate::provider::{Credentials, Documents, Page, ProviderError, Reported, Then};

/// Pages end after 25,000 objects; before that a new list is begun at the oldest order that was read.
const MOST_IN_A_LIST: usize = 20_000;

/// Where the reading is.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct At {
    /// Orders of this list were made by then.
    until: Option<DateTime<Utc>>,
    after: Option<String>,
    /// Orders of this list so far.
    seen: usize,
    oldest: Option<DateTime<Utc>>,
    /// The newest change when the reading began: from there the next loop reads.
    changed: Option<DateTime<Utc>>,
}

impl At {
    /// Of the whole history, by the days that were read.
    pub fn percent(&self, shopify: &Shopify) -> u8 {
        let whole = i64::from(shopify.config.days).max(1) * 86_400;
        let read = self.oldest.map_or(0, |oldest| (Utc::now() - oldest).num_seconds());
        u8::try_from((read * 100 / whole).clamp(0, 99)).unwrap_or(99)
    }

    /// Where later loops go on.
    fn cursor(&self) -> Option<String> {
        self.changed.map(|at| format!("{}{}", orders::CURSOR, orders::moment(at)))
    }
}

/// One page.
pub(super) struct Read {
    pub reported: Vec<Reported>,
    /// `None`: it was the last one.
    pub next: Option<At>,
    pub cursor: Option<String>,
    pub payload: Bytes,
}

pub(super) async fn read(shopify: &Shopify, credentials: &Credentials, at: At) -> Result<Read, ProviderError> {
    let since = format!("updated_at:>='{}'", orders::moment(orders::history(shopify)));
    let made = at.until.map(|until| format!(" created_at:<='{}'", orders::moment(until)));
    let query = format!(
        "query($first: Int!, $after: String, $filter: String, $changed: String) {{
        orders(first: $first, after: $after, query: $filter, sortKey: CREATED_AT, reverse: true) {{
        nodes {{ createdAt {} }} pageInfo {{ hasNextPage endCursor }} }}
        changed: orders(first: 1, query: $changed, sortKey: UPDATED_AT, reverse: true) {{ nodes {{ updatedAt }} }} }}",
        orders::FIELDS
    );
    let variables = json!({
        "first": shopify.config.limit.clamp(1, 250),
        "after": at.after,
        "filter": format!("{since}{}", made.unwrap_or_default()),
        "changed": since,
    });
    let answer = shopify.query(credentials, &query, variables).await?;
    let Data { data: NewestOrders { orders: Connection { nodes, page_info }, changed } } = answer.read()?;
    let oldest = nodes.iter().map(|node| node.created_at).min().into_iter().chain(at.oldest).min();
    let seen = at.seen + nodes.len();
    let changed = at.changed.or_else(|| changed.nodes.first().map(|newest| newest.updated_at));
    let mut reported = Vec::with_capacity(nodes.len() * 2);
    for node in nodes {
        reported.extend(map::order(node.order)?);
    }
    let now = At { until: at.until, after: page_info.end_cursor, seen, oldest, changed };
    let cursor = now.cursor();
    let next = match page_info.has_next_page {
        false => None,
        true if seen >= MOST_IN_A_LIST && oldest < at.until.or(Some(DateTime::<Utc>::MAX_UTC)) => {
            Some(At { until: oldest, after: None, seen: 0, ..now })
        }
        true => Some(now),
    };
    Ok(Read { reported, next, cursor, payload: answer.body })
}

/// Where no bulk operation can be had: all of it in pages.
pub async fn page(shopify: &Shopify, credentials: &Credentials, at: At) -> Result<Page, ProviderError> {
    let Read { reported, next, cursor, payload } = read(shopify, credentials, at).await?;
    let then = match next {
        Some(next) => Then::More(Anywhere::Newest(next).text()?),
        None => Then::Done(cursor),
    };
    Ok(Page { reported, removed: Vec::new(), documents: Documents::default(), payouts: Vec::new(), then, payload })
}
