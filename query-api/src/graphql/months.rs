//! Months of a business, open and closed.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use domain::business::SealedFigure;
use rust_decimal::Decimal;

use super::audit::AuditActor;
use super::input::Position;
use super::names::Kind;
use crate::figures::exact_amount;
use crate::reader::MonthState;

#[derive(Debug, SimpleObject)]
pub struct BusinessMonth {
    /// E.g. 2026-03.
    month: String,
    state: MonthStatus,
    /// Whether its last day is past in the business's time zone: only then it can be closed.
    is_over: bool,
    /// Of a closed month, like `closedBy` and `code`.
    closed_at: Option<DateTime<Utc>>,
    closed_by: Option<AuditActor>,
    /// The last event that the figures hold.
    position: Position,
    /// By which a printed report is checked.
    code: Option<String>,
    /// Those that were sealed; of an open month, those known now.
    figures: Vec<MonthFigure>,
    /// What came for a closed month since then.
    differences: Vec<MonthFigure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MonthStatus {
    Open,
    Closed,
}

#[derive(Debug, SimpleObject)]
pub struct MonthFigure {
    currency: String,
    kind: Kind,
    #[graphql(name = "in")]
    money_in: Decimal,
    #[graphql(name = "out")]
    money_out: Decimal,
    net: Decimal,
    count: i32,
}

impl From<&SealedFigure> for MonthFigure {
    fn from(figure: &SealedFigure) -> Self {
        let amount = |amount| exact_amount(amount, figure.currency);
        Self {
            currency: figure.currency.to_string(),
            kind: figure.kind.into(),
            money_in: amount(figure.inflow),
            money_out: amount(figure.outflow),
            net: amount(figure.inflow - figure.outflow),
            count: i32::try_from(figure.count).unwrap_or(i32::MAX),
        }
    }
}

impl From<MonthState> for BusinessMonth {
    fn from(state: MonthState) -> Self {
        let closing = state.closing.as_ref();
        Self {
            month: state.month.to_string(),
            state: if closing.is_some() { MonthStatus::Closed } else { MonthStatus::Open },
            is_over: state.is_over,
            closed_at: closing.map(|closing| closing.at),
            closed_by: closing.map(|closing| closing.actor.clone().into()),
            position: Position(state.known),
            code: closing.map(|closing| closing.code.to_string()),
            figures: state.figures.iter().map(MonthFigure::from).collect(),
            differences: closing.into_iter().flat_map(|closing| &closing.differences).map(MonthFigure::from).collect(),
        }
    }
}
