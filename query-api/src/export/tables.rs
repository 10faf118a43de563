//! Accounts, sources and transactions as CSV (RFC 4180, UTF-8).

use std::path::Path;

use super::ExportError;
use super::file::{Out, Part};
use crate::figures::exact_amount;
use crate::reader::{Page, Reader, View, whole_calendar};
use crate::views::{Cursor, Filter, Order, Scope, TransactionRow};

pub(super) async fn write(reader: &Reader, view: &View, folder: &Path) -> Result<Vec<Part>, ExportError> {
    let accounts = reader.accounts(view).await?;
    let rows = accounts.into_iter().map(|row| {
        let source = row.source.map(|source| source.to_string());
        [
            row.id.to_string(),
            text(Some(&row.name)),
            row.currency.to_string(),
            source.unwrap_or_default(),
            row.closed.to_string(),
            text(row.external_id.as_deref()),
        ]
    });
    let heading = ["id", "name", "currency", "source", "closed", "external_id"];
    let accounts = list(folder, "accounts.csv", heading, rows).await?;
    let sources = reader.sources(view).await?;
    let rows = sources
        .into_iter()
        .map(|row| [row.id.to_string(), text(Some(&row.name)), row.kind.clone(), row.connected.to_string()]);
    let sources = list(folder, "sources.csv", ["id", "name", "kind", "connected"], rows).await?;
    let [transactions, parts] = transactions(reader, view, folder).await?;
    Ok(vec![accounts, sources, transactions, parts])
}

pub(super) async fn list<const N: usize>(
    folder: &Path,
    path: &'static str,
    heading: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Part, ExportError> {
    let rows: Vec<_> = rows.collect();
    let mut out = Out::create(folder, path).await?;
    out.rows = rows.len() as u64;
    out.write(&csv([heading.map(str::to_owned)])?).await?;
    out.write(&csv(rows)?).await?;
    Ok(out.finish().await?)
}

/// And the parts of those that are split.
async fn transactions(reader: &Reader, view: &View, folder: &Path) -> Result<[Part; 2], ExportError> {
    let mut out = Out::create(folder, "transactions.csv").await?;
    let mut parts = Out::create(folder, "parts.csv").await?;
    out.write(&csv([HEADING.map(str::to_owned)])?).await?;
    parts.write(&csv([HEADING_OF_PARTS.map(str::to_owned)])?).await?;
    let filter = Filter {
        period: whole_calendar(),
        currency: None,
        scope: Scope::default(),
        kinds: None,
        sign: None,
        search: None,
        cause: None,
        changed: None,
    };
    let mut after = None;
    loop {
        let page = Page::try_new(i32::from(Page::<Cursor>::MOST), after)?;
        let page = reader.transactions(view, &filter, Order::Day, page).await?;
        after = page.rows.last().map(|row| Cursor { day: row.day, amount: row.amount, id: row.id });
        out.rows += page.rows.len() as u64;
        out.write(&csv(page.rows.iter().map(record))?).await?;
        let pieces: Vec<_> = page.rows.iter().flat_map(records_of_parts).collect();
        parts.rows += pieces.len() as u64;
        parts.write(&csv(pieces)?).await?;
        if !page.has_next {
            return Ok([out.finish().await?, parts.finish().await?]);
        }
    }
}

const HEADING: [&str; 13] = [
    "id",
    "account",
    "day",
    "booked",
    "amount",
    "currency",
    "kind",
    "category",
    "description",
    "counterparty",
    "reference",
    "cause",
    "position",
];

fn record(row: &TransactionRow) -> [String; 13] {
    [
        row.id.to_string(),
        row.account.to_string(),
        row.day.to_string(),
        row.booked.clone(),
        exact_amount(row.amount, row.currency).to_string(),
        row.currency.to_string(),
        row.kind.to_string(),
        row.category.clone(),
        text(row.description.as_deref()),
        text(row.counterparty.as_deref()),
        text(row.reference.as_deref()),
        row.cause.to_string(),
        row.valid_from.to_string(),
    ]
}

const HEADING_OF_PARTS: [&str; 7] = ["transaction", "part", "amount", "currency", "kind", "category", "note"];

fn records_of_parts(row: &TransactionRow) -> impl Iterator<Item = [String; 7]> {
    row.parts().zip(1..).map(|((part, note), number)| {
        [
            row.id.to_string(),
            number.to_string(),
            exact_amount(part.amount, row.currency).to_string(),
            row.currency.to_string(),
            part.kind.to_string(),
            part.category.to_string(),
            text(note),
        ]
    })
}

fn csv<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row)?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

/// Spreadsheets run what begins like this.
pub(crate) fn text(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts_and_texts_stay() {
        assert_eq!(text(Some("=HYPERLINK(\"x\")")), "'=HYPERLINK(\"x\")");
        assert_eq!((text(Some("Rent - March")), text(None)), ("Rent - March".to_owned(), String::new()));
        let rows = [["a,b".to_owned(), "say \"x\"".to_owned()]];
        assert_eq!(String::from_utf8(csv(rows).unwrap()).unwrap(), "\"a,b\",\"say \"\"x\"\"\"\n");
    }
}
