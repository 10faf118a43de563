//! Invoices, bills and credits of the books, with their texts opened. They stand as they do now, whatever moment is
//! looked at, and count in no figure.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::account::{self, DocumentKind, Settled};
use domain::{BusinessId, DocumentId, TransactionId};
use rust_decimal::Decimal;
use streams::documents::{self, DocumentRow, Owed, State};

use super::{Page, Reader, View};
use crate::failure::Failure;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub row: DocumentRow,
    pub number: Option<String>,
    pub counterparty: Option<String>,
    pub memo: Option<String>,
    pub is_overdue: bool,
    /// The payments of it that the books name.
    pub paid_by: Vec<Settled>,
}

#[derive(Debug)]
pub struct DocumentPage {
    pub rows: Vec<Document>,
    pub has_next: bool,
    /// What is open of the asked kinds, on all pages.
    pub owed: Vec<Owed>,
}

/// What a payment pays; no document where it is older than what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settles {
    pub document: Option<Document>,
    pub amount: Decimal,
}

impl Reader {
    /// By the day on which they are to be paid, the oldest first.
    pub async fn documents(
        &self,
        view: &View,
        asked: (&[DocumentKind], State),
        page: Page<(NaiveDate, DocumentId)>,
    ) -> Result<DocumentPage, Failure> {
        let business = view.business.id;
        let mut rows = documents::list(&self.pool, business, asked, page.after, page.limit()).await?;
        let has_next = rows.len() > usize::from(page.first);
        rows.truncate(usize::from(page.first));
        let owed = documents::owed(&self.pool, business, asked.0, view.today).await?;
        Ok(DocumentPage { rows: self.described(business, rows, view.today).await?, has_next, owed })
    }

    /// What each of these payments pays.
    pub async fn settles(
        &self,
        business: BusinessId,
        payments: &[TransactionId],
    ) -> Result<HashMap<TransactionId, Vec<Settles>>, Failure> {
        let settled = documents::paid_with(&self.pool, business, payments).await?;
        if settled.is_empty() {
            return Ok(HashMap::new());
        }
        let mut ids: Vec<_> = settled.iter().map(|one| one.document).collect();
        ids.sort_unstable();
        ids.dedup();
        let today = self.view(business, None, None).await?.today;
        let rows = documents::these(&self.pool, business, &ids).await?;
        let found = self.described(business, rows, today).await?;
        let found: HashMap<_, _> = found.into_iter().map(|document| (document.row.id, document)).collect();
        let mut settles: HashMap<_, Vec<_>> = HashMap::new();
        for Settled { payment, document, amount } in settled {
            let document = found.get(&document).cloned();
            settles.entry(payment).or_default().push(Settles { document, amount });
        }
        Ok(settles)
    }

    /// Puts in numbers, names and memos, and what pays each.
    async fn described(
        &self,
        business: BusinessId,
        rows: Vec<DocumentRow>,
        today: NaiveDate,
    ) -> Result<Vec<Document>, Failure> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut paid: HashMap<DocumentId, Vec<Settled>> = HashMap::new();
        for settled in documents::paid_by(&self.pool, business, &ids).await? {
            paid.entry(settled.document).or_default().push(settled);
        }
        let texts = self.texts.of_each(rows.iter().map(|row| row.position)).await?;
        let described = rows.into_iter().zip(texts).map(|(row, texts)| {
            let text = |number| texts.get(row.place * account::Document::TEXTS + number).cloned().flatten();
            let paid_by = paid.remove(&row.id).unwrap_or_default();
            let (number, counterparty, memo) = (text(0), text(1), text(2));
            Document { is_overdue: row.is_overdue(today), row, number, counterparty, memo, paid_by }
        });
        Ok(described.collect())
    }
}
