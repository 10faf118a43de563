//! Closing a month: its figures are sealed as they are known then, and whatever arrives for it later shows as a
//! difference against them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BusinessEvent, Salt};
use crate::{Currency, Kind, Month};

/// The sums of one kind and currency in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SealedFigure {
    pub currency: Currency,
    pub kind: Kind,
    #[serde(rename = "in")]
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub inflow: Decimal,
    #[serde(rename = "out")]
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub outflow: Decimal,
    pub count: i64,
}

/// A month's figures, and what they were computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    pub figures: Vec<SealedFigure>,
    /// The last event that they hold.
    pub position: i64,
    pub salt: Salt,
    /// A signed note over the log up to that event or a later one.
    pub checkpoint: Option<String>,
}

#[derive(Debug, Clone)]
pub enum MonthCommand {
    /// `today` is the business's own day: a month that is not over cannot be closed.
    Close {
        month: Month,
        seal: Seal,
        today: NaiveDate,
    },
    Reopen {
        month: Month,
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MonthError {
    #[error("{0} is not over yet")]
    NotOver(Month),
    #[error("{0} is closed already; open it again first")]
    AlreadyClosed(Month),
    #[error("{0} is not closed")]
    NotClosed(Month),
    #[error("opening a month again needs a reason of 3 to 500 characters")]
    NoReason,
}

/// The months that are closed, by the position that their figures are of.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Months {
    closed: BTreeMap<Month, i64>,
}

impl Months {
    pub(super) fn decide(&self, command: MonthCommand) -> Result<BusinessEvent, MonthError> {
        match command {
            MonthCommand::Close { month, seal: Seal { figures, position, salt, checkpoint }, today } => {
                if self.closed.contains_key(&month) {
                    return Err(MonthError::AlreadyClosed(month));
                }
                if today <= month.last_day() {
                    return Err(MonthError::NotOver(month));
                }
                Ok(BusinessEvent::MonthClosed { month, figures, position, salt, checkpoint })
            }
            MonthCommand::Reopen { month, reason } => {
                let reason = reason.trim();
                if !(3..=500).contains(&reason.chars().count()) {
                    return Err(MonthError::NoReason);
                }
                if !self.closed.contains_key(&month) {
                    return Err(MonthError::NotClosed(month));
                }
                Ok(BusinessEvent::MonthReopened { month, reason: reason.to_owned() })
            }
        }
    }

    pub(super) fn close(&mut self, month: Month, position: i64) {
        self.closed.insert(month, position);
    }

    pub(super) fn reopen(&mut self, month: Month) {
        self.closed.remove(&month);
    }
}
