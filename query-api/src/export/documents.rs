//! Invoices, bills and credits of the books, and what pays them.

use chrono::NaiveDate;
use domain::DocumentId;
use domain::account::DocumentKind;
use streams::documents::State;
use streams::export::Archive;

use super::{ExportError, Source};
use crate::figures::exact_amount;
use crate::reader::{Document, Page};

const DOCUMENTS: &[&str] =
    &["id", "account", "kind", "number", "counterparty", "day", "due", "total", "open", "currency", "memo", "position"];
const PAYMENTS: &[&str] = &["document", "transaction", "amount", "currency"];

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let mut table = archive.table("documents", DOCUMENTS).await?;
    let mut payments = archive.table("document_payments", PAYMENTS).await?;
    let mut after = None;
    loop {
        let page = Page::try_new(i32::from(Page::<(NaiveDate, DocumentId)>::MOST), after)?;
        let page = source.reader.documents(source.view, (&DocumentKind::ALL, State::All), page).await?;
        after = page.rows.last().map(|one| (one.row.payable(), one.row.id));
        table.add(page.rows.iter().map(record)).await?;
        payments.add(page.rows.iter().flat_map(records_of_payments)).await?;
        if !page.has_next {
            table.finish(archive).await?;
            return Ok(payments.finish(archive).await?);
        }
    }
}

fn record(document: &Document) -> impl serde::Serialize + '_ {
    let Document { row, number, counterparty, memo, .. } = document;
    let exact = |amount| exact_amount(amount, row.currency);
    let (total, open) = (exact(row.total), exact(row.open));
    let kind = row.kind.as_str();
    (row.id, row.account, kind, number, counterparty, row.day, row.due, total, open, row.currency, memo, row.position)
}

fn records_of_payments(document: &Document) -> impl Iterator<Item = impl serde::Serialize + '_> + '_ {
    let currency = document.row.currency;
    document.paid_by.iter().map(move |one| (one.document, one.payment, exact_amount(one.amount, currency), currency))
}
