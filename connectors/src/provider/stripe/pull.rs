//! The balance's currencies as accounts, and a page of balance transactions.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};

use super::shapes::{Balance, List};
use super::{Stripe, map};
use crate::provider::{
    Balance as Held, Credentials, Documents, FoundAccount, Page, Place, ProviderError, Then, from_minor,
};

/// How far back the first loop reads.
const HISTORY: TimeDelta = TimeDelta::days(366);
/// What is read again each time: a transaction may show later than its moment says.
const OVERLAP: i64 = 3 * 86_400;
const CURSOR: &str = "created:";

pub async fn accounts(stripe: &Stripe, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
    let answer = stripe.get(&credentials.access, "/v1/balance", &[]).await?;
    let balance: Balance = answer.read()?;
    let mut available: BTreeMap<String, i64> = BTreeMap::new();
    let mut all: BTreeMap<String, i64> = BTreeMap::new();
    for part in &balance.available {
        *available.entry(part.currency.clone()).or_default() += part.amount;
        *all.entry(part.currency.clone()).or_default() += part.amount;
    }
    for part in &balance.pending {
        *all.entry(part.currency.clone()).or_default() += part.amount;
    }
    let of_currency = |(code, units): (String, i64)| {
        let currency = map::currency(&code)?;
        let held = available.get(&code).map(|units| from_minor(*units, currency));
        Ok(FoundAccount {
            id: format!("{}:{code}", credentials.external_id),
            name: format!("Stripe balance, {currency}"),
            currency,
            balance: Some(Held { current: from_minor(units, currency), available: held }),
            mark: None,
        })
    };
    all.into_iter().map(of_currency).collect()
}

/// Newest first. `place.page` names the last object of the page before and the newest moment of the loop.
pub async fn page(
    stripe: &Stripe,
    credentials: &Credentials,
    account: &FoundAccount,
    place: Place<'_>,
) -> Result<Page, ProviderError> {
    let read = place.cursor.and_then(|cursor| cursor.strip_prefix(CURSOR)).and_then(|at| at.parse::<i64>().ok());
    let since = read.map_or_else(|| (Utc::now() - HISTORY).timestamp(), |read| read - OVERLAP);
    let (after, newest) = match place.page.and_then(|page| page.split_once(' ')) {
        Some((after, newest)) => (Some(after), newest.parse::<i64>().ok()),
        None => (None, None),
    };
    let mut query = vec![
        ("limit", stripe.config.limit.clamp(1, 100).to_string()),
        ("currency", account.currency.code().to_ascii_lowercase()),
        ("created[gte]", since.to_string()),
        // A charge's own currency, where its money was converted.
        ("expand[]", "data.source".to_owned()),
    ];
    if let Some(after) = after {
        query.push(("starting_after", after.to_owned()));
    }
    let answer = stripe.get(&credentials.access, "/v1/balance_transactions", &query).await?;
    let List { data, has_more } = answer.read()?;
    let newest = newest.or_else(|| data.first().map(|first| first.created));
    let then = match (has_more, data.last()) {
        (true, Some(last)) => Then::More(format!("{} {}", last.id, newest.unwrap_or_default())),
        _ => Then::Done(newest.max(read).map(|at| format!("{CURSOR}{at}"))),
    };
    let mut reported = Vec::with_capacity(data.len() * 2);
    for one in &data {
        reported.extend(map::transaction(one)?);
    }
    // One list is of one currency; a server that does not filter must not mix them.
    reported.retain(|one| one.currency == account.currency);
    let payouts = data.iter().filter_map(map::payout).collect();
    Ok(Page { reported, removed: Vec::new(), documents: Documents::default(), payouts, then, payload: answer.body })
}
