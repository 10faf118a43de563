//! From rows of sums to the operands of figures.

use domain::{Currency, Kind, Sums};

use crate::figures::{KindSums, Operands, Period, cover, cover_until, last_full_months, month_end};
use crate::views::{Dim, Question, SumRow};

/// The four slots that any figure of one period is computed from, counted from `base`.
#[derive(Debug, Clone, Copy)]
pub(super) struct OperandSlots {
    base: i32,
}

impl OperandSlots {
    pub(super) const COUNT: i32 = 4;

    pub(super) const fn at(base: i32) -> Self {
        Self { base }
    }

    pub(super) const fn period(self) -> i32 {
        self.base
    }

    const fn closing(self) -> i32 {
        self.base + 1
    }

    const fn quarter(self) -> i32 {
        self.base + 2
    }

    /// Everything up to the end of the first of the three months: not empty where three full months are known.
    const fn reach(self) -> i32 {
        self.base + 3
    }

    pub(super) fn ask(self, question: &mut Question, period: Period, by: Dim) {
        question.ask(self.period(), by, cover(period));
        self.ask_closing(question, period, by);
    }

    /// Without the period's own sums, which the caller asks for in another split.
    pub(super) fn ask_closing(self, question: &mut Question, period: Period, by: Dim) {
        let quarter = last_full_months(period.to(), 3);
        question.ask(self.closing(), by, cover_until(period.to()));
        question.ask(self.quarter(), by, cover(quarter));
        question.ask(self.reach(), by, cover_until(month_end(quarter.from())));
    }

    /// From the rows that `counts` lets through.
    pub(super) fn answer(self, rows: &[SumRow], counts: impl Fn(&SumRow) -> bool) -> Operands {
        let mut reach = KindSums::default();
        let mut operands = Operands::default();
        for row in rows.iter().filter(|row| counts(row)) {
            let slot = match row.slot {
                slot if slot == self.period() => &mut operands.period,
                slot if slot == self.closing() => &mut operands.closing,
                slot if slot == self.quarter() => &mut operands.quarter,
                slot if slot == self.reach() => &mut reach,
                _ => continue,
            };
            slot.put(row.kind, row.sums);
        }
        operands.three_months_known = reach.total().count > 0;
        operands
    }
}

/// Rows of one currency.
pub(super) fn of_currency(currency: Currency) -> impl Fn(&SumRow) -> bool + Copy {
    move |row| row.currency == currency
}

/// Sums by (kind, key) of one slot, in order.
pub(super) fn by_kind_and_key(
    rows: &[SumRow],
    slot: i32,
    currency: Currency,
) -> std::collections::BTreeMap<(Kind, String), Sums> {
    let mut parts = std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| row.slot == slot && row.currency == currency) {
        *parts.entry((row.kind, row.key.clone())).or_insert_with(Sums::default) += row.sums;
    }
    parts
}
