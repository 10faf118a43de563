//! What payouts are the sum of, asked once of each.
//!
//! It is recorded together with the page that told the payout: a crash before leaves both to the next try, and what was
//! recorded is not asked for again. The transactions themselves may come with later pages, or be older than the history.

use domain::account::{AccountCommand, PaidOut, Synced};

use super::reader::Reader;
use super::{SyncError, Syncer};
use crate::provider::retry::retried;
use crate::provider::{Aliases, Contents, Payout, ProviderError};

/// Pages that the contents of one payout may have; a provider that never ends them is not followed for ever.
const MOST_PAGES: u32 = 1_000;

impl Reader<'_, '_> {
    /// Of those payouts of which nothing was told yet.
    pub(super) async fn paid_out(
        &mut self,
        aliases: &Aliases,
        payouts: &[Payout],
    ) -> Result<Vec<AccountCommand>, SyncError> {
        if payouts.is_empty() {
            return Ok(Vec::new());
        }
        let own: Vec<_> = payouts.iter().map(|payout| payout.transaction.clone()).collect();
        let own = aliases.of_named(&own).await?;
        let told = streams::payouts::told(self.syncer.pool, self.at.business, &own).await?;
        let mut commands = Vec::new();
        for (payout, id) in payouts.iter().zip(own).filter(|(_, id)| !told.contains(id)) {
            let holds = match self.holds(payout).await {
                // What was earned does not wait for it.
                Err(SyncError::Provider(ProviderError::Refused { code })) => {
                    tracing::warn!(source = %self.at.source, payout = payout.id, code, "what is in a payout is not told");
                    continue;
                }
                holds => aliases.of_named(&holds?).await?,
            };
            let paid_out = |holds: &[_]| PaidOut { payout: id, day: payout.day, holds: holds.to_vec() };
            commands.extend(holds.chunks(Synced::MOST).map(paid_out).map(AccountCommand::PayOut));
        }
        Ok(commands)
    }

    async fn holds(&mut self, payout: &Payout) -> Result<Vec<(&'static str, String)>, SyncError> {
        let (mut holds, mut page) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let Contents { holds: some, next } = self.contents(payout, page.as_deref()).await?;
            holds.extend(some);
            if next.is_none() {
                return Ok(holds);
            }
            page = next;
        }
        Err(ProviderError::unintelligible("a payout without an end").into())
    }

    /// One page, with a renewed token where the old one has expired.
    async fn contents(&mut self, payout: &Payout, page: Option<&str>) -> Result<Contents, SyncError> {
        let Syncer { connector, patience, .. } = *self.syncer;
        match retried(patience, || connector.contents(self.credentials, payout, page)).await {
            Err(ProviderError::TokenExpired) => {
                self.renew().await?;
                Ok(retried(patience, || connector.contents(self.credentials, payout, page)).await?)
            }
            answer => Ok(answer?),
        }
    }
}
