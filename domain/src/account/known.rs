use std::collections::HashMap;

use async_trait::async_trait;

use super::{Beside, KnownDocuments};
use crate::{AccountId, DocumentId, Transaction, TransactionId};

/// What an account already knows of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRevision {
    /// [`Transaction::content`] of its newest revision.
    pub content: i64,
    /// The account's event that brought that revision.
    pub version: u64,
}

/// The index beside the log. Implementations answer for exactly the version that is asked for: they bring themselves
/// up to it first, and refuse when they are past it (somebody else appended; the command is tried again).
#[async_trait]
pub trait Known: Send + Sync {
    /// Those of `ids` that are known, removed ones excepted.
    async fn lookup(
        &self,
        account: AccountId,
        version: u64,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, KnownRevision>, LookupError>;

    /// The revisions that the given event of the account left behind, of the given transactions.
    async fn revisions(
        &self,
        account: AccountId,
        wanted: &[(TransactionId, u64)],
    ) -> Result<HashMap<TransactionId, Transaction>, LookupError>;

    /// With which payouts those of `ids` were paid out that are said to be in one: never behind what was loaded, as below.
    async fn paid_out_with(
        &self,
        account: AccountId,
        ids: &[TransactionId],
    ) -> Result<HashMap<TransactionId, TransactionId>, LookupError>;

    /// Those of these documents that stand, and what these payments pay: never behind what was loaded, as below.
    async fn documents(
        &self,
        account: AccountId,
        documents: &[DocumentId],
        payments: &[TransactionId],
    ) -> Result<KnownDocuments, LookupError>;

    /// What is kept beside one transaction, at the newest event of the account: never behind what was loaded, so that
    /// an append on what is newer is refused as a race.
    async fn beside(&self, account: AccountId, transaction: TransactionId) -> Result<Beside, LookupError>;
}

#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// Another command was faster; load again.
    #[error("the account moved on meanwhile")]
    Stale,
    #[error("what the account knows cannot be read now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
