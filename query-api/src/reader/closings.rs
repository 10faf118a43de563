//! Figures of the last day of each bucket: balance, burn rate, runway.
//!
//! In one statement, whatever the number of buckets: what came before the first of them, then one step for each bucket
//! and one for each month, added up here. So no day asks for its whole past, and each figure is the one that a summary
//! of the bucket tells.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::Currency;

use super::Reader;
use super::series::{SeriesQuery, Starts, by_bucket, currencies, slices_of};
use super::summary::Figure;
use super::view::View;
use crate::failure::Failure;
use crate::figures::{
    Grain, KindSums, Metric, Operands, Period, Run, Slice, cover, cover_until, last_full_months, month_end, month_start,
};
use crate::views::{Question, SumRow};

/// The figures of a bucket's last day, of all that counts, whatever the series is split by. A bucket that was running
/// on the view's day ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosingFigures {
    pub period: Period,
    /// The day that the figures are of.
    pub day: NaiveDate,
    pub balance: Figure,
    pub burn_rate: Figure,
    pub runway: Figure,
}

impl ClosingFigures {
    pub fn figures(&self) -> [Figure; 3] {
        [self.balance, self.burn_rate, self.runway]
    }
}

/// Slots besides those of the buckets themselves.
const MONTHS: i32 = -2;
const BEFORE: i32 = -3;
const BEFORE_MONTHS: i32 = -4;
const RUNNING: i32 = -5;

impl Reader {
    /// In order of time, then currency.
    ///
    /// # Errors
    /// Invalid where there would be more than 4,000 buckets.
    pub async fn closings(&self, view: &View, query: &SeriesQuery) -> Result<Vec<ClosingFigures>, Failure> {
        let query = SeriesQuery { by: None, ..query.clone() };
        let slices = slices_of(view, &query)?;
        let (Some(first), Some(last)) = (slices.first(), slices.last()) else { return Ok(Vec::new()) };
        let months = Period::ordered(full_months(view, first).from(), full_months(view, last).to());
        let rows = self.rows_in(view, question(view, &query, &slices, months), query.currency).await?;
        let walks = currencies(rows.iter().map(|row| row.currency), &query, view).into_iter().map(|currency| {
            let steps = Steps::of(&rows, currency, &slices);
            (currency, steps.operands(view, &slices))
        });
        let walks: Vec<_> = walks.collect();
        let mut closings = Vec::with_capacity(slices.len() * walks.len());
        for (index, slice) in slices.iter().enumerate() {
            let day = view.cut(slice.period).to();
            let figures = |(currency, operands): &(Currency, Vec<Operands>)| {
                closing(slice.period, day, *currency, &operands[index])
            };
            closings.extend(walks.iter().map(figures));
        }
        Ok(closings)
    }
}

fn closing(period: Period, day: NaiveDate, currency: Currency, operands: &Operands) -> ClosingFigures {
    let figure = |metric| Figure::of(metric, currency, operands);
    let (balance, burn_rate) = (figure(Metric::Balance), figure(Metric::BurnRate));
    ClosingFigures { period, day, balance, burn_rate, runway: figure(Metric::Runway) }
}

/// The last three full months of a bucket's last day, as of the view.
fn full_months(view: &View, slice: &Slice) -> Period {
    last_full_months(view.cut(slice.period).to().min(view.day), 3)
}

/// The buckets, what came before them, and the same of the months; the days of a bucket that was running.
fn question(view: &View, query: &SeriesQuery, slices: &[Slice], months: Period) -> Question {
    let mut question = by_bucket(query, slices);
    let all = crate::views::Dim::All;
    if let Some(first) = slices.first() {
        question.ask(BEFORE, all, cover_until(first.period.from() - Days::new(1)));
    }
    question.ask(BEFORE_MONTHS, all, cover_until(months.from() - Days::new(1)));
    let run = Run { grain: Grain::Month, first: months.from(), last: month_start(months.to()) };
    question.ask_buckets(MONTHS, all, run);
    if let Some(running) = slices.iter().find(|slice| view.cut(slice.period) != slice.period) {
        question.ask(RUNNING, all, cover(view.cut(running.period)));
    }
    question
}

/// The sums of one currency, step by step.
#[derive(Debug, Default)]
struct Steps {
    before: KindSums,
    buckets: BTreeMap<usize, KindSums>,
    /// Of the bucket that was running, until the view's day.
    running: KindSums,
    before_months: KindSums,
    /// By their first days.
    months: BTreeMap<NaiveDate, KindSums>,
}

impl Steps {
    fn of(rows: &[SumRow], currency: Currency, slices: &[Slice]) -> Self {
        let starts = Starts::of(slices);
        let mut steps = Self::default();
        for row in rows.iter().filter(|row| row.currency == currency) {
            let step = match (row.slot, row.bucket) {
                (BEFORE, _) => Some(&mut steps.before),
                (BEFORE_MONTHS, _) => Some(&mut steps.before_months),
                (RUNNING, _) => Some(&mut steps.running),
                (MONTHS, Some(month)) => Some(steps.months.entry(month).or_default()),
                _ => starts.index(row).map(|index| steps.buckets.entry(index).or_default()),
            };
            if let Some(step) = step {
                step.put(row.kind, row.sums);
                step.miss(row.kind, row.lack);
            }
        }
        steps
    }

    /// Those of each bucket's last day.
    fn operands(&self, view: &View, slices: &[Slice]) -> Vec<Operands> {
        let until = self.counts_until();
        let mut closing = self.before;
        let mut all = Vec::with_capacity(slices.len());
        for (index, slice) in slices.iter().enumerate() {
            let before = closing;
            closing += self.buckets.get(&index).copied().unwrap_or_default();
            let is_cut = view.cut(slice.period) != slice.period;
            let months = full_months(view, slice);
            let first = month_end(months.from());
            let known = until.range(..=first).next_back().map_or(self.before_months.total().count, |(_, count)| *count);
            all.push(Operands {
                period: KindSums::default(),
                closing: if is_cut { before + self.running } else { closing },
                quarter: self
                    .months
                    .range(months.from()..=months.to())
                    .map(|(_, sums)| *sums)
                    .fold(KindSums::default(), |sum, month| sum + month),
                three_months_known: known > 0,
            });
        }
        all
    }

    /// How many transactions there are up to each month.
    fn counts_until(&self) -> BTreeMap<NaiveDate, i64> {
        let mut count = self.before_months.total().count;
        let months = self.months.iter().map(|(month, sums)| {
            count += sums.total().count;
            (*month, count)
        });
        months.collect()
    }
}
