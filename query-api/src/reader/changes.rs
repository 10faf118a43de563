//! The difference of a figure between two states of knowledge, split by cause; and its known values by batch.

use domain::{Cause, Currency, Kind};
use rust_decimal::Decimal;

use super::Reader;
use super::explain::{Explanation, KnownValue};
use super::operands::{OperandSlots, of_currency};
use super::view::{BEGINNING, Known, View};
use crate::failure::Failure;
use crate::figures::{KindSums, Metric, Operands, Period};
use crate::views::{self, Changed, Dim, Question, Scope, SumRow};

#[derive(Debug, Clone)]
pub struct Changes {
    pub metric: Metric,
    pub currency: Currency,
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

const SLOTS: OperandSlots = OperandSlots::at(0);
const MOST_KNOWN: usize = 10;

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
        currency: Currency,
    ) -> Result<Changes, Failure> {
        if from.known.position > to.known.position {
            return Err(Failure::invalid(
                "Changes are told forwards: the first state must not be later than the second.",
            ));
        }
        let business = to.business.id;
        let mut question = Question::new(Scope::default());
        SLOTS.ask(&mut question, period, Dim::Cause);
        let rows = views::sums(&self.pool, business, &question, &[from.changed, to.changed]).await?;
        let start = operands(&rows, 0, currency);
        let end = operands(&rows, 1, currency);
        let counts = self.change_counts(from, to, metric, period, currency).await?;
        let (start_value, end_value) = (metric.value(&start).ok(), metric.value(&end).ok());
        let mut causes = Vec::new();
        if let (Some(start_value), Some(_)) = (start_value, end_value) {
            let steps = steps(&rows, currency, metric, start, start_value);
            for (cause, value) in Cause::ALL.into_iter().zip(steps) {
                let count = counts.iter().find(|(counted, _)| *counted == cause).map_or(0, |(_, count)| *count);
                if !value.is_zero() || count > 0 {
                    causes.push(CauseChange { cause, value, count });
                }
            }
        }
        Ok(Changes {
            metric,
            currency,
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
        currency: Currency,
    ) -> Result<Vec<(Cause, i64)>, Failure> {
        if from.changed == to.changed {
            return Ok(Vec::new());
        }
        let period = if metric.is_closing() { Period::ordered(BEGINNING, period.to()) } else { period };
        let changed = Changed { from: from.changed };
        let kinds = kinds_of(metric);
        Ok(views::change_counts(&self.pool, to.business.id, to.changed, changed, period, currency, &kinds).await?)
    }

    /// The figure as it was known before, one entry for each batch that changed it, newest first: the present one
    /// leads, and at most ten are given.
    pub async fn known_values(&self, view: &View, explanation: &Explanation) -> Result<Vec<KnownValue>, Failure> {
        let business = view.business.id;
        let Figure { metric, currency } = Figure::of(explanation);
        let mut question = Question::new(explanation.scope.clone());
        SLOTS.ask(&mut question, explanation.period, Dim::All);
        let mut states = Vec::new();
        let mut until = view.changed;
        while states.len() <= MOST_KNOWN {
            let Some(change) = views::last_change(&self.pool, business, &question, until).await? else { break };
            states.push(Known { position: change.position, at: Some(change.known_at) });
            until = change.batch_began.unwrap_or(change.position).min(change.position) - 1;
        }
        let mut positions: Vec<_> = states.iter().map(|known| known.position).collect();
        positions.push(until);
        let rows = views::sums(&self.pool, business, &question, &positions).await?;
        let values: Vec<_> =
            (0..positions.len()).map(|seen| metric.value(&operands(&rows, seen, currency)).ok()).collect();
        let causes = self.leading_causes(view, explanation, &positions).await?;
        let entries = states.into_iter().enumerate().filter(|(nth, _)| values[*nth] != values[*nth + 1]);
        let entry = |(nth, known): (usize, Known)| KnownValue { known, value: values[nth], cause: causes[nth] };
        Ok(entries.map(entry).take(MOST_KNOWN).collect())
    }

    /// For each position the cause that moved the figure's operands most since the next, older one.
    async fn leading_causes(
        &self,
        view: &View,
        explanation: &Explanation,
        positions: &[i64],
    ) -> Result<Vec<Option<Cause>>, Failure> {
        if explanation.scope != Scope::default() {
            return Ok(vec![None; positions.len()]);
        }
        let Figure { metric, currency } = Figure::of(explanation);
        let mut question = Question::new(Scope::default());
        SLOTS.ask(&mut question, explanation.period, Dim::Cause);
        let rows = views::sums(&self.pool, view.business.id, &question, positions).await?;
        let moved = |nth: usize, cause: Cause| {
            let before = of_cause(&rows, nth + 1, currency, cause);
            let now = of_cause(&rows, nth, currency, cause);
            let moved = weight(metric, &now, &before);
            (!moved.is_zero()).then_some((moved, cause))
        };
        let leading = |nth: usize| {
            let by_size = Cause::ALL.into_iter().filter_map(|cause| moved(nth, cause));
            by_size.reduce(|most, next| if next.0 > most.0 { next } else { most }).map(|(_, cause)| cause)
        };
        Ok((0..positions.len()).map(|nth| if nth + 1 < positions.len() { leading(nth) } else { None }).collect())
    }
}

struct Figure {
    metric: Metric,
    currency: Currency,
}

impl Figure {
    fn of(explanation: &Explanation) -> Self {
        Self { metric: explanation.figure.metric, currency: explanation.figure.currency }
    }
}

fn operands(rows: &[SumRow], seen: usize, currency: Currency) -> Operands {
    let counts = of_currency(currency);
    SLOTS.answer(rows, |row| counts(row) && row.seen == seen)
}

fn of_cause(rows: &[SumRow], seen: usize, currency: Currency, cause: Cause) -> Operands {
    let counts = of_currency(currency);
    SLOTS.answer(rows, |row| counts(row) && row.seen == seen && row.key == cause.as_str())
}

/// What each cause adds, in their order. A step on which the figure is undefined adds nothing, and the next one that
/// is defined takes both, so that all of them always lead from start to end.
fn steps(rows: &[SumRow], currency: Currency, metric: Metric, start: Operands, value: Decimal) -> Vec<Decimal> {
    let mut at = start;
    let mut value = value;
    let end = operands(rows, 1, currency);
    let mut steps = Vec::with_capacity(Cause::ALL.len());
    for cause in Cause::ALL {
        let (before, now) = (of_cause(rows, 0, currency, cause), of_cause(rows, 1, currency, cause));
        at.period += now.period - before.period;
        at.closing += now.closing - before.closing;
        at.quarter += now.quarter - before.quarter;
        // Whether three months are known is no amount: it holds in every step where it holds at the end.
        at.three_months_known = end.three_months_known;
        let next = metric.value(&at).unwrap_or(value);
        steps.push(next - value);
        value = next;
    }
    steps
}

/// How much a figure's operands moved.
fn weight(metric: Metric, now: &Operands, before: &Operands) -> Decimal {
    let size = |sums: KindSums| {
        sums.iter()
            .map(|(kind, sums)| if metric.is_sum() { metric.contribution(kind, sums).abs() } else { sums.net().abs() })
            .sum()
    };
    if metric.is_closing() { size(now.closing - before.closing) } else { size(now.period - before.period) }
}

fn kinds_of(metric: Metric) -> Vec<Kind> {
    let counts = |kind: &Kind| match metric {
        Metric::Revenue => matches!(kind, Kind::Revenue | Kind::Refund),
        Metric::AverageSale => *kind == Kind::Revenue,
        Metric::Expenses => matches!(kind, Kind::Expense | Kind::Tax),
        Metric::Profit | Metric::ProfitMargin | Metric::CashIn | Metric::CashOut | Metric::CashNet => {
            kind.is_operating()
        }
        Metric::BurnRate => kind.is_operating(),
        _ => true,
    };
    Kind::ALL.into_iter().filter(counts).collect()
}
