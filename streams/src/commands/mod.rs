//! Commands: load, decide, append, and again where another writer was faster.
//!
//! A command is decided by the aggregate alone; what it decides is appended in one statement guarded by the
//! aggregate's sequence. A lost race is decided again on what is there now, a bounded number of times.

mod error;
mod meta;
mod positions;
mod rates;
mod receipt;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use domain::account::{Account, AccountCommand, AccountError, AccountEvent, Known};
use domain::business::{Business, BusinessCommand};
use domain::personal::Personal;
use domain::rates::Rates;
use domain::security::SecurityEvent;
use domain::source::{Health, Source, SourceCommand};
use domain::{AccountId, BusinessId, Code, SourceId, Transaction, TransactionId};
use rand::Rng;
use sqlx::PgPool;
use uuid::Uuid;

pub use error::CommandError;
pub use meta::Meta;
pub use rates::RatesRecorded;
pub use receipt::{Counts, Positions, Receipt};

use crate::decode::Decode;
use crate::files::Payloads;
use crate::index::{AccountIndex, Changes, Overlay};
use crate::matches::Matches;
use crate::sealing::Keys;
use crate::security::{Journal, SecurityLog, variant_name};
use crate::store::{Loaded, Store, StoreError};
use crate::upcast::Upcasters;
use positions::PositionWatch;

/// How often a command is decided before it is given up as a conflict.
pub const ATTEMPTS: u32 = 10;

/// The longest wait for a position before [`CommandError::NotSequenced`].
const PATIENCE: Duration = Duration::from_secs(10);

/// The write side. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Commands(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Keys,
    businesses: Store<Business>,
    sources: Store<Source>,
    accounts: Store<Account>,
    rates: Store<Rates>,
    index: Arc<AccountIndex>,
    positions: PositionWatch,
    matches: Matches,
    journal: SecurityLog,
}

impl Commands {
    /// `keys`: what texts are sealed with.
    pub fn new(pool: PgPool, keys: Keys) -> Self {
        Self::with_upcasters(pool, keys, Upcasters::current())
    }

    /// With other upcasters than the program's own.
    pub fn with_upcasters(pool: PgPool, keys: Keys, upcasters: &'static Upcasters) -> Self {
        Self(Arc::new(Inner {
            keys: keys.clone(),
            businesses: Store::new(pool.clone(), keys.clone(), upcasters),
            sources: Store::new(pool.clone(), keys.clone(), upcasters),
            accounts: Store::new(pool.clone(), keys.clone(), upcasters).with_snapshots(),
            rates: Store::new(pool.clone(), keys.clone(), upcasters),
            index: Arc::new(AccountIndex::new(pool.clone(), keys.clone(), upcasters)),
            positions: PositionWatch::new(pool.clone()),
            matches: Matches::new(pool.clone()),
            journal: SecurityLog::new(pool, keys),
        }))
    }

    /// What texts are sealed with.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Which transactions were found to be the same money.
    pub fn matches(&self) -> &Matches {
        &self.0.matches
    }

    /// Where refused commands are recorded; to be shared with the edges, so that all keep one bound.
    pub fn journal(&self) -> SecurityLog {
        self.0.journal.clone()
    }

    pub async fn business(
        &self,
        id: BusinessId,
        command: BusinessCommand,
        meta: &Meta,
    ) -> Result<Receipt, CommandError> {
        let decided = again(|| execute(&self.0.businesses, id.as_uuid(), command.clone(), meta)).await;
        let decided = as_owner(&self.0.businesses, id.as_uuid(), decided, meta).await;
        self.recorded(decided, (Business::TYPE, id.as_uuid()), &command, meta).await
    }

    /// A business as its events leave it: for what is small and must not lag, such as who was invited.
    pub async fn business_now(&self, id: BusinessId) -> Result<Business, CommandError> {
        let loaded = self.0.businesses.load(id.as_uuid()).await;
        loaded.map(|loaded| loaded.aggregate).map_err(|error| CommandError::of_store(Business::TYPE, error))
    }

    pub async fn source(&self, id: SourceId, command: SourceCommand, meta: &Meta) -> Result<Receipt, CommandError> {
        let decided = again(|| execute(&self.0.sources, id.as_uuid(), command.clone(), meta)).await;
        let decided = as_owner(&self.0.sources, id.as_uuid(), decided, meta).await;
        self.recorded(decided, (Source::TYPE, id.as_uuid()), &command, meta).await
    }

    pub async fn account(&self, id: AccountId, command: AccountCommand, meta: &Meta) -> Result<Receipt, CommandError> {
        self.account_pages(id, vec![command], meta).await
    }

    /// Several commands of one account in their order, appended together or not at all: one flush for many pages.
    pub async fn account_pages(
        &self,
        id: AccountId,
        commands: Vec<AccountCommand>,
        meta: &Meta,
    ) -> Result<Receipt, CommandError> {
        self.decided(id, commands, None, meta).await
    }

