//! Reads one account from its cursor to the end.

use domain::account::AccountError;
use domain::{AccountId, TimeZone, Transaction};
use streams::files::Payloads;
use streams::{CommandError, Receipt};

use super::apply::Applied;
use super::documents::Heard;
use super::rates::Converted;
use super::{Outcome, SourceAt, SyncError, Syncer, Watch, former, pending};
use crate::provider::retry::retried;
use crate::provider::{Aliases, Credentials, FoundAccount, Page, Place, ProviderError, Then};

/// How often a loop may be begun anew before the source is left for the next round.
const RESTARTS: u32 = 5;
/// Pages that one loop may have; a provider that never ends one is not followed for ever.
const MOST_PAGES: u32 = 10_000;

pub(super) struct Reader<'a, 's> {
    pub syncer: &'a Syncer<'s>,
    pub at: SourceAt,
    pub id: AccountId,
    /// A cursor of another id: where the account stands at it, it is read from the beginning.
    pub left_at: Option<String>,
    pub credentials: &'a mut Credentials,
    pub account: &'a FoundAccount,
    pub watch: &'a dyn Watch,
}

impl Reader<'_, '_> {
    /// `None` where nothing is there yet, or nothing is wanted any more.
    pub async fn read(&mut self, outcome: &mut Outcome) -> Result<Option<Receipt>, SyncError> {
        let id = self.id;
        let cursor = self.syncer.commands.account_cursor(id).await?;
        for _ in 0..=RESTARTS {
            match self.read_loop(id, cursor.as_deref(), outcome).await {
                Err(SyncError::Provider(ProviderError::Restart)) => outcome.restarts += 1,
                Err(SyncError::Provider(ProviderError::NotReady)) => {
                    outcome.unready += 1;
                    return Ok(None);
                }
                // The user closed the account: what is for it is dropped.
                Err(SyncError::Command(CommandError::Account(AccountError::Closed))) => return Ok(None),
                result => return result.map(Some),
            }
        }
        Err(ProviderError::unavailable("the data change faster than they are read").into())
    }

