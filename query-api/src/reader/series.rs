//! Figures by bucket.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use domain::{Currency, Sums};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Reader;
use super::rates::lacking;
use super::view::{Known, View};
use crate::failure::Failure;
use crate::figures::{
    Bucket, KindSums, Lack, Metric, Operands, Period, Run, Slice, Terms, cover, exact_amount, slices,
};
use crate::views::{Dim, Question, Scope, SumRow};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    Category,
    Account,
    Kind,
}

#[derive(Debug, Clone)]
pub struct SeriesQuery {
    pub period: Period,
    pub bucket: Bucket,
    pub by: Option<SplitBy>,
    pub scope: Scope,
    /// `None`: every currency, each for itself.
    pub currency: Option<Terms>,
}

#[derive(Debug, Clone)]
pub struct Series {
    pub known: Known,
    /// In order of time, then key, then currency.
    pub points: Vec<Point>,
    /// The first day without a rate of each currency that lacks one.
    pub lacking: Vec<Lack>,
}

/// The figures of one bucket. Without a split every bucket has a point, with one only those that hold something.
#[derive(Debug, Clone)]
pub struct Point {
    pub period: Period,
    /// Category, account id or kind.
    pub key: Option<String>,
    pub currency: Currency,
    /// Cut by the asked range, or not over on the view's day.
    pub partial: bool,
    pub sums: KindSums,
}

impl Point {
    /// A figure of the bucket; `None` where it is undefined, and for figures of a day rather than a bucket.
    pub fn value(&self, metric: Metric) -> Option<Decimal> {
        if metric.is_closing() {
            return None;
        }
        metric.value(&Operands { period: self.sums, ..Operands::default() }).ok()
    }

    /// A sum of the bucket as it is written; `None` where it lacks an exchange rate.
    pub fn amount(&self, metric: Metric) -> Option<Decimal> {
        self.value(metric).map(|value| exact_amount(value, self.currency))
    }

    pub fn total(&self) -> Sums {
        self.sums.total()
    }
}

pub(crate) const MOST_BUCKETS: usize = 4_000;
pub(super) const MOST_POINTS: usize = 50_000;

impl Reader {
    /// In one statement.
    ///
    /// # Errors
    /// Invalid where the answer would hold more than 4,000 buckets or 50,000 points.
    pub async fn series(&self, view: &View, query: &SeriesQuery) -> Result<Series, Failure> {
        let slices = slices_of(view, query)?;
        let rows = self.rows_in(view, by_bucket(query, &slices), query.currency).await?;
        let cells = collect(&rows, query, &slices);
        let currencies = currencies(cells.keys().map(|(_, _, currency)| *currency), query, view);
        let mut points = Vec::new();
        for (index, slice) in slices.iter().enumerate() {
            let partial = !slice.whole || slice.period.to() >= view.day;
            let place = Place { index, slice, partial };
            place.push_points(&mut points, &cells, query.by, &currencies);
            if points.len() > MOST_POINTS {
                return Err(too_long());
            }
        }
        Ok(Series { known: view.known, points, lacking: lacking(&rows) })
    }

    /// `terms` absent: every currency, each for itself.
    pub(super) async fn rows_in(
        &self,
        view: &View,
        question: Question,
        terms: Option<Terms>,
    ) -> Result<Arc<Vec<SumRow>>, Failure> {
        match terms {
            Some(terms) => self.sums_in(view, question, terms).await,
            None => self.sums(view, question).await,
        }
    }
}

pub(super) fn too_long() -> Failure {
    Failure::invalid("The answer would be too long; ask for a shorter period or larger buckets.")
}

pub(super) fn slices_of(view: &View, query: &SeriesQuery) -> Result<Vec<Slice>, Failure> {
    let fiscal = view.business.fiscal_year_first_month;
    slices(query.period, query.bucket, fiscal, MOST_BUCKETS).map_err(|error| Failure::invalid(error.to_string()))
}