    /// The same with the answers that they were read from: those that an event names are kept before it is appended.
    pub async fn account_told(
        &self,
        id: AccountId,
        commands: Vec<AccountCommand>,
        payloads: &Payloads,
        meta: &Meta,
    ) -> Result<Receipt, CommandError> {
        self.decided(id, commands, Some(payloads), meta).await
    }

    async fn decided(
        &self,
        id: AccountId,
        commands: Vec<AccountCommand>,
        payloads: Option<&Payloads>,
        meta: &Meta,
    ) -> Result<Receipt, CommandError> {
        let decided = again(|| self.0.append_pages(id, &commands, payloads, meta)).await;
        // No command asks nothing, so it is told nothing: the same whether the account is there or not.
        let Some(command) = commands.last() else { return decided };
        let decided = as_owner(&self.0.accounts, id.as_uuid(), decided, meta).await;
        self.recorded(decided, (Account::TYPE, id.as_uuid()), command, meta).await
    }

    /// What a rule refused stands in the log too; what merely failed does not.
    async fn recorded(
        &self,
        decided: Result<Receipt, CommandError>,
        (aggregate, id): (&str, Uuid),
        command: &impl std::fmt::Debug,
        meta: &Meta,
    ) -> Result<Receipt, CommandError> {
        if let Err(error) = &decided
            && error.is_refusal()
        {
            let (aggregate, command, code) = (aggregate.to_owned(), variant_name(command), error.code());
            self.0.journal.note(SecurityEvent::CommandRefused { aggregate, id, command, code }, meta).await;
        }
        decided
    }

    /// That a command was refused before its aggregate was asked stands in the log like a refusal by it; what merely failed
    /// does not.
    pub async fn declined(&self, (aggregate, id): (&str, Uuid), command: &str, code: Code, meta: &Meta) {
        if matches!(code, Code::Unavailable | Code::Internal) {
            return;
        }
        let (aggregate, command) = (aggregate.to_owned(), command.to_owned());
        self.0.journal.note(SecurityEvent::CommandRefused { aggregate, id, command, code }, meta).await;
    }

    /// Up to where an account's source has been read, by its own events; `None` for an account that is not open.
    pub async fn account_cursor(&self, id: AccountId) -> Result<Option<String>, CommandError> {
        let loaded = self.0.accounts.load(id.as_uuid()).await.map_err(of_account)?;
        Ok(loaded.aggregate.cursor().map(ToOwned::to_owned))
    }

    /// Transactions of an account from a day on that are none of these: what a source that told everything tells no
    /// more.
    pub async fn account_but(
        &self,
        id: AccountId,
        told: &HashSet<TransactionId>,
        from: NaiveDate,
    ) -> Result<Vec<Transaction>, CommandError> {
        let sequence = self.0.accounts.load(id.as_uuid()).await.map_err(of_account)?.sequence;
        Ok(self.0.index.others(id, sequence, told, from).await.map_err(AccountError::from)?)
    }

    /// Those of these transactions that an account has, as they are now.
    pub async fn account_these(&self, id: AccountId, ids: &[TransactionId]) -> Result<Vec<Transaction>, CommandError> {
        let found = async || {
            let sequence = self.0.accounts.load(id.as_uuid()).await.map_err(of_account)?.sequence;
            Ok(self.0.index.these(id, sequence, ids).await.map_err(AccountError::from)?)
        };
        again(found).await
    }

    /// How a source stands; `None` where it is not connected.
    pub async fn source_health(&self, id: SourceId) -> Result<Option<Health>, CommandError> {
        let refused = |error| CommandError::of_store(Source::TYPE, error);
        Ok(self.0.sources.load(id.as_uuid()).await.map_err(refused)?.aggregate.health())
    }

    /// What [`Self::account_pages`] would bring now; nothing is recorded.
    pub async fn preview_pages(&self, id: AccountId, commands: Vec<AccountCommand>) -> Result<Counts, CommandError> {
        again(|| async { Ok(Counts::of(&self.0.decide_pages(id, &commands).await?.events)) }).await
    }

    /// Waits for the sequencer and tells where the receipt's events stand; `None` for an empty receipt.
    pub async fn position_of(&self, receipt: &Receipt) -> Result<Option<Positions>, CommandError> {
        if receipt.is_empty() {
            return Ok(None);
        }
        self.0.positions.of(receipt, PATIENCE).await.map(Some)
    }
}

impl Commands {
    /// What is recorded as the cause of a receipt's first event ([`Meta::causation`]).
    pub async fn causation_of(&self, receipt: &Receipt) -> Result<Option<String>, CommandError> {
        self.0.positions.causation(receipt).await
    }
}

/// What pages of an account lead to, before it is appended.
struct Decided {
    account: Account,
    /// Events before these.
    sequence: i64,
    events: Vec<AccountEvent>,
    changes: Changes,
}