    /// From a cursor to the end.
    async fn read_loop(
        &mut self,
        id: AccountId,
        cursor: Option<&str>,
        outcome: &mut Outcome,
    ) -> Result<Receipt, SyncError> {
        let aliases = Aliases::new(self.syncer.pool.clone(), self.at.source);
        let meta = self.syncer.meta(self.at);
        let mut applied = Applied::new(id, cursor);
        let from = cursor.filter(|cursor| self.left_at.as_deref() != Some(*cursor));
        let mut converted = Converted::default();
        let keys = self.syncer.commands.keys().clone();
        let mut payloads = Payloads::new(self.syncer.pool.clone(), keys, self.at.business);
        let mut told_payouts = Vec::new();
        let mut heard = Heard::of(self.at.source);
        let business = self.syncer.commands.business_now(self.at.business).await?;
        let zone = business.time_zone().unwrap_or(TimeZone::UTC);
        let mut place: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let Page { reported, removed, documents, payouts, then, payload } =
                self.page(from, place.as_deref()).await?;
            outcome.pages += 1;
            let oldest = reported.iter().map(|one| one.booked.day(TimeZone::UTC)).min();
            let percent = match &then {
                Then::More(next) => self.syncer.connector.progress(next),
                _ => Some(100),
            };
            self.watch.page(reported.len(), oldest, percent).await;
            converted.take(&reported, zone);
            // One that told nothing is no evidence of anything.
            let payload = match reported.is_empty() && removed.is_empty() {
                true => None,
                false => payloads.take(payload).await?,
            };
            applied.take(reported, removed, payload);
            heard.take(documents);
            told_payouts.extend(payouts);
            let is_early = matches!(then, Then::Early(_));
            let (end, whole_from) = match then {
                Then::More(next) => {
                    place = Some(next);
                    (None, None)
                }
                Then::Done(next) | Then::Early(next) => (Some(next), None),
                Then::Whole { cursor, from } => (Some(cursor), Some(from)),
            };
            let end = end.map(|next| next.or_else(|| cursor.map(ToOwned::to_owned)));
            let is_full = applied.is_full() || heard.is_full();
            if end.is_none() && (self.syncer.connector.is_loop_whole() || !is_full) {
                continue;
            }
            former::recognise(self.syncer, &aliases, id, applied.reported(), from.is_none()).await?;
            let mut pages = applied.pages(&aliases, end.as_ref()).await?;
            if end.is_some() && from.is_none() {
                let unsettled = former::unsettled(self.syncer.pool, id).await?;
                pages.splice(0..0, applied.taken_back(&unsettled));
            }
            if let Some(from) = whole_from {
                let gone = self.syncer.commands.account_but(id, &applied.told, from).await?;
                missing(&gone, &applied, &aliases).believed()?;
                let gone: Vec<_> = gone.iter().map(|one| one.id).collect();
                pages.splice(0..0, applied.taken_back(&gone));
                heard.end(self.syncer.pool, id, from, &gone).await?;
            }
            // With the cursor behind which nobody asks for them any more.
            pages.extend(self.paid_out(&aliases, &std::mem::take(&mut told_payouts)).await?);
            pages.append(&mut heard.commands(&aliases).await?);
            converted.record(self.syncer, self.at).await?;
            pending::write(self.syncer.pool, self.at.source, id, &applied.marks).await?;
            let receipt = self.syncer.commands.account_told(id, pages, &payloads, &meta).await?;
            payloads.forget();
            outcome.counts.added += receipt.counts.added;
            outcome.counts.amended += receipt.counts.amended;
            outcome.counts.removed += receipt.counts.removed;
            self.watch.recorded(receipt.counts).await;
            if end.is_some() {
                outcome.early += u32::from(is_early);
                if !is_early {
                    former::forget(self.syncer.pool, id).await?;
                }
                return Ok(receipt);
            }
        }
        Err(ProviderError::unintelligible("a list without an end").into())
    }

    /// One page, with a renewed token where the old one has expired.
    async fn page(&mut self, cursor: Option<&str>, page: Option<&str>) -> Result<Page, SyncError> {
        let Syncer { connector, patience, .. } = *self.syncer;
        let place = Place { cursor, page };
        let answer = retried(patience, || connector.pull(self.credentials, self.account, place)).await;
        match answer {
            Err(ProviderError::TokenExpired) => {
                self.renew().await?;
                Ok(retried(patience, || connector.pull(self.credentials, self.account, place)).await?)
            }
            answer => Ok(answer?),
        }
    }

    pub(super) async fn renew(&mut self) -> Result<(), SyncError> {
        let Syncer { connector, vault, .. } = *self.syncer;
        let renewed = vault.open(self.at.business, self.at.source, connector, Some(self.credentials)).await?;
        *self.credentials = renewed;
        Ok(())
    }
}

/// What may be gone of objects that are not told at all any more, and of all: somebody deletes some in a month, and a
/// provider that does not let us see them any more leaves out all.
const MOST_SILENT: usize = 2;
const MOST_GONE: usize = 20;
const MOST_PERCENT: usize = 10;

/// What a list of everything does not tell any more.
pub(super) struct Missing {
    pub gone: usize,
    /// Those of them of whose type nothing is told at all.
    pub silent: usize,
    /// What was known or told.
    pub known: usize,
}

impl Missing {
    /// Whether the list is what is left, and not what we may see of it.
    pub(super) fn believed(&self) -> Result<(), ProviderError> {
        let Self { gone, silent, known } = *self;
        let many = gone > MOST_GONE && gone * 100 > known * MOST_PERCENT;
        if silent > MOST_SILENT || many { Err(ProviderError::Vanished { gone, known }) } else { Ok(()) }
    }
}

fn missing(gone: &[Transaction], applied: &Applied, aliases: &Aliases) -> Missing {
    let is_silent = |one: &&Transaction| !applied.entities.iter().any(|entity| aliases.is_of(entity, one));
    let silent = gone.iter().filter(is_silent).count();
    Missing { gone: gone.len(), silent, known: gone.len() + applied.told.len() }
}
