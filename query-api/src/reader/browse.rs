//! Lists: businesses, transactions, revisions, batches.

use std::sync::Arc;

use domain::{AccountId, BusinessId, SourceId, TransactionId};

use super::Reader;
use super::view::{Known, View};
use crate::failure::Failure;
use crate::views::{
    self, AccountRow, BatchCursor, BatchRow, BusinessRow, Cursor, EventRow, Filter, Order, RevisionRow, SourceRow,
    Span, TransactionRow,
};

/// Accounts and sources of a business, as they stand now: what rows refer to. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Parties {
    pub accounts: Arc<Vec<AccountRow>>,
    pub sources: Arc<Vec<SourceRow>>,
}

impl Parties {
    pub fn account(&self, id: AccountId) -> Option<&AccountRow> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub fn source(&self, id: SourceId) -> Option<&SourceRow> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// Where an account comes from.
    pub fn source_of(&self, account: AccountId) -> Option<&SourceRow> {
        self.source(self.account(account)?.source?)
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page<C> {
    pub first: u16,
    pub after: Option<C>,
}

impl<C> Page<C> {
    /// The most rows of one page.
    pub const MOST: u16 = 500;

    /// # Errors
    /// Invalid where `first` is not 1 to 500.
    pub fn try_new(first: i32, after: Option<C>) -> Result<Self, Failure> {
        match u16::try_from(first) {
            Ok(first @ 1..=500) => Ok(Self { first, after }),
            _ => Err(Failure::invalid(format!("A page has 1 to {} rows.", Self::MOST))),
        }
    }

    /// One more, to see whether another page follows.
    pub(super) fn limit(&self) -> i64 {
        i64::from(self.first) + 1
    }

    pub(super) fn cut<T>(&self, rows: &mut Vec<T>) -> bool {
        let more = rows.len() > usize::from(self.first);
        rows.truncate(usize::from(self.first));
        more
    }
}

#[derive(Debug, Clone)]
pub struct TransactionPage {
    pub rows: Vec<TransactionRow>,
    pub has_next: bool,
    pub known: Known,
}

#[derive(Debug, Clone)]
pub struct BatchPage {
    pub rows: Vec<BatchRow>,
    pub has_next: bool,
}

impl Reader {
    /// All businesses by name.
    pub async fn businesses(&self) -> Result<Vec<BusinessRow>, Failure> {
        let mut rows = views::businesses(&self.pool).await?;
        self.texts.name_businesses(&mut rows).await?;
        rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(rows)
    }

    /// Those that were open at the view's position, by name; each as it stands now.
    pub async fn accounts(&self, view: &View) -> Result<Vec<AccountRow>, Failure> {
        self.accounts_until(view.business.id, view.known.position).await
    }

    /// All accounts of a business by name.
    pub(crate) async fn accounts_of(&self, business: BusinessId) -> Result<Vec<AccountRow>, Failure> {
        self.accounts_until(business, i64::MAX).await
    }

    async fn accounts_until(&self, business: BusinessId, position: i64) -> Result<Vec<AccountRow>, Failure> {
        let mut rows = views::accounts(&self.pool, business, position).await?;
        self.texts.name_accounts(&mut rows).await?;
        rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(rows)
    }

    /// Those that were connected at the view's position, by name; each as it stands now.
    pub async fn sources(&self, view: &View) -> Result<Vec<SourceRow>, Failure> {
        self.sources_until(view.business.id, view.known.position).await
    }

    /// All sources of a business by name.
    pub(crate) async fn sources_of(&self, business: BusinessId) -> Result<Vec<SourceRow>, Failure> {
        self.sources_until(business, i64::MAX).await
    }

    pub(crate) async fn parties(&self, business: BusinessId) -> Result<Parties, Failure> {
        let (accounts, sources) = tokio::try_join!(self.accounts_of(business), self.sources_of(business))?;
        Ok(Parties { accounts: Arc::new(accounts), sources: Arc::new(sources) })
    }

    async fn sources_until(&self, business: BusinessId, position: i64) -> Result<Vec<SourceRow>, Failure> {
        let mut rows = views::sources(&self.pool, business, position).await?;
        self.texts.name_sources(&mut rows).await?;
        rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(rows)
    }

    /// First and last booked day by currency.
    pub async fn span(&self, view: &View) -> Result<Vec<Span>, Failure> {
        Ok(views::span(&self.pool, view.business.id, view.changed).await?)
    }

    pub async fn transactions(
        &self,
        view: &View,
        filter: &Filter,
        order: Order,
        page: Page<Cursor>,
    ) -> Result<TransactionPage, Failure> {
        let mut rows = match &filter.search {
            Some(words) => self.search(view, filter, order, page, words).await?,
            None => {
                let (business, position) = (view.business.id, view.known.position);
                let rows = views::transactions(&self.pool, business, position, filter, order, page.after, page.limit());
                let mut rows = rows.await?;
                self.texts.describe(&mut rows).await?;
                rows
            }
        };
        let has_next = page.cut(&mut rows);
        Ok(TransactionPage { rows, has_next, known: view.known })
    }

    /// Every revision, oldest first; empty where the business has no such transaction.
    pub async fn revisions(&self, view: &View, id: TransactionId) -> Result<Vec<RevisionRow>, Failure> {
        let mut rows = views::revisions(&self.pool, view.business.id, id, view.known.position).await?;
        self.texts.describe(rows.iter_mut().map(|row| &mut row.transaction)).await?;
        Ok(rows)
    }

    pub async fn events(&self, view: &View, positions: &[i64]) -> Result<Vec<EventRow>, Failure> {
        Ok(views::events(&self.pool, view.business.id, positions).await?)
    }

    /// Those that had begun at the view's position, newest first; each as it stands now.
    pub async fn batches(&self, view: &View, page: Page<BatchCursor>) -> Result<BatchPage, Failure> {
        let (business, position) = (view.business.id, view.known.position);
        let mut rows = views::batches(&self.pool, business, position, page.after, page.limit()).await?;
        let has_next = page.cut(&mut rows);
        Ok(BatchPage { rows, has_next })
    }
}
