//! A figure as it was known earlier, batch by batch.

use domain::Cause;
use rust_decimal::Decimal;

use super::Reader;
use super::convert::Moment;
use super::explain::{Explanation, KnownValue};
use super::operands::{Needs, OperandSlots, Seen};
use super::view::{BEGINNING, Known, View};
use crate::failure::Failure;
use crate::figures::{KindSums, Metric, Operands};
use crate::views::{self, Changing, Dim, Question, Scope};

const MOST_KNOWN: usize = 10;

impl Reader {
    /// The figure as it was known before, one entry for each batch that changed it, newest first: the present one
    /// leads, and at most ten are given.
    pub async fn known_values(&self, view: &View, explanation: &Explanation) -> Result<Vec<KnownValue>, Failure> {
        let business = view.business.id;
        let (metric, currency) = (explanation.figure.metric, explanation.figure.currency);
        let mut question = Question::new(explanation.scope.clone());
        let slots = OperandSlots::new(0, explanation.period, Needs::of(metric), view.day);
        slots.ask(&mut question, Dim::All, Dim::All);
        let kinds = metric.kinds();
        let terms = explanation.terms;
        let figures = Changing { kinds: &kinds, currency: (!terms.converts).then_some(currency) };
        let mut states = Vec::new();
        let mut until = view.changed;
        while states.len() <= MOST_KNOWN {
            let change = views::last_change(&self.pool, business, &question, figures, until).await?;
            let rate = if terms.converts { self.last_rate(view, explanation, until).await? } else { None };
            if let Some(rate) = rate.filter(|rate| change.is_none_or(|change| change.position < rate.position)) {
                until = rate.position - 1;
                states.push(rate);
                continue;
            }
            let Some(change) = change else { break };
            states.push(Known { position: change.position, at: Some(change.known_at), stands_still_since: None });
            until = change.batch_began.unwrap_or(change.position).min(change.position) - 1;
        }
        let mut positions: Vec<_> = states.iter().map(|known| known.position).collect();
        positions.push(until);
        let moments: Vec<_> = positions.iter().map(|position| Moment::at(*position)).collect();
        let rows = self.rows_at(view, &question, terms, &moments).await?;
        let seen = Seen { slots, rows: &rows, currency };
        let values: Vec<_> = (0..positions.len()).map(|nth| metric.value(&seen.at(nth)).ok()).collect();
        let causes = self.leading_causes(view, explanation, &positions).await?;
        let entries = states.into_iter().enumerate().filter(|(nth, _)| values[*nth] != values[*nth + 1]);
        let entry = |(nth, known): (usize, Known)| KnownValue { known, value: values[nth], cause: causes[nth] };
        Ok(entries.map(entry).take(MOST_KNOWN).collect())
    }

    /// The newest event up to a position that recorded a rate which the figure may use.
    async fn last_rate(&self, view: &View, explanation: &Explanation, until: i64) -> Result<Option<Known>, Failure> {
        let period = explanation.period;
        let from = if explanation.figure.metric.is_closing() { BEGINNING } else { period.from() };
        let found = views::last_rate(&self.pool, view.business.id, (from, period.to()), until).await?;
        Ok(found.map(|(position, at)| Known { position, at: Some(at), stands_still_since: None }))
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
        let (metric, currency) = (explanation.figure.metric, explanation.figure.currency);
        let mut question = Question::new(Scope::default());
        let slots = OperandSlots::new(0, explanation.period, Needs::of(metric), view.day);
        slots.ask(&mut question, Dim::Cause, Dim::Cause);
        // What was known before is told at the later rates, so that amounts and rates are not mixed up.
        let later = positions.iter().map(|position| Moment::at(*position));
        let earlier = positions.windows(2).map(|pair| Moment { sums: pair[1], rates: pair[0] });
        let moments: Vec<_> = later.chain(earlier).collect();
        let rows = self.rows_at(view, &question, explanation.terms, &moments).await?;
        let seen = Seen { slots, rows: &rows, currency };
        let moved = |nth: usize, cause: Cause| {
            let moved = weight(metric, &seen.of_cause(nth, cause), &seen.of_cause(positions.len() + nth, cause));
            (!moved.is_zero()).then_some((moved, cause))
        };
        let leading = |nth: usize| {
            let by_size = Cause::ALL.into_iter().filter_map(|cause| moved(nth, cause));
            let most = by_size.reduce(|most, next| if next.0 > most.0 { next } else { most }).map(|(_, cause)| cause);
            most.or(explanation.terms.converts.then_some(Cause::ExchangeRate))
        };
        Ok((0..positions.len()).map(|nth| if nth + 1 < positions.len() { leading(nth) } else { None }).collect())
    }
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
