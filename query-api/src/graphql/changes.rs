//! What changed between two states of knowledge.

use async_graphql::SimpleObject;
use rust_decimal::Decimal;

use super::input::Position;
use super::metrics::Period;
use super::names::{Cause, Metric, Unit};
use super::standing::Known;
use crate::figures;
use crate::reader;

#[derive(Debug, SimpleObject)]
pub struct Changes {
    metric: Metric,
    unit: Unit,
    currency: String,
    /// As asked, cut where it was still running in the later state of knowledge.
    period: Period,
    from: Known,
    to: Known,
    start: Option<Decimal>,
    end: Option<Decimal>,
    causes: Vec<CauseChange>,
    transaction_count: Position,
}

#[derive(Debug, SimpleObject)]
pub struct CauseChange {
    cause: Cause,
    value: Decimal,
    count: Position,
}

impl From<reader::Changes> for Changes {
    fn from(changes: reader::Changes) -> Self {
        let shown = |value: Decimal| match changes.metric.unit() {
            figures::Unit::Money => figures::exact_amount(value, changes.currency),
            _ => value.normalize(),
        };
        let cause = |change: &reader::CauseChange| CauseChange {
            cause: change.cause.into(),
            value: shown(change.value),
            count: Position(change.count),
        };
        Self {
            metric: changes.metric.into(),
            unit: changes.metric.unit().into(),
            currency: changes.currency.to_string(),
            period: changes.period.into(),
            from: changes.from.into(),
            to: changes.to.into(),
            start: changes.start.map(shown),
            end: changes.end.map(shown),
            causes: changes.causes.iter().map(cause).collect(),
            transaction_count: Position(changes.transactions),
        }
    }
}
