//! Accounts, and transactions as they stand.

use streams::export::Archive;

use super::{ExportError, Source};
use crate::figures::exact_amount;
use crate::reader::{Page, whole_calendar};
use crate::views::{Cursor, Filter, Order, Scope, TransactionRow};

const ACCOUNTS: &[&str] = &["id", "name", "currency", "source", "closed", "external_id", "differs_from"];
const TRANSACTIONS: &[&str] = &[
    "id",
    "account",
    "day",
    "booked",
    "value_date",
    "pending",
    "amount",
    "currency",
    "kind",
    "category",
    "provider_category",
    "description",
    "counterparty",
    "reference",
    "cause",
    "position",
];
const PARTS: &[&str] = &["transaction", "part", "amount", "currency", "kind", "category", "note"];

pub(super) async fn write(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let accounts = source.reader.accounts(source.view).await?;
    let rows = accounts
        .iter()
        .map(|row| (row.id, &row.name, row.currency, row.source, row.closed, &row.external_id, row.differs_from));
    archive.list("accounts", ACCOUNTS, rows).await?;
    transactions(source, archive).await
}

/// And the parts of those that are split.
async fn transactions(source: &Source<'_>, archive: &mut Archive) -> Result<(), ExportError> {
    let mut table = archive.table("transactions", TRANSACTIONS).await?;
    let mut parts = archive.table("parts", PARTS).await?;
    let filter = Filter {
        period: whole_calendar(),
        currency: None,
        scope: Scope::default(),
        kinds: None,
        sign: None,
        search: None,
        cause: None,
        changed: None,
        payout: None,
    };
    let mut after = None;
    loop {
        let page = Page::try_new(i32::from(Page::<Cursor>::MOST), after)?;
        let page = source.reader.transactions(source.view, &filter, Order::Day, page).await?;
        after = page.rows.last().map(|row| Cursor { day: row.day, amount: row.amount, id: row.id });
        table.add(page.rows.iter().map(record)).await?;
        parts.add(page.rows.iter().flat_map(records_of_parts)).await?;
        if !page.has_next {
            table.finish(archive).await?;
            return Ok(parts.finish(archive).await?);
        }
    }
}

fn record(row: &TransactionRow) -> impl serde::Serialize + '_ {
    (
        row.id,
        row.account,
        row.day,
        &row.booked,
        row.value_date,
        row.pending,
        exact_amount(row.amount, row.currency),
        row.currency,
        row.kind,
        &row.category,
        &row.provider_category,
        &row.description,
        &row.counterparty,
        &row.reference,
        row.cause.to_string(),
        row.valid_from,
    )
}

fn records_of_parts(row: &TransactionRow) -> impl Iterator<Item = impl serde::Serialize + '_> + '_ {
    row.parts().zip(1..).map(|((part, note), number): (_, i32)| {
        let amount = exact_amount(part.amount, row.currency);
        (row.id, number, amount, row.currency, part.kind, &part.category, note)
    })
}
