//! Searching in sealed texts: transactions are read in the order of the page, opened, and looked at one after the other,
//! until the page is full. It finds exactly what contains the words, letters of either case being the same.
//!
//! Keyed hashes of words would make a search cheaper and every import dearer (a hash and an index entry for each word
//! of each transaction), would find whole words only, and would show whoever holds the database how often each word
//! occurs, from which common ones can be told. See `docs/adr/0007-sealed-texts.md`.

use super::{Page, Reader, View};
use crate::failure::Failure;
use crate::views::{self, Cursor, Filter, Order, TransactionRow};

/// Transactions that are opened at once: first as many as a page may have, then more.
const FIRST: i64 = 200;
const MOST: i64 = 2_000;

impl Reader {
    /// One more than the page has, as far as there are any.
    pub(super) async fn search(
        &self,
        view: &View,
        filter: &Filter,
        order: Order,
        page: Page<Cursor>,
        words: &str,
    ) -> Result<Vec<TransactionRow>, Failure> {
        let (business, position) = (view.business.id, view.known.position);
        let words = words.to_lowercase();
        let wanted = usize::from(page.first) + 1;
        let (mut found, mut after, mut limit) = (Vec::new(), page.after, FIRST);
        loop {
            let mut rows = views::transactions(&self.pool, business, position, filter, order, after, limit).await?;
            self.texts.describe(&mut rows).await?;
            let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) < limit;
            after = rows.last().map(|row| Cursor { day: row.day, amount: row.amount, id: row.id });
            found.extend(rows.into_iter().filter(|row| contains(row, &words)));
            if is_last || found.len() >= wanted {
                found.truncate(wanted);
                return Ok(found);
            }
            limit = (limit * 2).min(MOST);
        }
    }
}

/// Texts one after the other, with a space between: words may begin in one and end in the next.
fn contains(row: &TransactionRow, words: &str) -> bool {
    let texts = [&row.description, &row.counterparty, &row.reference];
    let texts: Vec<_> = texts.into_iter().flatten().map(String::as_str).collect();
    texts.join(" ").to_lowercase().contains(words)
}
