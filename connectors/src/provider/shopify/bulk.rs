//! History by a bulk operation: one file with an order on each line, read in pieces.
//!
//! The shop keeps the operation, so nothing of it is kept here: while one of ours runs, orders are read in pages, newest
//! first, and where those end first they are all. One that is done is read.

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::RANGE;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::pull::At as Anywhere;
use super::shapes::{Bulk, BulkCurrent, BulkStarted, Data, Order};
use super::{Shopify, map, newest, orders};
use crate::provider::http::send;
use crate::provider::{Credentials, Documents, Page, ProviderError, Reported, Then};

/// Of the file at once: some thousand orders.
const PIECE: usize = 2 << 20;
/// An operation that is older is begun anew: what changed since is much, and its file is kept 7 days.
const OLDEST: TimeDelta = TimeDelta::hours(12);
/// Stands in our query, so that it is told from one of another app's.
const MARK: &str = "# workdock history";

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum At {
    /// `newest`: what is read meanwhile.
    Waiting {
        newest: newest::At,
    },
    Reading {
        url: String,
        offset: usize,
        began: DateTime<Utc>,
        percent: u8,
    },
}

impl At {
    /// Of the whole history; the file tells its length with its last piece alone.
    pub fn percent(&self, shopify: &Shopify) -> u8 {
        match self {
            Self::Waiting { newest } => newest.percent(shopify),
            Self::Reading { percent, .. } => *percent,
        }
    }

    fn waiting() -> Self {
        Self::Waiting { newest: newest::At::default() }
    }
}

/// What an answer told, and the answer.
type Told = (Vec<Reported>, Bytes);

/// The operation alone was asked after: its answers tell no orders, and hold the address that opens its file.
fn nothing() -> Told {
    (Vec::new(), Bytes::new())
}

fn more((reported, payload): Told, then: At) -> Result<Page, ProviderError> {
    Ok(Page {
        reported,
        removed: Vec::new(),
        documents: Documents::default(),
        payouts: Vec::new(),
        then: Then::More(Anywhere::Bulk(then).text()?),
        payload,
    })
}

async fn current(shopify: &Shopify, credentials: &Credentials) -> Result<Option<Bulk>, ProviderError> {
    const CURRENT: &str = "query { currentBulkOperation { status createdAt query url } }";
    let answer = shopify.query(credentials, CURRENT, json!({})).await?;
    Ok(answer.read::<Data<BulkCurrent>>()?.data.current_bulk_operation)
}

/// Goes on with an operation of ours, or starts one. Where none can be started, history is read page by page.
pub async fn begin(shopify: &Shopify, credentials: &Credentials) -> Result<Page, ProviderError> {
    if let Some(found) = current(shopify, credentials).await?
        && found.query.contains(MARK)
        && Utc::now() - found.created_at < OLDEST
        && matches!(found.status.as_str(), "CREATED" | "RUNNING" | "COMPLETED")
    {
        return more(nothing(), At::waiting());
    }
    const RUN: &str = "mutation($query: String!) { bulkOperationRunQuery(query: $query) { \
        bulkOperation { status createdAt query url } userErrors { field message } } }";
    let since = orders::moment(orders::history(shopify));
    let query = format!(
        "{{ {MARK}\n orders(query: \"updated_at:>='{since}'\") {{ edges {{ node {{ {} }} }} }} }}",
        orders::FIELDS
    );
    let answer = shopify.query(credentials, RUN, json!({"query": query})).await?;
    let started = answer.read::<Data<BulkStarted>>()?.data.bulk_operation_run_query;
    if started.bulk_operation.is_none() || !started.user_errors.is_empty() {
        return in_pages(shopify, credentials).await;
    }
    more(nothing(), At::waiting())
}

async fn in_pages(shopify: &Shopify, credentials: &Credentials) -> Result<Page, ProviderError> {
    newest::page(shopify, credentials, newest::At::default()).await
}

pub async fn page(shopify: &Shopify, credentials: &Credentials, at: At) -> Result<Page, ProviderError> {
    match at {
        At::Waiting { newest } => look(shopify, credentials, newest).await,
        At::Reading { url, offset, began, percent } => read(shopify, url, offset, (began, percent)).await,
    }
}

async fn look(shopify: &Shopify, credentials: &Credentials, newest: newest::At) -> Result<Page, ProviderError> {
    let Some(found) = current(shopify, credentials).await? else { return in_pages(shopify, credentials).await };
    match (found.status.as_str(), found.url) {
        ("COMPLETED", Some(url)) => {
            let percent = newest.percent(shopify);
            more(nothing(), At::Reading { url, offset: 0, began: found.created_at, percent })
        }
        // Nothing was sold yet.
        ("COMPLETED", None) => then_changes(shopify, nothing(), found.created_at),
        // Reading is better than waiting.
        ("CREATED" | "RUNNING", _) => {
            let newest::Read { reported, next, cursor, payload } = newest::read(shopify, credentials, newest).await?;
            match next {
                Some(newest) => more((reported, payload), At::Waiting { newest }),
                None => Ok(Page {
                    reported,
                    removed: Vec::new(),
                    documents: Documents::default(),
                    payouts: Vec::new(),
                    then: Then::Done(cursor),
                    payload,
                }),
            }
        }
        // Failed, cancelled, expired.
        _ => in_pages(shopify, credentials).await,
    }
}

/// What changed since the operation began is read next, by its moment: it may be hours old.
fn then_changes(shopify: &Shopify, (reported, payload): Told, began: DateTime<Utc>) -> Result<Page, ProviderError> {
    let cursor = format!("{}{}", orders::CURSOR, orders::moment(began));
    let changes = Anywhere::Orders(orders::At::after(shopify, Some(&cursor))?);
    Ok(Page {
        reported,
        removed: Vec::new(),
        documents: Documents::default(),
        payouts: Vec::new(),
        then: Then::More(changes.text()?),
        payload,
    })
}

/// A piece of the file up to its last whole line. The address is signed and needs no token.
async fn read(
    shopify: &Shopify,
    url: String,
    offset: usize,
    (began, percent): (DateTime<Utc>, u8),
) -> Result<Page, ProviderError> {
    let range = format!("bytes={offset}-{}", offset + PIECE - 1);
    let answer = send(shopify.http.get(&url).header(RANGE, range)).await?;
    let (bytes, is_last) = match answer.status {
        206 => (&answer.body[..], answer.body.len() < PIECE),
        // The whole file, whatever was asked for.
        200 => (answer.body.get(offset..).unwrap_or_default(), true),
        // There is nothing after the last piece.
        416 => (&[][..], true),
        429 | 500.. => return Err(ProviderError::unavailable(answer.status.to_string())),
        // Its address is over its time: the next round asks for another.
        _ => return Err(ProviderError::Restart),
    };
    let whole =
        if is_last { bytes.len() } else { bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) };
    if whole == 0 && !is_last {
        return Err(ProviderError::unintelligible("a line of the bulk operation's file without an end"));
    }
    let mut reported = Vec::new();
    for line in bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let order: Order = serde_json::from_slice(line)
            .map_err(|_| ProviderError::unintelligible("a line of the bulk operation's file"))?;
        reported.extend(map::order(order)?);
    }
    if is_last {
        return then_changes(shopify, (reported, answer.body), began);
    }
    // Half of what is left with each piece: how many there are is not told.
    let percent = percent + (100 - percent.min(100)) / 2;
    more((reported, answer.body), At::Reading { url, offset: offset + whole, began, percent })
}
