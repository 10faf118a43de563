//! The difference of a figure between two states of knowledge, split by cause.

use domain::{Cause, Currency};
use rust_decimal::Decimal;

use super::Reader;
use super::convert::Moment;
use super::operands::{Needs, OperandSlots, Seen};
use super::view::{BEGINNING, Known, View};
use crate::failure::Failure;
use crate::figures::{Metric, Operands, Period, Terms};
use crate::views::{self, Changed, Dim, Question, Scope};

#[derive(Debug, Clone)]
pub struct Changes {
    pub metric: Metric,
    pub currency: Currency,
    /// As asked, cut at the later view's day where it was still running then.
    pub period: Period,
    pub from: Known,
    pub to: Known,
    /// `None` where it was undefined.
    pub start: Option<Decimal>,
    pub end: Option<Decimal>,
    /// Where both ends are defined: start + all values = end.
    pub causes: Vec<CauseChange>,
    /// Transactions that changed.
    pub transactions: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CauseChange {
    pub cause: Cause,
    pub value: Decimal,
    /// Transactions that changed for this cause.
    pub count: i64,
}

impl Reader {
    /// `to` is the later view. Causes are applied one after the other, in the order new, late, corrected, removed,
    /// recategorised, exchange rate: for a figure that is a sum each has exactly its own amounts, for a quotient the
    /// step that it makes there.
    pub async fn changes(
        &self,
        from: &View,
        to: &View,
        metric: Metric,
        period: Period,
        terms: impl Into<Terms>,
    ) -> Result<Changes, Failure> {
        let terms: Terms = terms.into();
        let currency = terms.currency;
        if from.known.position > to.known.position {
            return Err(Failure::invalid(
                "Changes are told forwards: the first state must not be later than the second.",
            ));
        }
        let mut question = Question::new(Scope::default());
        let period = to.cut(period);
        let slots = OperandSlots::new(0, period, Needs::of(metric), to.day);
        slots.ask(&mut question, Dim::Cause, Dim::Cause);
        // What was known before at the rates known now: amounts that moved are told at these.
        let revalued = Moment { sums: from.changed, rates: to.changed };
        let moments = [Moment::at(from.changed), Moment::at(to.changed), revalued];
        let rows = self.rows_at(to, &question, terms, &moments).await?;
        let seen = Seen { slots, rows: &rows, currency };
        let (start, end) = (seen.at(0), seen.at(1));
        let counts = self.change_counts(from, to, metric, period, (!terms.converts).then_some(currency)).await?;
        let (start_value, end_value) = (metric.value(&start).ok(), metric.value(&end).ok());
        let mut causes = Vec::new();
        if let (Some(start_value), Some(_)) = (start_value, end_value) {
            for (cause, value) in Cause::ALL.into_iter().zip(steps(&seen, metric, start, start_value)) {
                let count = counts.iter().find(|(counted, _)| *counted == cause).map_or(0, |(_, count)| *count);
                if !value.is_zero() || count > 0 {
                    causes.push(CauseChange { cause, value, count });
                }
            }
        }
        Ok(Changes {
            metric,
            currency,
            period,
            from: from.known,
            to: to.known,
            start: start_value,
            end: end_value,
            causes,
            transactions: counts.iter().map(|(_, count)| count).sum(),
        })
    }

    async fn change_counts(
        &self,
        from: &View,
        to: &View,
        metric: Metric,
        period: Period,
        currency: Option<Currency>,
    ) -> Result<Vec<(Cause, i64)>, Failure> {
        if from.changed == to.changed {
            return Ok(Vec::new());
        }
        let period = if metric.is_closing() { Period::ordered(BEGINNING, period.to()) } else { period };
        let changed = Changed { from: from.changed };
        let business = to.business.id;
        Ok(views::change_counts(&self.pool, business, to.changed, changed, period, currency, &metric.kinds()).await?)
    }
}

/// Which moment holds the amounts known before at the rates known now.
const REVALUED: usize = 2;

/// What each cause adds, in their order. A step on which the figure is undefined adds nothing, and the next one that
/// is defined takes both, so that all of them always lead from start to end.
fn steps(seen: &Seen<'_>, metric: Metric, start: Operands, value: Decimal) -> Vec<Decimal> {
    let mut at = start;
    let mut value = value;
    let end = seen.at(1);
    let mut steps = Vec::with_capacity(Cause::ALL.len());
    for cause in Cause::ALL {
        if cause == Cause::ExchangeRate {
            // What is left is what the amounts known before became worth by other rates.
            at = end;
        } else {
            let (before, now) = (seen.of_cause(REVALUED, cause), seen.of_cause(1, cause));
            at.period += now.period - before.period;
            at.closing += now.closing - before.closing;
            at.quarter += now.quarter - before.quarter;
        }
        // Whether three months are known is no amount: it holds in every step where it holds at the end.
        at.three_months_known = end.three_months_known;
        let next = metric.value(&at).unwrap_or(value);
        steps.push(next - value);
        value = next;
    }
    steps
}
