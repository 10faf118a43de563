//! The pure heart of Workdock: aggregates, their commands and events, and the types that money and time need.
//!
//! Nothing here knows of a database, a network or a clock: every function is a fold over its arguments, so that a
//! replay of the log gives the same state bit for bit. Services depend on this crate; it depends on none of them.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod access;
pub mod account;
pub mod attachment;
pub mod business;
pub mod completeness;
mod currency;
mod email;
mod ids;
mod kind;
pub mod matching;
pub mod meaning;
mod money;
mod month;
pub mod personal;
pub mod rates;
pub mod recurring;
pub mod refusal;
pub mod security;
pub mod source;
mod time;
pub mod transaction;

pub use currency::{Currency, UnknownCurrency};
pub use email::{Email, InvalidEmail};
pub use ids::{
    AccountId, AddresseeId, AttachmentId, BatchId, BusinessId, DocumentId, InvitationId, KeyId, MatchId, RatesId,
    RuleId, SeriesId, SourceId, TransactionId, UserId,
};
pub use kind::{Category, Cause, InvalidCategory, Kind, UnknownKind};
pub use money::{Money, Sums};
pub use month::{InvalidMonth, Month};
pub use refusal::{Code, Problem};
pub use time::{Booked, FiscalMonth, InvalidFiscalMonth, TimeZone, UnknownTimeZone};
pub use transaction::{Amended, Transaction};
