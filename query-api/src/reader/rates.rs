//! Recorded exchange rates, what lacks one, and how a converted figure was converted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use domain::rates::{Conversion, REACH};
use domain::{BusinessId, Cause, Currency, Kind, Sums};
use rust_decimal::Decimal;

use super::Reader;
use super::convert::Moment;
use super::explain::Explanation;
use super::operands::OperandSlots;
use super::view::{BEGINNING, View, whole_calendar};
use crate::failure::Failure;
use crate::figures::{Grain, Lack, Metric, Run, Terms};
use crate::views::{self, AsOf, Dim, ForeignDay, MovedRow, Question, RateRow, Scope, SumRow};

/// The money of one currency in a figure that is a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Original {
    pub currency: Currency,
    /// In that currency.
    pub amount: Decimal,
    /// In the figure's; `None` where a day has no rate.
    pub value: Option<Decimal>,
    pub lack: Option<Lack>,
    pub count: i64,
}

/// What moved on one day in one currency, and how it was converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvertedDay {
    pub currency: Currency,
    pub day: NaiveDate,
    pub amount: Decimal,
    pub count: i64,
    /// `None` where the day has no rate.
    pub value: Option<Decimal>,
    pub conversion: Option<Conversion>,
}

/// Days that one page of conversions or rates holds, at most.
pub(crate) const MOST_DAYS: usize = 400;

impl Reader {
    /// Of at most `days` days, the newest before `before`; with their notes.
    pub async fn rates(
        &self,
        view: &View,
        currency: Option<Currency>,
        before: Option<NaiveDate>,
        days: usize,
    ) -> Result<Vec<RateRow>, Failure> {
        let days = i64::try_from(days.clamp(1, MOST_DAYS)).unwrap_or(1);
        let mut rates = views::rates(&self.pool, view.business.id, view.changed, currency, (before, days)).await?;
        self.texts.note_rates(&mut rates).await?;
        Ok(rates)
    }

    /// Days with money of other currencies that has no rate, as known at the view's position.
    pub async fn days_without_rate(&self, view: &View) -> Result<Vec<ForeignDay>, Failure> {
        let (business, base, all) = (view.business.id, view.business.base_currency, whole_calendar());
        let days = views::foreign_days(&self.pool, business, view.changed, base, (all.from(), all.to())).await?;
        if days.is_empty() {
            return Ok(days);
        }
        let book = self.book(view, days.iter().map(|day| day.currency)).await?;
        Ok(days.into_iter().filter(|day| book.conversion(day.currency, base, day.day).is_none()).collect())
    }

    /// What the rates of an event changed of the sums in the base currency, by month and kind. `days`: the first and the
    /// last that it has a rate for.
    pub(super) async fn moved_by_rates(
        &self,
        business: BusinessId,
        position: i64,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Vec<MovedRow>, Failure> {
        let view = self.view(business, Some(AsOf::Position(position)), None).await?;
        let base = view.business.base_currency;
        // A day without a rate takes one of the days before it.
        let last = last.checked_add_days(Days::new(REACH)).unwrap_or(last);
        let (first, last) = (first_of_month(first), first_of_month(last));
        let mut question = Question::new(Scope::default());
        question.ask_buckets(0, Dim::All, Run { grain: Grain::Month, first, last });
        let moments = [position - 1, position].map(|rates| Moment { sums: position, rates });
        let mut moved: BTreeMap<(NaiveDate, Kind), Sums> = BTreeMap::new();
        for row in self.rows_at(&view, &question, Terms::all_in(base), &moments).await? {
            let Some(month) = row.bucket else { continue };
            let sums = moved.entry((month, row.kind)).or_default();
            *sums += if row.seen == 0 { -row.sums } else { row.sums };
        }
        let row = |((month, kind), sums)| MovedRow { month, kind, currency: base, cause: Cause::ExchangeRate, sums };
        Ok(moved.into_iter().filter(|(_, sums)| !sums.is_zero()).map(row).collect())
    }

    /// The days of one currency in a converted figure that is a sum, newest first; their values sum to that
    /// currency's part of it.
    pub async fn conversions(
        &self,
        view: &View,
        explanation: &Explanation,
        currency: Currency,
        before: Option<NaiveDate>,
    ) -> Result<Vec<ConvertedDay>, Failure> {
        let (metric, into) = (explanation.figure.metric, explanation.figure.currency);
        if !metric.is_sum() || !explanation.terms.converts {
            return Ok(Vec::new());
        }
        let period = explanation.period;
        let first = if metric == Metric::Balance { BEGINNING } else { period.from() };
        let last = before.and_then(|day| day.pred_opt()).map_or(period.to(), |day| day.min(period.to()));
        if last < first {
            return Ok(Vec::new());
        }
        let mut question = Question::new(explanation.scope.clone());
        question.ask_buckets(0, Dim::All, Run { grain: Grain::Day, first, last });
        let rows = views::sums(&self.pool, view.business.id, &question, &[view.changed]).await?;
        let mut days: BTreeMap<NaiveDate, (Decimal, i64)> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.currency == currency) {
            let Some(day) = row.bucket else { continue };
            let moved = days.entry(day).or_default();
            moved.0 += metric.contribution(row.kind, row.sums);
            moved.1 += if metric.kinds().contains(&row.kind) { row.sums.count } else { 0 };
        }
        let book = self.book(view, [currency, into].into_iter()).await?;
        let converted = |(day, (amount, count)): (NaiveDate, (Decimal, i64))| {
            let conversion = if currency == into { None } else { book.conversion(currency, into, day) };
            let value = if currency == into || metric == Metric::Count {
                Some(amount)
            } else {
                conversion.map(|found| amount * found.factor)
            };
            ConvertedDay { currency, day, amount, count, value, conversion }
        };
        let moved = days.into_iter().rev().filter(|(_, (amount, count))| !amount.is_zero() || *count != 0);
        Ok(moved.take(MOST_DAYS).map(converted).collect())
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// By currency: what it is, and what it is worth. None where the figure is no sum.
pub(super) fn originals(metric: Metric, rows: (OperandSlots, &[SumRow], &[SumRow])) -> Vec<Original> {
    let (slots, as_is, told) = rows;
    if !metric.is_sum() {
        return Vec::new();
    }
    let kinds = metric.kinds();
    let of = |rows: &[SumRow], counts: &dyn Fn(&SumRow) -> bool| {
        let sums = *metric.base(&slots.answer(rows, counts));
        let value: Decimal = sums.iter().map(|(kind, sums)| metric.contribution(kind, sums)).sum();
        let count: i64 = sums.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, sums)| sums.count).sum();
        (value, count, sums.lack(|kind| kinds.contains(&kind)))
    };
    let currencies: BTreeSet<_> = as_is.iter().map(|row| row.currency).collect();
    let original = |currency: Currency| {
        let (amount, count, _) = of(as_is, &|row| row.currency == currency);
        let (value, _, lack) = of(told, &|row| row.original == currency);
        let lack = lack.filter(|_| metric != Metric::Count);
        Original { currency, amount, value: lack.is_none().then_some(value), lack, count }
    };
    currencies.into_iter().map(original).filter(|original| original.count != 0 || !original.amount.is_zero()).collect()
}

/// The first day without a rate of each currency.
pub(super) fn lacking(rows: &[SumRow]) -> Vec<Lack> {
    let mut first: BTreeMap<Currency, Lack> = BTreeMap::new();
    for lack in rows.iter().filter_map(|row| row.lack) {
        let known = first.entry(lack.currency).or_insert(lack);
        *known = lack.min(*known);
    }
    first.into_values().collect()
}
