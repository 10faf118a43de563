//! Transactions that are the same money.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{BusinessId, MatchId, TransactionId};
use streams::matches::{Kept, Matches, State};

use super::{Page, Reader};
use crate::failure::Failure;
use crate::views::TransactionRow;

#[derive(Debug)]
pub struct MatchPage {
    pub rows: Vec<Kept>,
    pub has_next: bool,
    /// How many wait for somebody to say, on all pages.
    pub proposed: i64,
}

impl Reader {
    /// With which payouts those of these transactions were paid out whose provider says it, as that stands now.
    pub async fn payouts_of(&self, rows: &[TransactionRow]) -> Result<HashMap<TransactionId, TransactionId>, Failure> {
        let mut accounts: Vec<_> = rows.iter().map(|row| row.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        Ok(streams::payouts::of_accounts(&self.pool, &accounts, &ids).await?)
    }

    /// Newest day first; `of`: those alone that a transaction is a leg of.
    pub async fn matches(
        &self,
        business: BusinessId,
        states: &[State],
        of: Option<TransactionId>,
        page: Page<(NaiveDate, MatchId)>,
    ) -> Result<MatchPage, Failure> {
        let matches = Matches::new(self.pool.clone());
        let mut rows = matches.list(business, (states, of), page.after, page.limit()).await?;
        let has_next = rows.len() > usize::from(page.first);
        rows.truncate(usize::from(page.first));
        let proposed = matches.counts(business).await?.remove(State::Proposed.as_str()).unwrap_or_default();
        Ok(MatchPage { rows, has_next, proposed })
    }
}
