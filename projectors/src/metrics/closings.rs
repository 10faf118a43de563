//! Closed months, checked with nothing but the events: whether the log up to the position of each gives its figures.

use std::collections::{BTreeMap, VecDeque};

use domain::business::{BusinessEvent, ReportCode, SealedFigure};
use domain::{Currency, Kind, Month};
use rust_decimal::Decimal;
use streams::projection::ProjectionError;
use streams::{DomainEvent, Event};

use super::offline::Months;
use crate::decode::poison;

/// A month that was closed, by a code that is printed on its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub month: Month,
    /// Of the closing itself.
    pub position: i64,
    /// The last event that its figures hold.
    pub known: i64,
    pub code: ReportCode,
    /// The signed note that it was closed under, where there was one.
    pub note: Option<String>,
    figures: Vec<SealedFigure>,
}

/// The closings among these events.
pub fn closings(events: &[Event]) -> Result<Vec<Closing>, ProjectionError> {
    let mut found = Vec::new();
    for event in events.iter().filter(|event| event.event_type == "business.month_closed") {
        match event.decode() {
            Ok(DomainEvent::Business(BusinessEvent::MonthClosed { month, figures, position, salt, checkpoint })) => {
                let code = ReportCode::of(salt, &event.hash);
                let (at, note) = (event.position, checkpoint);
                found.push(Closing { month, position: at, known: position, code, note, figures });
            }
            Ok(_) => {}
            Err(error) => return Err(poison(event.position, error.to_string())),
        }
    }
    Ok(found)
}

/// A second reading of the events, which stops at the position of each closing and compares.
#[derive(Debug)]
pub struct Recount {
    months: Months,
    /// In the order of the positions that they hold.
    left: VecDeque<Closing>,
}

impl Recount {
    pub fn of(mut closings: Vec<Closing>) -> Self {
        closings.sort_by_key(|closing| closing.known);
        Self { months: Months::default(), left: closings.into() }
    }

    /// Folds the next events.
    ///
    /// # Errors
    /// Poison at the position of a closing whose figures are others.
    pub fn apply(&mut self, mut events: &[Event]) -> Result<(), ProjectionError> {
        while let Some(known) = self.left.front().map(|closing| closing.known) {
            let until = events.partition_point(|event| event.position <= known);
            if until == events.len() {
                break;
            }
            self.months.apply(&events[..until])?;
            events = &events[until..];
            self.compare_next()?;
        }
        self.months.apply(events)
    }

    /// After the last event.
    pub fn finish(mut self) -> Result<(), ProjectionError> {
        while !self.left.is_empty() {
            self.compare_next()?;
        }
        Ok(())
    }

    fn compare_next(&mut self) -> Result<(), ProjectionError> {
        let Some(closing) = self.left.pop_front() else { return Ok(()) };
        let counted = self.months.figures().into_iter().filter(|found| found.month == closing.month.first_day());
        let counted: Figures = counted
            .map(|found| ((found.currency, found.kind), (found.sums.inflow, found.sums.outflow, found.sums.count)))
            .collect();
        let sealed = closing.figures.iter();
        let sealed: Figures = sealed
            .map(|figure| ((figure.currency, figure.kind), (figure.inflow, figure.outflow, figure.count)))
            .collect();
        if counted == sealed {
            return Ok(());
        }
        let text =
            format!("it closes {} with other figures than the events up to {} give", closing.month, closing.known);
        Err(poison(closing.position, text))
    }
}

type Figures = BTreeMap<(Currency, Kind), (Decimal, Decimal, i64)>;
