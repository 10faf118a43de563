//! From rows of sums to the operands of figures, in as few cells as they can be had from.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::{Cause, Currency, Kind, Sums};

use crate::figures::{KindSums, Metric, Operands, Period, cover, cover_until, last_full_months, month_end};
use crate::views::{Dim, Question, SumRow};

/// Which operands are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Those of figures of a period.
    Period,
    /// Those of figures of its last day.
    Closing,
    Both,
}

impl Needs {
    pub(super) fn of(metric: Metric) -> Self {
        if metric.is_closing() { Self::Closing } else { Self::Period }
    }
}

/// The slots of one period's operands, counted from `base`.
///
/// All that came until the last day is four stretches that follow each other, each asked for once: everything before
/// the last three full months, their first one, the two others, and the days since. Where these days are the asked
/// period itself (a running month), its own sums serve for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct OperandSlots {
    base: i32,
    period: Period,
    needs: Needs,
    full_months: Period,
}

impl OperandSlots {
    pub(super) const COUNT: i32 = 5;
    const BEFORE: i32 = 1;
    const FIRST: i32 = 2;
    const OTHERS: i32 = 3;
    const SINCE: i32 = 4;

    /// A month that is not over on `day`, the view's, is no full one, however far the period goes.
    pub(super) fn new(base: i32, period: Period, needs: Needs, day: NaiveDate) -> Self {
        Self { base, period, needs, full_months: last_full_months(period.to().min(day), 3) }
    }

    /// The last three full months.
    pub(super) const fn full_months(&self) -> Period {
        self.full_months
    }

    /// The slot of the period's own sums.
    pub(super) const fn period(&self) -> i32 {
        self.base
    }

    /// The days after the last full month, if any.
    fn since(&self) -> Option<Period> {
        let from = self.full_months.to() + Days::new(1);
        (from <= self.period.to()).then(|| Period::ordered(from, self.period.to()))
    }

    fn period_serves_since(&self) -> bool {
        self.needs == Needs::Both && self.since() == Some(self.period)
    }

    /// The period's sums are split by `by`, all others by `closing_by`.
    pub(super) fn ask(&self, question: &mut Question, by: Dim, closing_by: Dim) {
        if self.needs != Needs::Closing {
            question.ask(self.period(), by, cover(self.period));
        }
        if self.needs != Needs::Period {
            self.ask_closing(question, closing_by);
        }
    }

    fn ask_closing(&self, question: &mut Question, by: Dim) {
        let months = self.full_months;
        let first = Period::ordered(months.from(), month_end(months.from()));
        let others = Period::ordered(first.to() + Days::new(1), months.to());
        question.ask(self.base + Self::BEFORE, by, cover_until(months.from() - Days::new(1)));
        question.ask(self.base + Self::FIRST, by, cover(first));
        question.ask(self.base + Self::OTHERS, by, cover(others));
        if let Some(since) = self.since().filter(|_| !self.period_serves_since()) {
            question.ask(self.base + Self::SINCE, by, cover(since));
        }
    }

    /// From the rows that `counts` lets through.
    pub(super) fn answer(&self, rows: &[SumRow], counts: impl Fn(&SumRow) -> bool) -> Operands {
        let mut slots = [KindSums::default(); 5];
        for row in rows.iter().filter(|row| counts(row)) {
            let slot = usize::try_from(row.slot - self.base).ok().and_then(|slot| slots.get_mut(slot));
            if let Some(slot) = slot {
                slot.put(row.kind, row.sums);
                slot.miss(row.kind, row.lack);
            }
        }
        let [period, before, first, others, since] = slots;
        let since = if self.period_serves_since() { period } else { since };
        Operands {
            period,
            closing: before + first + others + since,
            quarter: first + others,
            three_months_known: (before + first).total().count > 0,
        }
    }
}

/// Sums of one question at several positions.
pub(super) struct Seen<'a> {
    pub slots: OperandSlots,
    pub rows: &'a [SumRow],
    pub currency: Currency,
}

impl Seen<'_> {
    pub(super) fn at(&self, seen: usize) -> Operands {
        let counts = of_currency(self.currency);
        self.slots.answer(self.rows, |row| counts(row) && row.seen == seen)
    }

    /// Of a question split by cause.
    pub(super) fn of_cause(&self, seen: usize, cause: Cause) -> Operands {
        let counts = of_currency(self.currency);
        self.slots.answer(self.rows, |row| counts(row) && row.seen == seen && row.key == cause.as_str())
    }
}

/// Rows of one currency.
pub(super) fn of_currency(currency: Currency) -> impl Fn(&SumRow) -> bool + Copy {
    move |row| row.currency == currency
}

/// Sums by kind and key of one slot.
pub(super) type Parts = BTreeMap<(Kind, String), Sums>;

pub(super) fn by_kind_and_key(rows: &[SumRow], slot: i32, currency: Currency) -> Parts {
    let mut parts = Parts::new();
    for row in rows.iter().filter(|row| row.slot == slot && row.currency == currency) {
        *parts.entry((row.kind, row.key.clone())).or_default() += row.sums;
    }
    parts
}

/// The same of amounts: what lacks a rate is in none, since it is told as lacking and never as a smaller part.
pub(super) fn amounts_by_kind_and_key(rows: &[SumRow], slot: i32, currency: Currency) -> Parts {
    let mut parts = by_kind_and_key(rows, slot, currency);
    for row in rows.iter().filter(|row| row.slot == slot && row.lack.is_some()) {
        parts.remove(&(row.kind, row.key.clone()));
    }
    parts
}
