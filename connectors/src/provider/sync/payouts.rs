//! What payouts are the sum of, asked once of each.
//!
//! It is recorded together with the page that told the payout: a crash before leaves both to the next try, and what was
//! recorded is not asked for again. The transactions themselves may come with later pages, or be older than the history.

use domain::account::{AccountCommand, PaidOut, Synced};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::reader::Reader;
use super::{SyncError, Syncer};
use crate::provider::retry::retried;
use crate::provider::{Aliases, Contents, Payout, ProviderError};

/// Pages that the contents of one payout may have; a provider that never ends them is not followed for ever.
const MOST_PAGES: u32 = 1_000;
/// Payouts that are asked for at a time. A year has hundreds, and one after the other they take as long as the history.
const AT_ONCE: usize = 4;

/// The provider's names of what is in a payout.
type Holds = Vec<(&'static str, String)>;

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
        let new: Vec<_> = payouts.iter().zip(own).filter(|(_, id)| !told.contains(id)).collect();
        let mut commands = Vec::new();
        for ((payout, id), holds) in new.iter().zip(self.all_held(&new).await?) {
            let holds = aliases.of_named(&holds).await?;
            let paid_out = |holds: &[_]| PaidOut { payout: *id, day: payout.day, holds: holds.to_vec() };
            commands.extend(holds.chunks(Synced::MOST).map(paid_out).map(AccountCommand::PayOut));
        }
        Ok(commands)
    }

    /// In their order, with a renewed token where the old one has expired.
    async fn all_held<T>(&mut self, payouts: &[(&Payout, T)]) -> Result<Vec<Holds>, SyncError> {
        match self.held_by(payouts).await {
            Err(ProviderError::TokenExpired) => {
                self.renew().await?;
                Ok(self.held_by(payouts).await?)
            }
            held => Ok(held?),
        }
    }

    async fn held_by<T>(&self, payouts: &[(&Payout, T)]) -> Result<Vec<Holds>, ProviderError> {
        let asked: Vec<_> = payouts.iter().map(|(payout, _)| self.held(payout)).collect();
        stream::iter(asked).buffered(AT_ONCE).try_collect().await
    }

    async fn held(&self, payout: &Payout) -> Result<Holds, ProviderError> {
        match self.whole(payout).await {
            // What was earned does not wait for it.
            Err(ProviderError::Refused { code }) => {
                tracing::warn!(source = %self.at.source, payout = payout.id, code, "what is in a payout is not told");
                Ok(Holds::new())
            }
            holds => holds,
        }
    }

    async fn whole(&self, payout: &Payout) -> Result<Holds, ProviderError> {
        let Syncer { connector, patience, .. } = *self.syncer;
        let (mut holds, mut page) = (Holds::new(), None);
        for _ in 0..MOST_PAGES {
            let asked = || connector.contents(self.credentials, payout, page.as_deref());
            let Contents { holds: some, next } = retried(patience, asked).await?;
            holds.extend(some);
            if next.is_none() {
                return Ok(holds);
            }
            page = next;
        }
        Err(ProviderError::unintelligible("a payout without an end"))
    }
}
