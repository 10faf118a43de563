//! What a sync is asked to do, and whom it tells how far it is.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::AccountId;
use streams::{Counts, Receipt};

use crate::provider::FoundAccount;

/// Which accounts, and whether although the source waits for its user.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// `None`: all that there are.
    pub accounts: Option<&'a HashSet<AccountId>>,
    pub probes: bool,
}

/// An account that was read to the end.
#[derive(Debug)]
pub struct Read<'a> {
    pub id: AccountId,
    /// As the provider told it before the pages were read.
    pub account: &'a FoundAccount,
    /// Of the last pages; `None` where nothing was recorded.
    pub receipt: Option<Receipt>,
}

/// Told while a sync runs. It must not fail it.
#[async_trait]
pub trait Watch: Send + Sync {
    /// A page was read, with so many transactions, the oldest of this day; `percent`: of the loop, where the provider's
    /// way of reading tells.
    async fn page(&self, transactions: usize, oldest: Option<NaiveDate>, percent: Option<u8>);

    /// What was read is recorded.
    async fn recorded(&self, counts: Counts);

    async fn read(&self, read: Read<'_>);
}

/// Whoever does not look.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

#[async_trait]
impl Watch for Unwatched {
    async fn page(&self, _: usize, _: Option<NaiveDate>, _: Option<u8>) {}

    async fn recorded(&self, _: Counts) {}

    async fn read(&self, _: Read<'_>) {}
}
