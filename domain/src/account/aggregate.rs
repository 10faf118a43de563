use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use super::{
    AccountCommand, AccountError, AccountEvent, Known, MatchRefused, Synced, beside, document, payload, payout,
    recategorise, split,
};
use crate::transaction::progress_day;
use crate::{AccountId, Amended, BatchId, Transaction, TransactionId};

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Events applied so far: the version that the index must have.
    version: u64,
    open: Option<Open>,
    closed: bool,
    /// The day from which on its balances are said to differ.
    #[serde(default)]
    differs_from: Option<NaiveDate>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Open {
    id: AccountId,
    name: String,
    cursor: Option<String>,
    newest_day: Option<NaiveDate>,
    batch: Option<Batch>,
}

/// The running batch, and what was known when it began.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Batch {
    id: BatchId,
    known_until: Option<NaiveDate>,
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Error = AccountError;
    type Services = Arc<dyn Known>;

    async fn handle(
        &mut self,
        command: Self::Command,
        known: &Self::Services,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        let event = match command {
            AccountCommand::Sync { batch, to_cursor, reported, removed, told } => {
                let page = self.sync(batch, to_cursor, reported, removed, known.as_ref()).await?;
                page.map(|page| AccountEvent::Synced(Synced { payloads: payload::behind(&page, told), ..page }))
            }
            AccountCommand::Recategorise { decisions, note } => {
                recategorise::decide(self.opened_once()?, self.version, decisions, note, known.as_ref()).await?
            }
            AccountCommand::Keep(command) => {
                beside::decide(self.opened_once()?, self.version, command, known.as_ref()).await?
            }
            AccountCommand::PayOut(told) => payout::decide(self.opened()?.id, told, known.as_ref()).await?,
            AccountCommand::TellDocuments(told) => {
                for event in document::decide(self.opened()?.id, told, known.as_ref()).await? {
                    sink.write(event, self).await;
                }
                None
            }
            AccountCommand::Split(command) => {
                split::decide(self.opened_once()?, self.version, command, known.as_ref()).await?
            }
            command => self.decide(command)?,
        };
        if let Some(event) = event {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.version += 1;
        match event {
            AccountEvent::Opened { id, name, .. } => {
                self.open = Some(Open { id, name, cursor: None, newest_day: None, batch: None });
            }
            AccountEvent::Renamed { name } => {
                if let Some(open) = &mut self.open {
                    open.name = name;
                }
            }
            AccountEvent::Synced(page) => {
                if let Some(open) = &mut self.open {
                    open.apply_page(&page);
                }
            }
            AccountEvent::Recategorised(_)
            | AccountEvent::Split(_)
            | AccountEvent::Unsplit(_)
            | AccountEvent::MatchRefused(_)
            | AccountEvent::PaidOut(_)
            | AccountEvent::DocumentsTold(_)
            | AccountEvent::Attached(_)
            | AccountEvent::Detached(_)
            | AccountEvent::MemoSet(_) => {}
            AccountEvent::DriftFound(drift) => self.differs_from = Some(drift.from),
            AccountEvent::DriftEnded => self.differs_from = None,
            AccountEvent::Closed => self.closed = true,
        }
    }
}

impl Open {
    fn apply_page(&mut self, page: &Synced) {
        self.cursor.clone_from(&page.to_cursor);
        self.batch = Some(Batch { id: page.batch, known_until: page.known_until });
        let days = page.added.iter().chain(page.amended.iter().map(|amended| &amended.now));
        self.newest_day = days.map(|transaction| progress_day(transaction.booked)).max().max(self.newest_day);
    }

    fn known_until(&self, batch: BatchId) -> Option<NaiveDate> {
        match self.batch {
            Some(running) if running.id == batch => running.known_until,
            _ => self.newest_day,
        }
    }
}

impl Account {
    /// Up to where its source has been read; `None` before the first page and for sources without cursors.
    pub fn cursor(&self) -> Option<&str> {
        self.open.as_ref().and_then(|open| open.cursor.as_deref())
    }

    fn opened(&self) -> Result<&Open, AccountError> {
        if self.closed {
            return Err(AccountError::Closed);
        }
        self.open.as_ref().ok_or(AccountError::NotOpen)
    }

