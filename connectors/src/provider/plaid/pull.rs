//! Accounts with their balances, and a page of one account's changes.

use serde_json::json;

use super::{Plaid, map, shapes};
use crate::provider::{Balance, Credentials, FoundAccount, Page, Place, ProviderError, Then, from_number};

/// The most that Plaid gives at once, and the most that one event carries.
const COUNT: u32 = 500;

pub async fn accounts(plaid: &Plaid, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
    let answer = plaid.call("/accounts/get", json!({"access_token": credentials.access.expose()})).await?;
    let found: shapes::Accounts<'_> = answer.read()?;
    found.accounts.into_iter().filter_map(|account| of_account(account).transpose()).collect()
}

/// Accounts in units that are no currency (BTC, points) are not kept.
fn of_account(account: shapes::Account<'_>) -> Result<Option<FoundAccount>, ProviderError> {
    let currency = account.balances.iso_currency_code.as_deref().and_then(|code| code.parse().ok());
    let Some(currency) = currency else { return Ok(None) };
    let read = |number: Option<&serde_json::value::RawValue>| {
        let amount = number.map(from_number).transpose();
        amount.map_err(|_| ProviderError::unintelligible("accounts.balances is no decimal"))
    };
    // What is owed on a card or a loan is positive there.
    let owed = matches!(account.kind.as_str(), "credit" | "loan");
    let (current, available) = (read(account.balances.current)?, read(account.balances.available)?);
    let balance = current.map(|current| Balance {
        current: if owed { -current } else { current },
        available: if owed { None } else { available },
    });
    let name = if account.name.trim().is_empty() { account.account_id.clone() } else { account.name };
    Ok(Some(FoundAccount { id: account.account_id, name, currency, balance }))
}

pub async fn page(
    plaid: &Plaid,
    credentials: &Credentials,
    account: &FoundAccount,
    place: Place<'_>,
) -> Result<Page, ProviderError> {
    let mut body = json!({
        "access_token": credentials.access.expose(),
        "count": COUNT,
        "options": {"account_id": account.id},
    });
    if let Some(cursor) = place.page.or(place.cursor) {
        body["cursor"] = json!(cursor);
    }
    let answer = plaid.call("/transactions/sync", body).await?;
    let page: shapes::Sync<'_> = answer.read()?;
    let told = page.added.into_iter().chain(page.modified);
    let reported = told.map(|one| map::transaction(one, account.currency)).collect::<Result<_, _>>()?;
    let removed = page.removed.into_iter().map(|gone| (map::ENTITY, gone.transaction_id)).collect();
    let then = match page.next_cursor {
        next if page.has_more => Then::More(next),
        // Nothing is there yet, so there is nothing to go on from.
        next if next.is_empty() => Then::Done(None),
        next => Then::Done(Some(next)),
    };
    Ok(Page { reported, removed, then })
}
