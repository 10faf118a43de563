//! Months, open and closed. A closed one keeps the figures that it was closed with; what came later is a difference.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::business::{ReportCode, SealedFigure};
use domain::{BusinessId, Currency, Kind, Month};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Reader, View};
use crate::failure::Failure;
use crate::views::{self, ClosingRow};

/// A month as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthState {
    pub month: Month,
    /// Its last day is past in the business's time zone.
    pub is_over: bool,
    /// The last event that the figures hold.
    pub known: i64,
    /// Those that were sealed, or those known now where it is open.
    pub figures: Vec<SealedFigure>,
    pub closing: Option<Closing>,
}

/// The seal of a closed month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The position of the closing itself.
    pub position: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub code: ReportCode,
    /// The event's hash.
    pub hash: String,
    /// A signed note over the log.
    pub checkpoint: Option<String>,
    /// What came since then: now less sealed.
    pub differences: Vec<SealedFigure>,
}

#[derive(Deserialize)]
struct Sealed {
    figures: Vec<SealedFigure>,
    position: i64,
    checkpoint: Option<String>,
}

type Sums = BTreeMap<(Currency, Kind), SealedFigure>;

impl Reader {
    /// Months in which something stands or that were closed, newest first.
    /// `shown`: a position that the closings must show, where the asker wrote one.
    pub async fn months(&self, view: &View, shown: Option<i64>) -> Result<Vec<MonthState>, Failure> {
        self.shown_in_audit(shown).await?;
        let business = view.business.id;
        let closings = views::closings(&self.pool, business).await?;
        let mut now: BTreeMap<Month, Vec<SealedFigure>> = BTreeMap::new();
        for (month, figure) in views::month_sums(&self.pool, business, view.known.position, None).await? {
            now.entry(month).or_default().push(figure);
        }
        let mut closed: BTreeMap<Month, &ClosingRow> = BTreeMap::new();
        for row in closings.iter().filter(|row| row.closed) {
            closed.insert(row.month, row);
            now.entry(row.month).or_default();
        }
        let state = |(month, figures): (Month, Vec<SealedFigure>)| match closed.get(&month) {
            Some(row) => sealed(row, &figures),
            None => Ok(open(view, month, figures)),
        };
        now.into_iter().rev().map(state).collect()
    }

    pub async fn month(&self, view: &View, month: Month) -> Result<MonthState, Failure> {
        let months = self.months(view, None).await?;
        let found = months.into_iter().find(|state| state.month == month);
        Ok(found.unwrap_or_else(|| open(view, month, Vec::new())))
    }

    /// A month's figures as known at a position.
    pub async fn month_figures(&self, view: &View, month: Month, known: i64) -> Result<Vec<SealedFigure>, Failure> {
        let rows = views::month_sums(&self.pool, view.business.id, known, Some(month)).await?;
        Ok(rows.into_iter().map(|(_, figure)| figure).collect())
    }

    /// The closing with this code, whether or not the month was opened again since.
    pub async fn closing(&self, code: ReportCode) -> Result<Option<(BusinessId, MonthState)>, Failure> {
        let Some((business, row)) = views::closing_by_code(&self.pool, code).await? else { return Ok(None) };
        let Sealed { figures, .. } = read(&row)?;
        Ok(Some((business, sealed(&row, &figures)?)))
    }
}

fn open(view: &View, month: Month, figures: Vec<SealedFigure>) -> MonthState {
    MonthState { month, is_over: month.last_day() < view.today, known: view.known.position, figures, closing: None }
}

fn read(row: &ClosingRow) -> Result<Sealed, Failure> {
    serde_json::from_str(&row.fields).map_err(|error| undecodable(error.into()))
}

fn undecodable(error: Box<dyn std::error::Error + Send + Sync>) -> Failure {
    sqlx::Error::Decode(error).into()
}

fn sealed(row: &ClosingRow, now: &[SealedFigure]) -> Result<MonthState, Failure> {
    let Sealed { figures, position, checkpoint } = read(row)?;
    let closing = Closing {
        position: row.position,
        at: row.at,
        actor: row.actor.clone(),
        code: row.code.ok_or_else(|| undecodable("a closing has no code".into()))?,
        hash: row.hash.clone(),
        checkpoint,
        differences: differences(&figures, now),
    };
    Ok(MonthState { month: row.month, is_over: true, known: position, figures, closing: Some(closing) })
}

/// Now less sealed, where that is something.
fn differences(sealed: &[SealedFigure], now: &[SealedFigure]) -> Vec<SealedFigure> {
    let by_key = |figures: &[SealedFigure]| -> Sums {
        figures.iter().map(|figure| ((figure.currency, figure.kind), figure.clone())).collect()
    };
    let (before, after) = (by_key(sealed), by_key(now));
    let mut keys: Vec<_> = before.keys().chain(after.keys()).copied().collect();
    keys.sort();
    keys.dedup();
    let part = |sums: &Sums, key: &(Currency, Kind)| {
        sums.get(key).map_or((Decimal::ZERO, Decimal::ZERO, 0), |figure| (figure.inflow, figure.outflow, figure.count))
    };
    keys.iter()
        .map(|key| {
            let (was, is) = (part(&before, key), part(&after, key));
            SealedFigure {
                currency: key.0,
                kind: key.1,
                inflow: (is.0 - was.0).normalize(),
                outflow: (is.1 - was.1).normalize(),
                count: is.2 - was.2,
            }
        })
        .filter(|figure| !figure.inflow.is_zero() || !figure.outflow.is_zero() || figure.count != 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(kind: Kind, inflow: &str, count: i64) -> SealedFigure {
        let inflow = inflow.parse().unwrap();
        SealedFigure { currency: "EUR".parse().unwrap(), kind, inflow, outflow: Decimal::ZERO, count }
    }

    #[test]
    fn what_came_went_or_changed_is_a_difference() {
        let sealed = [figure(Kind::Revenue, "100", 2), figure(Kind::Tax, "5", 1), figure(Kind::Refund, "1.50", 1)];
        let now = [figure(Kind::Revenue, "120", 3), figure(Kind::Refund, "1.5", 1), figure(Kind::Financing, "7", 1)];
        let expected = [figure(Kind::Revenue, "20", 1), figure(Kind::Tax, "-5", -1), figure(Kind::Financing, "7", 1)];
        assert_eq!(differences(&sealed, &now), expected);
        assert!(differences(&sealed, &sealed).is_empty());
    }
}
