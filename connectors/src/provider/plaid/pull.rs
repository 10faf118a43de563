//! Accounts with their balances, and a page of one account's changes.

use domain::Currency;
use serde_json::json;

use super::{Plaid, map, shapes};
use crate::provider::{Balance, Credentials, Documents, FoundAccount, Page, Place, ProviderError, Then, from_number};

/// The most that Plaid gives at once, and the most that one event carries.
const COUNT: u32 = 500;
/// All that was asked for is there.
const WHOLE: &str = "HISTORICAL_UPDATE_COMPLETE";

pub async fn accounts(plaid: &Plaid, credentials: &Credentials) -> Result<Vec<FoundAccount>, ProviderError> {
    let answer = plaid.call("/accounts/get", json!({"access_token": credentials.access.expose()})).await?;
    let found: shapes::Accounts<'_> = answer.read()?;
    let bank = found.item.and_then(|item| item.institution_id).unwrap_or_default();
    found.accounts.into_iter().filter_map(|account| of_account(account, &bank).transpose()).collect()
}

/// Accounts in units that are no currency (BTC, points) are not kept.
fn of_account(account: shapes::Account<'_>, bank: &str) -> Result<Option<FoundAccount>, ProviderError> {
    let currency: Option<Currency> = account.balances.iso_currency_code.as_deref().and_then(|code| code.parse().ok());
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
    // Without the digits of its number an account is like any other of its name.
    let mask = account.mask.filter(|mask| !mask.trim().is_empty());
    let mark = mask.map(|mask| [bank, mask.trim(), name.trim(), currency.code()].join("\n"));
    Ok(Some(FoundAccount { id: account.account_id, name, currency, balance, mark }))
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
        next if next.is_empty() => return Err(ProviderError::NotReady),
        // First come the last 30 days; the rest may take hours.
        next if page.transactions_update_status.is_some_and(|status| status != WHOLE) => Then::Early(Some(next)),
        next => Then::Done(Some(next)),
    };
    Ok(Page {
        reported,
        removed,
        documents: Documents::default(),
        payouts: Vec::new(),
        then,
        payload: answer.body.clone(),
    })
}