/// Whole buckets that a roll-up holds are one run; buckets that are cut, and fiscal years, are sums of their own.
pub(super) fn by_bucket(query: &SeriesQuery, slices: &[Slice]) -> Question {
    let by = match query.by {
        Some(SplitBy::Category) => Dim::Category,
        Some(SplitBy::Account) => Dim::Account,
        None | Some(SplitBy::Kind) => Dim::All,
    };
    let mut question = Question::new(query.scope.clone());
    let grain = query.bucket.grain();
    let mut whole = slices.iter().filter(|slice| slice.whole).map(|slice| slice.period.from());
    if let (Some(grain), Some(first)) = (grain, whole.next()) {
        question.ask_buckets(-1, by, Run { grain, first, last: whole.next_back().unwrap_or(first) });
    }
    for (slot, slice) in (0..).zip(slices).filter(|(_, slice)| grain.is_none() || !slice.whole) {
        question.ask(slot, by, cover(slice.period));
    }
    question
}

/// Where the rows of [`by_bucket`] belong.
pub(super) struct Starts(BTreeMap<NaiveDate, usize>);

impl Starts {
    pub(super) fn of(slices: &[Slice]) -> Self {
        Self(slices.iter().enumerate().map(|(index, slice)| (slice.period.from(), index)).collect())
    }

    pub(super) fn index(&self, row: &SumRow) -> Option<usize> {
        match row.bucket {
            Some(bucket) => self.0.get(&bucket).copied(),
            None => usize::try_from(row.slot).ok(),
        }
    }
}

pub(super) type Cells = BTreeMap<(usize, String, Currency), KindSums>;

/// The sums of each slice by key.
pub(super) fn collect(rows: &[SumRow], query: &SeriesQuery, slices: &[Slice]) -> Cells {
    let starts = Starts::of(slices);
    let mut cells = Cells::new();
    for row in rows.iter().filter(|row| query.currency.is_none_or(|terms| row.currency == terms.currency)) {
        let Some(index) = starts.index(row) else { continue };
        let key = match query.by {
            None => String::new(),
            Some(SplitBy::Kind) => row.kind.as_str().to_owned(),
            Some(SplitBy::Category | SplitBy::Account) => row.key.clone(),
        };
        let sums = cells.entry((index, key, row.currency)).or_default();
        sums.put(row.kind, row.sums);
        sums.miss(row.kind, row.lack);
    }
    cells
}

/// The asked one; else those that were found, in order, or the business's own where there are none.
pub(super) fn currencies(
    found: impl Iterator<Item = Currency>,
    query: &SeriesQuery,
    view: &View,
) -> BTreeSet<Currency> {
    if let Some(terms) = query.currency {
        return BTreeSet::from([terms.currency]);
    }
    let found: BTreeSet<_> = found.collect();
    if found.is_empty() { BTreeSet::from([view.business.base_currency]) } else { found }
}

struct Place<'a> {
    index: usize,
    slice: &'a Slice,
    partial: bool,
}

impl Place<'_> {
    fn push_points(
        &self,
        points: &mut Vec<Point>,
        cells: &Cells,
        by: Option<SplitBy>,
        currencies: &BTreeSet<Currency>,
    ) {
        let point = |key: Option<String>, currency: Currency, sums: KindSums| Point {
            period: self.slice.period,
            key,
            currency,
            partial: self.partial,
            sums,
        };
        if by.is_none() {
            points.extend(currencies.iter().map(|currency| {
                let sums = cells.get(&(self.index, String::new(), *currency)).copied().unwrap_or_default();
                point(None, *currency, sums)
            }));
            return;
        }
        let lowest = currencies.first().copied();
        let Some(lowest) = lowest else { return };
        let from = (self.index, String::new(), lowest);
        for ((_, key, currency), sums) in cells.range(from..).take_while(|((index, ..), _)| *index == self.index) {
            if !sums.is_empty() {
                points.push(point(Some(key.clone()), *currency, *sums));
            }
        }
    }
}
