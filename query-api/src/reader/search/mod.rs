//! Searching in sealed texts. It finds exactly what contains the words, whole or not, letters of either case being the
//! same.
//!
//! **In memory.** The texts of a business that is searched are opened once and kept, in the order of the page, for as
//! long as it is searched ([`KEPT_FOR`], at most [`MOST_BYTES`] for all): a search runs through them, and reads and opens
//! only what it found. Nothing of it is stored: keyed hashes of words in the database would find whole words only and
//! show how often each occurs. See `docs/adr/0007-sealed-texts.md`.
//!
//! **Without it**, while the texts are being opened, and for pages by amount or of changes, transactions are read in the
//! order of the page, opened and looked at one after the other, until the page is full.
//!
//! What is found is opened again and compared before it is shown: where a key was destroyed, nothing is found.

mod block;
mod fill;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::BusinessId;
use domain::meaning::words_of;
use moka::sync::Cache;
use streams::sealing::Keys;

use super::{Page, Reader, View};
use crate::failure::Failure;
use crate::views::{self, Cursor, Filter, Order, TransactionRow};
use block::{Block, Place};

/// Transactions that are opened at once where it is not known what they say: first as many as a page may have, then more.
const FIRST: usize = 200;
const MOST: usize = 2_000;
/// Read beyond a page of what was found in memory: some of it was removed, or says something else by now.
const SPARE: usize = 20;

/// How long texts stay that nobody searches in.
const KEPT_FOR: Duration = Duration::from_secs(600);
/// Of all businesses; a million transactions are some 90 MB.
const MOST_BYTES: u64 = 512 << 20;
/// Texts that came since, before they are put among the others.
const MOST_NEW: usize = 20_000;

/// The opened texts of one business, up to a position.
#[derive(Debug, Clone)]
struct Opened {
    generation: (i32, i64),
    position: i64,
    old: Arc<Block>,
    new: Arc<Block>,
}

/// Opened texts of the businesses that are searched.
#[derive(Debug, Clone)]
pub(super) struct Searched {
    kept: Cache<BusinessId, Opened>,
    filling: Arc<Mutex<HashSet<BusinessId>>>,
}

impl Searched {
    pub fn new(keys: &Keys) -> Self {
        let weigh = |_: &BusinessId, opened: &Opened| {
            u32::try_from((opened.old.bytes() + opened.new.bytes()) >> 10).unwrap_or(u32::MAX)
        };
        let kept: Cache<_, _> =
            Cache::builder().max_capacity(MOST_BYTES >> 10).weigher(weigh).time_to_idle(KEPT_FOR).build();
        let opened = kept.clone();
        keys.on_destroyed(move || opened.invalidate_all());
        Self { kept, filling: Arc::default() }
    }

    /// Whether it is ours to fill; it is until [`Self::filled`].
    fn begins(&self, business: BusinessId) -> bool {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner).insert(business)
    }

    fn filled(&self, business: BusinessId) {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner).remove(&business);
    }
}

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
        let words = words_of([Some(words)]);
        if order == Order::Day && filter.changed.is_none() {
            if let Some(opened) = self.opened(view).await? {
                return self.search_opened(view, filter, page, &words, &opened).await;
            }
            self.open_behind(view);
        }
        self.search_stored(view, filter, order, page, &words).await
    }

    /// Opens the texts of a business for searches, where they are not open yet.
    pub async fn open_for_search(&self, view: &View) -> Result<(), Failure> {
        if self.opened(view).await?.is_none() {
            self.fill(view).await?;
        }
        Ok(())
    }

    fn open_behind(&self, view: &View) {
        let business = view.business.id;
        if !self.searched.begins(business) {
            return;
        }
        let (reader, view) = (self.clone(), view.clone());
        tokio::spawn(async move {
            if let Err(error) = reader.fill(&view).await {
                tracing::warn!(%business, %error, "texts are not kept open for searches");
            }
            reader.searched.filled(business);
        });
    }

    /// Runs through what is in memory, and reads what it finds.
    async fn search_opened(
        &self,
        view: &View,
        filter: &Filter,
        page: Page<Cursor>,
        words: &str,
        opened: &Opened,
    ) -> Result<Vec<TransactionRow>, Failure> {
        let wanted = usize::from(page.first) + 1;
        let (mut found, mut limit) = (Vec::new(), wanted + SPARE);
        let after = page.after.map(|cursor| Place { day: cursor.day, id: cursor.id.as_uuid() });
        let days = (filter.period.from(), filter.period.to());
        let mut places = block::merged(opened.old.find(words, days, after), opened.new.find(words, days, after));
        loop {
            let some: Vec<Place> = places.by_ref().take(limit).collect();
            let is_last = some.len() < limit;
            let named: HashSet<Place> = some.iter().copied().collect();
            let ids: Vec<_> = some.iter().map(|place| place.id).collect();
            let (business, position) = (view.business.id, view.known.position);
            let mut rows = views::transactions_named(&self.pool, business, position, filter, &ids).await?;
            // On another day it stands at another place of the order.
            rows.retain(|row| named.contains(&Place { day: row.day, id: row.id.as_uuid() }));
            self.texts.describe(&mut rows).await?;
            found.extend(rows.into_iter().filter(|row| contains(row, words)));
            if is_last || found.len() >= wanted {
                found.truncate(wanted);
                return Ok(found);
            }
            limit = (limit * 2).min(MOST);
        }
    }

    async fn search_stored(
        &self,
        view: &View,
        filter: &Filter,
        order: Order,
        page: Page<Cursor>,
        words: &str,
    ) -> Result<Vec<TransactionRow>, Failure> {
        let (business, position) = (view.business.id, view.known.position);
        let wanted = usize::from(page.first) + 1;
        let (mut found, mut after, mut limit) = (Vec::new(), page.after, FIRST);
        loop {
            let asked = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = views::transactions(&self.pool, business, position, filter, order, after, asked).await?;
            self.texts.describe(&mut rows).await?;
            let is_last = rows.len() < limit;
            after = rows.last().map(|row| Cursor { day: row.day, amount: row.amount, id: row.id });
            found.extend(rows.into_iter().filter(|row| contains(row, words)));
            if is_last || found.len() >= wanted {
                found.truncate(wanted);
                return Ok(found);
            }
            limit = (limit * 2).min(MOST);
        }
    }
}

/// Words may begin in one text and end in the next.
fn contains(row: &TransactionRow, words: &str) -> bool {
    let texts = [&row.description, &row.counterparty, &row.reference];
    words_of(texts.map(|text| text.as_deref())).contains(words)
}
