//! All figures of a period, compared with an earlier one.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Currency, Kind};
use rust_decimal::Decimal;

use super::Reader;
use super::operands::{Needs, OperandSlots, Parts, amounts_by_kind_and_key, of_currency};
use super::rates::lacking;
use super::view::{Known, View};
use crate::failure::Failure;
use crate::figures::{
    Compared, Comparison, Lack, Metric, Operands, Period, Terms, Undefined, Unit, compare_values, compared_period,
    exact_amount, percent_change,
};
use crate::views::{Dim, Question, Scope, SumRow};

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    pub metric: Metric,
    pub currency: Currency,
    pub value: Result<Decimal, Undefined>,
}

impl Figure {
    pub(super) fn of(metric: Metric, currency: Currency, operands: &Operands) -> Self {
        Self { metric, currency, value: metric.value(operands) }
    }

    /// The currency, where the figure is money.
    pub fn money_currency(self) -> Option<Currency> {
        (self.metric.unit() == Unit::Money).then_some(self.currency)
    }

    /// A value of this figure's unit as it is written.
    pub fn shown(self, value: Decimal) -> Decimal {
        match self.metric.unit() {
            Unit::Money => exact_amount(value, self.currency),
            Unit::Ratio | Unit::Months | Unit::Count => value.normalize(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComparedFigure {
    pub figure: Figure,
    /// `None` where it was undefined.
    pub before: Option<Decimal>,
    pub change: Compared,
}

impl ComparedFigure {
    pub(super) fn of(metric: Metric, currency: Currency, now: &Operands, before: &Operands) -> Self {
        let figure = Figure::of(metric, currency, now);
        let before = metric.value(before).ok();
        Self { figure, before, change: compare_values(figure.value.ok(), before) }
    }
}

#[derive(Debug, Clone)]
pub struct Summary {
    /// As asked, cut at the view's day where it was still running then.
    pub period: Period,
    pub compared: Period,
    pub known: Known,
    pub currency: Currency,
    pub figures: Vec<ComparedFigure>,
    /// None of an account's alone.
    pub movers: Vec<CategoryChange>,
    pub other_currencies: Vec<Currency>,
    /// Where all money is told in one currency: the first day without a rate of each that lacks one.
    pub lacking: Vec<Lack>,
}

/// How one category of revenue or expenses moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryChange {
    pub category: String,
    pub kind: Kind,
    /// As it counts in its figure: expenses are positive.
    pub value: Decimal,
    pub before: Decimal,
    pub difference: Decimal,
    pub percent: Option<Decimal>,
}

const MOST_MOVERS: usize = 8;

impl Reader {
    /// Of everything.
    pub async fn summary(
        &self,
        view: &View,
        period: Period,
        comparison: Comparison,
        terms: impl Into<Terms>,
    ) -> Result<Summary, Failure> {
        self.summary_of(view, period, comparison, terms.into(), Scope::default()).await
    }

    /// In one statement. A period that was running on the view's day is cut there, and compared with equal days.
    pub async fn summary_of(
        &self,
        view: &View,
        period: Period,
        comparison: Comparison,
        terms: Terms,
        scope: Scope,
    ) -> Result<Summary, Failure> {
        let currency = terms.currency;
        let period = view.cut(period);
        let compared = compared_period(period, comparison, view.business.fiscal_year_first_month);
        // By category: their sum is the period's, and the movers come with it. No cell holds an account's.
        let by = if scope.account.is_none() { Dim::Category } else { Dim::All };
        let mut question = Question::new(scope);
        let now = OperandSlots::new(0, period, Needs::Both, view.day);
        let before = OperandSlots::new(OperandSlots::COUNT, compared, Needs::Both, view.day);
        now.ask(&mut question, by, Dim::All);
        before.ask(&mut question, by, Dim::All);
        let rows = self.sums_in(view, question, terms).await?;
        let parts = |slots: &OperandSlots| amounts_by_kind_and_key(&rows, slots.period(), currency);
        let movers = if by == Dim::Category { movers(parts(&now), parts(&before)) } else { Vec::new() };
        let now = now.answer(&rows, of_currency(currency));
        let before = before.answer(&rows, of_currency(currency));
        let figures = Metric::ALL.into_iter().map(|metric| ComparedFigure::of(metric, currency, &now, &before));
        Ok(Summary {
            period,
            compared,
            known: view.known,
            currency,
            figures: figures.collect(),
            movers,
            other_currencies: other_currencies(&rows, currency),
            lacking: lacking(&rows),
        })
    }
}

/// The largest movers among the categories of revenue and expenses, by absolute difference.
fn movers(now: Parts, before: Parts) -> Vec<CategoryChange> {
    let mut categories: BTreeMap<(Kind, String), (Decimal, Decimal)> = BTreeMap::new();
    for ((kind, category), sums) in now {
        categories.entry((kind, category)).or_default().0 = counted(kind, sums);
    }
    for ((kind, category), sums) in before {
        categories.entry((kind, category)).or_default().1 = counted(kind, sums);
    }
    let mut movers: Vec<_> = categories
        .into_iter()
        .filter(|((kind, _), (value, before))| kind.is_operating() && value != before)
        .map(|((kind, category), (value, before))| CategoryChange {
            category,
            kind,
            value,
            before,
            difference: value - before,
            percent: percent_change(value, before),
        })
        .collect();
    movers.sort_by_key(|mover| std::cmp::Reverse(mover.difference.abs()));
    movers.truncate(MOST_MOVERS);
    movers
}

/// As it counts in revenue or in expenses.
fn counted(kind: Kind, sums: domain::Sums) -> Decimal {
    let metric = if matches!(kind, Kind::Expense | Kind::Tax) { Metric::Expenses } else { Metric::Revenue };
    metric.contribution(kind, sums)
}

fn other_currencies(rows: &[SumRow], currency: Currency) -> Vec<Currency> {
    let others: BTreeSet<_> =
        rows.iter().filter(|row| row.currency != currency && row.sums.count > 0).map(|row| row.currency).collect();
    others.into_iter().collect()
}
