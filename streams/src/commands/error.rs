use domain::account::{AccountError, LookupError};
use domain::business::{BusinessError, MonthError, RecordsError, RulesError, TeamError};
use domain::rates::RatesError;
use domain::refusal::{Code, Problem};
use domain::source::SourceError;

use crate::sealing::SealError;
use crate::store::{MOST_BYTES, StoreError};

/// Why a command was not carried out. Nothing of it was recorded, except where the connection broke during the commit
/// ([`CommandError::Unavailable`]): then it may have been, and the same page again adds nothing twice.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Business(#[from] BusinessError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Rates(#[from] RatesError),
    /// Others changed the same aggregate again and again.
    #[error("others are changing this at the same time; try again")]
    Conflict,
    /// The aggregate is one of another business; a caller must not learn that it exists.
    #[error("{}", absent(.0))]
    NotHere(&'static str),
    #[error("a page of {0} bytes is too large, the most is {most}; send fewer transactions at once", most = MOST_BYTES)]
    TooLarge(usize),
    #[error("the disk of the event store is full; free space there, then go on")]
    StoreFull,
    #[error("the event store does not answer; try again")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It was recorded, but has no position yet.
    #[error("it is recorded, but the sequencer has not given it a position yet; is one running?")]
    NotSequenced,
    #[error("the keys that texts are sealed with cannot be used now; nothing was recorded")]
    KeysUnavailable(#[source] SealError),
    #[error("the business was erased")]
    Erased,
    #[error("this business is to be erased, and takes nothing new in; an owner can withdraw that")]
    Ending,
    #[error("the event store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl CommandError {
    pub fn code(&self) -> Code {
        match self {
            Self::Business(
                BusinessError::NotRegistered
                | BusinessError::Team(TeamError::NotAMember | TeamError::NoSuchInvitation)
                | BusinessError::Rules(RulesError::NoSuchRule),
            )
            | Self::Source(SourceError::NotConnected)
            | Self::Account(AccountError::NotOpen | AccountError::NoSuchTransaction(_) | AccountError::NoSuchFile)
            | Self::Business(BusinessError::Erased)
            | Self::NotHere(_)
            | Self::Erased => Code::NotFound,
            Self::Business(
                BusinessError::AlreadyRegistered
                | BusinessError::Team(TeamError::AlreadyAMember | TeamError::AlreadyInvited)
                | BusinessError::Month(MonthError::AlreadyClosed(_))
                | BusinessError::Records(
                    RecordsError::ErasureRequested | RecordsError::Held | RecordsError::ArchivedAlready,
                ),
            )
            | Self::Source(SourceError::AlreadyConnected)
            | Self::Account(AccountError::AlreadyOpen)
            | Self::Conflict => Code::Conflict,
            Self::Account(AccountError::PageTooLarge(_)) | Self::TooLarge(_) => Code::TooLarge,
            Self::Account(AccountError::Lookup(_))
            | Self::StoreFull
            | Self::Unavailable(_)
            | Self::KeysUnavailable(_)
            | Self::NotSequenced => Code::Unavailable,
            Self::Business(BusinessError::Records(RecordsError::NotConfirmed | RecordsError::Retention(_)))
            | Self::Rates(RatesError::HowMany(_)) => Code::Invalid,
            Self::Business(_) | Self::Source(_) | Self::Account(_) | Self::Rates(_) | Self::Ending => Code::Refused,
            Self::Failed(_) => Code::Internal,
        }
    }

    /// The body for an HTTP or GraphQL caller; sources are not shown.
    pub fn problem(&self) -> Problem {
        Problem::new(self.code(), self.to_string())
    }

    /// Whether a rule refused it, rather than a fault, a race or a part of the system that is down. What is there
    /// already is no refusal: whoever needs an account open asks for it each time.
    pub(crate) fn is_refusal(&self) -> bool {
        !self.is_already_there()
            && !matches!(self, Self::Conflict)
            && !matches!(self.code(), Code::Unavailable | Code::Internal)
    }

    pub(crate) fn is_already_there(&self) -> bool {
        matches!(
            self,
            Self::Business(BusinessError::AlreadyRegistered)
                | Self::Source(SourceError::AlreadyConnected)
                | Self::Account(AccountError::AlreadyOpen)
        )
    }

    /// Whether the same command may succeed when it is decided again on what is there now.
    pub(crate) fn raced(&self) -> bool {
        matches!(self, Self::Conflict | Self::Account(AccountError::Lookup(LookupError::Stale)))
    }

    pub(crate) fn of_store(aggregate: &'static str, error: StoreError) -> Self {
        match error {
            StoreError::Raced => Self::Conflict,
            StoreError::ForeignBusiness => Self::NotHere(aggregate),
            StoreError::Ending => Self::Ending,
            StoreError::TooLarge(bytes) => Self::TooLarge(bytes),
            StoreError::Database(error) => error.into(),
            StoreError::Seal(error) => error.into(),
            error @ (StoreError::Undecodable { .. } | StoreError::Unwritable(_)) => Self::Failed(Box::new(error)),
        }
    }
}

/// Word for word what a command for something that was never there is told.
fn absent(aggregate: &str) -> String {
    match aggregate {
        "account" => AccountError::NotOpen.to_string(),
        "source" => SourceError::NotConnected.to_string(),
        _ => BusinessError::NotRegistered.to_string(),
    }
}

impl From<SealError> for CommandError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Database(error) => error.into(),
            SealError::Erased(_) => Self::Erased,
            error @ SealError::Key(_) => Self::KeysUnavailable(error),
            error => Self::Failed(Box::new(error)),
        }
    }
}

impl From<sqlx::Error> for CommandError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|database| database.code());
        match code.as_deref() {
            Some("53100") => Self::StoreFull,
            // Shutting down, starting up, out of connections or memory, read-only.
            Some(code) if code.starts_with("57P") || code.starts_with("53") || code == "25006" => {
                Self::Unavailable(Box::new(error))
            }
            Some(_) => Self::Failed(Box::new(error)),
            None => match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => Self::Unavailable(Box::new(error)),
                error => Self::Failed(Box::new(error)),
            },
        }
    }
}
