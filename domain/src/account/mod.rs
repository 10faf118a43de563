//! A financial account and its transactions.
//!
//! The state stays small however many transactions there are: identities and revisions are looked up through
//! [`Known`], an index beside the log that is first brought up to the version that was loaded.

mod aggregate;
mod beside;
#[cfg(test)]
mod beside_tests;
mod command;
mod document;
#[cfg(test)]
mod document_tests;
mod error;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::Account;
pub use beside::{Beside, BesideCommand, KeptFile, MOST_FILES, MOST_MEMO_LETTERS};
pub use command::{AccountCommand, Decision};
pub use document::{
    Document, DocumentKind, Documents, DocumentsTold, KnownDocuments, Pays, Settled, UnknownDocumentKind,
};
pub use error::AccountError;
pub use event::{
    AccountEvent, Attached, Detached, Divided, Drift, MatchRefused, MemoSet, PaidOut, Recategorised, Redecided,
    Rejoined, Synced,
};
pub use known::{Known, KnownRevision, LookupError};
pub use payload::{Payload, PayloadMedia, Told};
pub use split::{NotedPart, SplitCommand};

mod known;
mod payload;
mod payout;
#[cfg(test)]
mod payout_tests;
mod recategorise;
mod split;
#[cfg(test)]
mod split_tests;
