//! What a payout is the sum of, as its provider says.

use std::collections::HashSet;

use super::{AccountError, AccountEvent, Known, PaidOut, Synced};
use crate::AccountId;

pub(super) async fn decide(
    account: AccountId,
    told: PaidOut,
    known: &dyn Known,
) -> Result<Option<AccountEvent>, AccountError> {
    if told.holds.len() > Synced::MOST {
        return Err(AccountError::PageTooLarge(told.holds.len()));
    }
    let before = known.paid_out_with(account, &told.holds).await?;
    let PaidOut { payout, day, mut holds } = told;
    let mut seen = HashSet::with_capacity(holds.len());
    // A payout is no part of itself.
    holds.retain(|id| *id != payout && before.get(id) != Some(&payout) && seen.insert(*id));
    Ok((!holds.is_empty()).then_some(AccountEvent::PaidOut(PaidOut { payout, day, holds })))
}