impl Inner {
    async fn decide_pages(&self, id: AccountId, commands: &[AccountCommand]) -> Result<Decided, CommandError> {
        let Loaded { mut aggregate, sequence } = self.accounts.load(id.as_uuid()).await.map_err(of_account)?;
        let overlay = Arc::new(Overlay::new(self.index.clone(), sequence.unsigned_abs()));
        overlay.prefetch(id, &named(commands)).await.map_err(AccountError::from)?;
        let known: Arc<dyn Known> = overlay.clone();
        for command in commands {
            let sink = EventSink::default();
            aggregate.handle(command.clone(), &known, &sink).await?;
            overlay.learn(sink.collect().await);
        }
        let (events, changes) = overlay.take();
        Ok(Decided { account: aggregate, sequence, events, changes })
    }

    async fn append_pages(
        &self,
        id: AccountId,
        commands: &[AccountCommand],
        payloads: Option<&Payloads>,
        meta: &Meta,
    ) -> Result<Receipt, CommandError> {
        let Decided { account, sequence, events, changes } = self.decide_pages(id, commands).await?;
        let mut receipt = Receipt::after(Account::TYPE, id.as_uuid(), sequence, events.len());
        if receipt.is_empty() {
            return Ok(receipt);
        }
        receipt.counts = Counts::of(&events);
        if let Some(payloads) = payloads {
            payloads.keep(&events).await?;
        }
        let appended = self.accounts.append(id.as_uuid(), sequence, events, &account, meta);
        appended.await.map_err(of_account)?;
        if let Err(error) = self.index.advance(id, sequence, receipt.last_sequence, changes).await {
            tracing::warn!(account = %id, %error, "the index lags, the next command brings it up");
        }
        Ok(receipt)
    }
}

async fn execute<A>(store: &Store<A>, id: Uuid, command: A::Command, meta: &Meta) -> Result<Receipt, CommandError>
where
    A: Aggregate<Services = ()>,
    A::Event: Decode + Personal,
    CommandError: From<A::Error>,
{
    let refused = |error| CommandError::of_store(A::TYPE, error);
    let Loaded { mut aggregate, sequence } = store.load(id).await.map_err(refused)?;
    let sink = EventSink::default();
    aggregate.handle(command, &(), &sink).await?;
    let events = sink.collect().await;
    let receipt = Receipt::after(A::TYPE, id, sequence, events.len());
    if !receipt.is_empty() {
        store.append(id, sequence, events, &aggregate, meta).await.map_err(refused)?;
    }
    Ok(receipt)
}

/// What a caller of another business is told: what would be told if the aggregate were not there. The store refuses
/// every append of theirs; here it is what a command came to that appended nothing, which would tell of its state.
async fn as_owner<A>(
    store: &Store<A>,
    id: Uuid,
    decided: Result<Receipt, CommandError>,
    meta: &Meta,
) -> Result<Receipt, CommandError>
where
    A: Aggregate,
    A::Event: Decode + Personal,
{
    let tells = match &decided {
        Ok(receipt) => receipt.is_empty(),
        Err(error) => error.is_refusal() || error.is_already_there(),
    };
    let foreign = |error| CommandError::of_store(A::TYPE, error);
    if tells && store.is_foreign(id, meta.business).await.map_err(foreign)? {
        return Err(CommandError::NotHere(A::TYPE));
    }
    decided
}

fn of_account(error: StoreError) -> CommandError {
    CommandError::of_store(Account::TYPE, error)
}

/// The transactions that the commands will ask for.
fn named(commands: &[AccountCommand]) -> Vec<TransactionId> {
    let mut ids = Vec::new();
    for command in commands {
        if let AccountCommand::Sync { reported, removed, .. } = command {
            ids.extend(reported.iter().map(|transaction| transaction.id));
            ids.extend(removed);
        }
        if let AccountCommand::Recategorise { decisions, .. } = command {
            ids.extend(decisions.iter().map(|decision| decision.id));
        }
        if let AccountCommand::Keep(command) = command {
            ids.push(command.transaction());
        }
        if let AccountCommand::Split(command) = command {
            ids.push(command.transaction());
        }
    }
    ids
}

/// Decides again while others are faster.
async fn again<T, F>(mut decide: impl FnMut() -> F) -> Result<T, CommandError>
where
    F: Future<Output = Result<T, CommandError>>,
{
    for attempt in 1..ATTEMPTS {
        match decide().await {
            Err(error) if error.raced() => {
                metrics::counter!("workdock_command_conflicts_total").increment(1);
                back_off(attempt).await;
            }
            decided => return decided,
        }
    }
    match decide().await {
        Err(error) if error.raced() => Err(CommandError::Conflict),
        decided => decided,
    }
}

/// Waits a random time that grows, so that two who race do not meet again.
async fn back_off(attempt: u32) {
    let most = 4_u64 << attempt.min(6);
    let wait = rand::thread_rng().gen_range(0..=most);
    tokio::time::sleep(Duration::from_millis(wait)).await;
}