    /// Also of a closed account: what its past means may be seen anew.
    fn opened_once(&self) -> Result<AccountId, AccountError> {
        self.open.as_ref().map(|open| open.id).ok_or(AccountError::NotOpen)
    }

    fn decide(&self, command: AccountCommand) -> Result<Option<AccountEvent>, AccountError> {
        Ok(match command {
            AccountCommand::Open { id, business, source, name, currency, external_id } => {
                if self.open.is_some() {
                    return Err(AccountError::AlreadyOpen);
                }
                let name = valid_name(&name)?;
                Some(AccountEvent::Opened { id, business, source, name, currency, external_id })
            }
            AccountCommand::Rename { name } => {
                let open = self.opened()?;
                let name = valid_name(&name)?;
                (name != open.name).then_some(AccountEvent::Renamed { name })
            }
            AccountCommand::Close => {
                self.opened()?;
                Some(AccountEvent::Closed)
            }
            AccountCommand::RefuseMatch { found } => {
                self.opened_once()?;
                Some(AccountEvent::MatchRefused(MatchRefused { found: *found }))
            }
            AccountCommand::Check { drift } => {
                self.opened()?;
                let is_known = drift.as_ref().map(|drift| drift.from) == self.differs_from;
                (!is_known).then(|| drift.map_or(AccountEvent::DriftEnded, AccountEvent::DriftFound))
            }
            AccountCommand::Sync { .. }
            | AccountCommand::Recategorise { .. }
            | AccountCommand::Keep(_)
            | AccountCommand::PayOut(_)
            | AccountCommand::TellDocuments(_)
            | AccountCommand::Split(_) => None,
        })
    }

    /// Compares a page with what is known and keeps the difference.
    async fn sync(
        &self,
        batch: BatchId,
        to_cursor: Option<String>,
        reported: Vec<Transaction>,
        removed: Vec<TransactionId>,
        known: &dyn Known,
    ) -> Result<Option<Synced>, AccountError> {
        let open = self.opened()?;
        let ids = named_once(&reported, &removed)?;
        let revisions = known.lookup(open.id, self.version, &ids).await?;

        let mut added = Vec::with_capacity(reported.len());
        let mut changed = Vec::new();
        for transaction in reported {
            match revisions.get(&transaction.id) {
                None => added.push(transaction),
                Some(revision) if revision.content != transaction.content() => changed.push(transaction),
                Some(_) => {}
            }
        }
        let changed_ids = changed.iter().map(|transaction| transaction.id);
        let wanted: Vec<_> = changed_ids
            .chain(removed.iter().copied())
            .filter_map(|id| revisions.get(&id).map(|revision| (id, revision.version)))
            .collect();
        let mut earlier = match wanted.is_empty() {
            true => std::collections::HashMap::new(),
            false => known.revisions(open.id, &wanted).await?,
        };
        let mut amended = Vec::with_capacity(changed.len());
        for now in changed {
            let was = earlier.remove(&now.id).ok_or(super::LookupError::Stale)?;
            let now = now.after(&was);
            amended.push(Amended::new(was, now));
        }
        let removed: Vec<_> = removed.iter().filter_map(|id| earlier.remove(id)).collect();

        let page = Synced {
            batch,
            from_cursor: open.cursor.clone(),
            known_until: open.known_until(batch),
            to_cursor,
            added,
            amended,
            removed,
            payloads: Vec::new(),
        };
        let moves = page.from_cursor != page.to_cursor && page.to_cursor.is_some();
        Ok((moves || !page.is_empty()).then_some(page))
    }
}

fn named_once(reported: &[Transaction], removed: &[TransactionId]) -> Result<Vec<TransactionId>, AccountError> {
    let count = reported.len() + removed.len();
    if count > Synced::MOST {
        return Err(AccountError::PageTooLarge(count));
    }
    let ids: Vec<_> = reported.iter().map(|transaction| transaction.id).chain(removed.iter().copied()).collect();
    let mut seen = HashSet::with_capacity(count);
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(twice) => Err(AccountError::NamedTwice(*twice)),
        None => Ok(ids),
    }
}

fn valid_name(name: &str) -> Result<String, AccountError> {
    let name = name.trim();
    if (1..=120).contains(&name.chars().count()) { Ok(name.to_owned()) } else { Err(AccountError::InvalidName) }
}
