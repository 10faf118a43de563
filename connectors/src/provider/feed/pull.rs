//! A page of rows: by what the last answer said, by number, or all at once.

use chrono::{DateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};
use domain::Booked;
use serde::{Deserialize, Serialize};

use super::config::{Paging, Since, SinceFormat};
use super::rows::{Row, read};
use super::{Feed, map};
use crate::provider::{Credentials, Documents, FoundAccount, Page, Place, ProviderError, Then};

const CURSOR: &str = "since:";

/// Where a loop is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct At {
    /// The cursor or the number of the page.
    page: Option<String>,
    /// The newest moment of the loop.
    newest: Option<DateTime<Utc>>,
}

/// Whether the feed answers to its key as it is described.
pub(super) async fn first(feed: &Feed, credentials: &Credentials) -> Result<(), ProviderError> {
    answered(feed, credentials, None, &At::default()).await.map(|_| ())
}

fn asked(feed: &Feed, read: Option<DateTime<Utc>>, at: &At) -> Vec<(String, String)> {
    let mut query = Vec::new();
    if let Some(since) = &feed.config.since {
        query.push((since.parameter.clone(), told(since, read)));
    }
    match (&feed.config.paging, &at.page) {
        (Paging::Cursor { parameter, .. } | Paging::Page { parameter, .. }, Some(page)) => {
            query.push((parameter.clone(), page.clone()));
        }
        (Paging::Page { parameter, first }, None) => query.push((parameter.clone(), first.to_string())),
        _ => {}
    }
    query
}

fn told(since: &Since, read: Option<DateTime<Utc>>) -> String {
    let days = |days: u32| TimeDelta::days(i64::from(days));
    let from = read.map_or_else(|| Utc::now() - days(since.days), |read| read - days(since.overlap_days));
    match since.format {
        SinceFormat::Date => from.date_naive().to_string(),
        SinceFormat::Rfc3339 => from.to_rfc3339_opts(SecondsFormat::Secs, true),
        SinceFormat::Unix => from.timestamp().to_string(),
    }
}

async fn answered(
    feed: &Feed,
    credentials: &Credentials,
    read_until: Option<DateTime<Utc>>,
    at: &At,
) -> Result<(Page, Option<DateTime<Utc>>, Option<String>), ProviderError> {
    let answer = feed.get(credentials, &asked(feed, read_until, at)).await?;
    let pointer = match &feed.config.paging {
        Paging::Cursor { pointer, .. } => Some(pointer.as_str()),
        _ => None,
    };
    let found = read(&feed.config, &answer.body, pointer)?;
    let mut newest = at.newest;
    let mut reported = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        reported.push(map::row(&feed.config, row)?);
        newest = newest.max(moment(feed, row));
    }
    let next = match &feed.config.paging {
        Paging::None => None,
        Paging::Cursor { .. } => found.next,
        Paging::Page { .. } if found.rows.is_empty() => None,
        Paging::Page { first, .. } => {
            let page: u64 = at.page.as_ref().and_then(|page| page.parse().ok()).unwrap_or(*first);
            Some((page + 1).to_string())
        }
    };
    let payload = answer.body.clone();
    Ok((
        Page {
            reported,
            removed: Vec::new(),
            documents: Documents::default(),
            payouts: Vec::new(),
            then: Then::Done(None),
            payload,
        },
        newest,
        next,
    ))
}

/// What `since` compares of a row.
fn moment(feed: &Feed, row: &Row<'_>) -> Option<DateTime<Utc>> {
    let since = feed.config.since.as_ref()?;
    let text = row.get(since.field.as_ref().unwrap_or(&feed.config.fields.date))?;
    Some(match map::booked(&feed.config, &text)? {
        Booked::Instant(at) => at,
        Booked::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
    })
}

pub async fn page(
    feed: &Feed,
    credentials: &Credentials,
    account: &FoundAccount,
    place: Place<'_>,
) -> Result<Page, ProviderError> {
    let broken = |_| ProviderError::unintelligible("a place in the pages");
    let at: At = place.page.map(serde_json::from_str).transpose().map_err(broken)?.unwrap_or_default();
    let read = place.cursor.and_then(|cursor| cursor.strip_prefix(CURSOR)?.parse::<DateTime<Utc>>().ok());
    let (mut page, newest, next) = answered(feed, credentials, read, &at).await?;
    if next.is_some() && next == at.page {
        return Err(ProviderError::unintelligible("a page that names itself as the next"));
    }
    // An account is of one currency.
    page.reported.retain(|one| one.currency == account.currency);
    page.then = match next {
        Some(next) => Then::More(serde_json::to_string(&At { page: Some(next), newest }).map_err(broken)?),
        None => {
            Then::Done(newest.max(read).map(|at| format!("{CURSOR}{}", at.to_rfc3339_opts(SecondsFormat::Secs, true))))
        }
    };
    Ok(page)
}
