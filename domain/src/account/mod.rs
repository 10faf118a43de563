//! A financial account and its transactions.
//!
//! The state stays small however many transactions there are: identities and revisions are looked up through
//! [`Known`], an index beside the log that is first brought up to the version that was loaded.

mod aggregate;
mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::Account;
pub use command::{AccountCommand, Decision};
pub use error::AccountError;
pub use event::{AccountEvent, MatchRefused, Recategorised, Redecided, Synced};
pub use known::{Known, KnownRevision, LookupError};

mod known;
mod recategorise;
