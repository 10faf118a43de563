//! Sums in the base currency.
//!
//! Sums are kept by currency, and converted when they are read: each day's amount at the rate of that day, both as
//! known at the same position. A cell of a month or a year is worth the sum of its days. What a cell is worth is
//! decided by its newest version, the newest rate that its days may use, and nothing else: it is remembered under
//! these and is never stale, so that a page asks for days only where something changed. A business with one currency
//! comes by none of this.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use domain::rates::RateBook;
use domain::{BusinessId, Currency, Kind, Sums};
use moka::sync::Cache;
use rust_decimal::Decimal;

use super::view::View;
use super::{CacheKey, Reader};
use crate::failure::Failure;
use crate::figures::{Grain, Lack, Run, Terms};
use crate::views::{self, ForeignCell, Question, SlotRun, SumRow};

/// What sums are worth, and what could not be converted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Worth {
    pub sums: Sums,
    pub lack: Option<Lack>,
}

/// Sums as known at one position at the rates known at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub sums: i64,
    pub rates: i64,
}

impl Moment {
    pub(super) const fn at(position: i64) -> Self {
        Self { sums: position, rates: position }
    }
}

/// What was converted before.
#[derive(Debug, Clone)]
pub(super) struct Worths {
    cells: Cache<CellKey, Worth>,
    books: Cache<BookKey, Arc<RateBook>>,
}

/// A cell's content and the rates that it is converted with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CellKey {
    generation: (i32, i64),
    cell: i64,
    version: i64,
    rates: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct BookKey {
    generation: (i32, i64),
    business: BusinessId,
    changed: i64,
    currencies: Vec<Currency>,
}

/// Some 100 bytes each.
const MOST_CELLS: u64 = 200_000;
/// One of all days since 1999 has some 0.5 MB a currency.
const MOST_BOOKS: u64 = 64;

impl Worths {
    pub(super) fn new() -> Self {
        Self { cells: Cache::new(MOST_CELLS), books: Cache::new(MOST_BOOKS) }
    }
}

impl Worth {
    /// Of what moved on one day.
    pub(super) fn of_day(sums: Sums, currency: Currency, day: NaiveDate, into: Currency, book: &RateBook) -> Self {
        let nothing = sums.inflow.is_zero() && sums.outflow.is_zero();
        match book.conversion(currency, into, day) {
            Some(found) => Self { sums: scaled(sums, found.factor), lack: None },
            None if nothing => Self { sums, lack: None },
            None => {
                let counted = Sums { count: sums.count, ..Sums::default() };
                Self { sums: counted, lack: Some(Lack { day, currency }) }
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.sums += other.sums;
        self.lack = Lack::first(self.lack, other.lack);
    }
}

fn scaled(sums: Sums, factor: Decimal) -> Sums {
    Sums { inflow: sums.inflow * factor, outflow: sums.outflow * factor, count: sums.count }
}

/// Where a converted sum belongs.
type Place = (usize, i32, Option<NaiveDate>, String, Kind, Currency);

impl Reader {
    /// Sums as known at the view's position, in these terms.
    pub(super) async fn sums_in(
        &self,
        view: &View,
        question: Question,
        terms: Terms,
    ) -> Result<Arc<Vec<SumRow>>, Failure> {
        let rows = self.sums(view, question.clone()).await?;
        if !terms.converts || rows.iter().all(|row| row.currency == terms.currency) {
            return Ok(rows);
        }
        let key = CacheKey { into: Some(terms.currency), ..CacheKey::of(view, question.clone()) };
        let read = async {
            self.converted(view, &question, &rows, terms.currency, &[Moment::at(view.changed)]).await.map(Arc::new)
        };
        self.cache.try_get_with(key, Box::pin(read)).await.map_err(Failure::Database)
    }

    /// The same at several moments, unkept; `seen` of a row counts them.
    pub(super) async fn rows_at(
        &self,
        view: &View,
        question: &Question,
        terms: Terms,
        moments: &[Moment],
    ) -> Result<Vec<SumRow>, Failure> {
        let positions: Vec<_> = moments.iter().map(|moment| moment.sums).collect();
        let rows = views::sums(&self.pool, view.business.id, question, &positions).await?;
        if !terms.converts || rows.iter().all(|row| row.currency == terms.currency) {
            return Ok(rows);
        }
        Ok(self.converted(view, question, &rows, terms.currency, moments).await?)
    }

    /// `rows`: all currencies, as they are.
    async fn converted(
        &self,
        view: &View,
        question: &Question,
        rows: &[SumRow],
        into: Currency,
        moments: &[Moment],
    ) -> Result<Vec<SumRow>, sqlx::Error> {
        let foreign: BTreeSet<_> = rows.iter().map(|row| row.currency).filter(|currency| *currency != into).collect();
        let books = self.books(view, foreign, into, moments).await?;
        let positions: Vec<_> = moments.iter().map(|moment| moment.sums).collect();
        let worths = match question.cells() {
            Some(cells) => {
                let places = (positions.as_slice(), into);
                let found = views::foreign_cells(&self.pool, view.business.id, question, &cells, places).await?;
                self.of_cells(view, found, into, &books).await?
            }
            None => self.of_days(view, question, &positions, into, &books).await?,
        };
        let own = rows.iter().filter(|row| row.currency == into).cloned();
        let converted = worths.into_iter().map(|((seen, slot, bucket, key, kind, original), worth)| SumRow {
            seen,
            slot,
            bucket,
            key,
            kind,
            currency: into,
            original,
            sums: worth.sums,
            lack: worth.lack,
        });
        Ok(own.chain(converted).collect())
    }

    /// The rates of each moment.
    async fn books(
        &self,
        view: &View,
        mut currencies: BTreeSet<Currency>,
        into: Currency,
        moments: &[Moment],
    ) -> Result<Vec<Arc<RateBook>>, sqlx::Error> {
        currencies.insert(into);
        currencies.extend("EUR".parse::<Currency>());
        let currencies: Vec<_> = currencies.into_iter().collect();
        let (business, generation) = (view.business.id, view.generation);
        let positions: Vec<_> = moments.iter().map(|moment| moment.rates).collect();
        let mut books = Vec::with_capacity(moments.len());
        for changed in views::rates_changed(&self.pool, business, &positions).await? {
            let key = BookKey { generation, business, changed, currencies: currencies.clone() };
            let book = match self.worths.books.get(&key) {
                Some(book) => book,
                None => {
                    let book = Arc::new(views::rate_book(&self.pool, business, changed, &currencies).await?);
                    self.worths.books.insert(key, Arc::clone(&book));
                    book
                }
            };
            books.push(book);
        }
        Ok(books)
    }

    /// The rates as known at the view's position, between these currencies.
    pub(super) async fn book(
        &self,
        view: &View,
        currencies: impl Iterator<Item = Currency>,
    ) -> Result<Arc<RateBook>, Failure> {
        let moments = [Moment::at(view.changed)];
        let mut books = self.books(view, currencies.collect(), view.business.base_currency, &moments).await?;
        Ok(books.pop().unwrap_or_default())
    }

    async fn of_cells(
        &self,
        view: &View,
        cells: Vec<ForeignCell>,
        into: Currency,
        books: &[Arc<RateBook>],
    ) -> Result<BTreeMap<Place, Worth>, sqlx::Error> {
        let mut worths: BTreeMap<Place, Worth> = BTreeMap::new();
        let mut missing: HashMap<CellKey, Vec<usize>> = HashMap::new();
        for (nth, cell) in cells.iter().enumerate() {
            let book = &books[cell.seen];
            let last = last_day(cell);
            if last == cell.first {
                let worth = Worth::of_day(cell.sums, cell.currency, cell.first, into, book);
                worths.entry(place(cell)).or_default().add(worth);
                continue;
            }
            let rates = book.newest_within(cell.first, last);
            let key = CellKey { generation: view.generation, cell: cell.id, version: cell.position, rates };
            match self.worths.cells.get(&key) {
                Some(worth) => worths.entry(place(cell)).or_default().add(worth),
                None => missing.entry(key).or_default().push(nth),
            }
        }
        if !missing.is_empty() {
            let missing: Vec<_> = missing.into_iter().collect();
            let asked: Vec<_> = missing.iter().map(|(_, nths)| (&cells[nths[0]], last_day(&cells[nths[0]]))).collect();
            let mut found = vec![Worth::default(); missing.len()];
            for moved in views::cell_days(&self.pool, view.business.id, &asked).await? {
                let cell = asked[moved.cell].0;
                let worth = Worth::of_day(moved.sums, cell.currency, moved.day, into, &books[cell.seen]);
                found[moved.cell].add(worth);
            }
            for ((key, nths), worth) in missing.into_iter().zip(found) {
                for nth in nths {
                    worths.entry(place(&cells[nth])).or_default().add(worth);
                }
                self.worths.cells.insert(key, worth);
            }
        }
        Ok(worths)
    }

    /// A category within an account, which no cell holds.
    async fn of_days(
        &self,
        view: &View,
        question: &Question,
        positions: &[i64],
        into: Currency,
        books: &[Arc<RateBook>],
    ) -> Result<BTreeMap<Place, Worth>, sqlx::Error> {
        let daily = |run: &SlotRun| {
            let last = run.run.grain.next(run.run.last) - Days::new(1);
            SlotRun { run: Run { grain: Grain::Day, first: run.run.first, last }, by_bucket: true, ..*run }
        };
        let days = Question { scope: question.scope.clone(), runs: question.runs.iter().map(daily).collect() };
        let buckets: HashMap<i32, Grain> =
            question.runs.iter().filter(|run| run.by_bucket).map(|run| (run.slot, run.run.grain)).collect();
        let mut worths: BTreeMap<Place, Worth> = BTreeMap::new();
        for row in views::sums(&self.pool, view.business.id, &days, positions).await? {
            let Some(day) = row.bucket.filter(|_| row.currency != into) else { continue };
            let bucket = buckets.get(&row.slot).map(|grain| grain.start(day));
            let worth = Worth::of_day(row.sums, row.currency, day, into, &books[row.seen]);
            worths.entry((row.seen, row.slot, bucket, row.key, row.kind, row.currency)).or_default().add(worth);
        }
        Ok(worths)
    }
}

fn place(cell: &ForeignCell) -> Place {
    (cell.seen, cell.slot, cell.bucket, cell.key.clone(), cell.kind, cell.currency)
}

fn last_day(cell: &ForeignCell) -> NaiveDate {
    Grain::named(&cell.grain).map_or(cell.first, |grain| grain.next(cell.first) - Days::new(1))
}
