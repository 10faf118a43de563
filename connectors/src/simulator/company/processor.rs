//! What the card processor sees: charges with their fees, what goes back of them, and payouts with what is in them.
//!
//! The demo business writes one line of fees a day; a processor takes a fee of each charge. Each charge gets the share
//! that keeps the day's running sum exact, so that both say the same.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Booked, Kind, Transaction};

use super::{day_of, ident, pence};
use crate::demo::{self, PROCESSOR_FEE, PROCESSOR_FEE_PER_CHARGE, Report, Seed, What, morning};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementKind {
    Charge,
    /// Of a charge, by its key.
    Refund,
    /// What the customer's bank takes of a charge.
    Dispute,
    /// What it gives back where the dispute is won.
    DisputeReversal,
}

/// Money that a customer paid or got back.
#[derive(Debug, Clone)]
pub struct Movement {
    pub key: String,
    pub kind: MovementKind,
    pub at: DateTime<Utc>,
    /// Plus is money in, before the fee.
    pub pence: i64,
    /// What the processor keeps of it.
    pub fee: i64,
    pub category: String,
    pub description: String,
    pub customer: String,
    /// The charge of which a refund or a dispute is.
    pub of: Option<String>,
    /// The payout that it is part of, once there is one.
    pub payout: Option<NaiveDate>,
    /// Whether the company's own plan knows of it.
    pub planned: bool,
}

impl Movement {
    pub const fn net(&self) -> i64 {
        self.pence - self.fee
    }

    /// The processor's name of the charge, the refund or the dispute that it is of.
    pub fn object(&self, seed: Seed) -> String {
        match self.kind {
            MovementKind::Charge => ident(seed, "ch_", &self.key),
            MovementKind::Refund => ident(seed, "re_", &self.key),
            MovementKind::Dispute | MovementKind::DisputeReversal => {
                ident(seed, "dp_", self.of.as_deref().unwrap_or(&self.key))
            }
        }
    }

    /// Of a charge, beyond the plan.
    pub(super) fn following(charge: &Self, kind: MovementKind, at: DateTime<Utc>) -> Self {
        Self { kind, at, fee: 0, of: Some(charge.key.clone()), payout: None, planned: false, ..charge.clone() }
    }

    /// The shop's order, where it was sold there.
    pub fn order(&self) -> Option<&str> {
        let key = self.of.as_deref().unwrap_or(&self.key);
        key.strip_prefix("order:").filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// Money on its way to the bank.
#[derive(Debug, Clone)]
pub struct Payout {
    pub day: NaiveDate,
    pub at: DateTime<Utc>,
    pub pence: i64,
}

/// The movements of a day, and whether money was paid out.
pub(super) fn of_day(
    reports: Vec<Report>,
    beyond: impl Iterator<Item = Movement>,
    earlier: &[Movement],
) -> (Vec<Movement>, Option<i64>) {
    let mut order = Vec::new();
    let mut last: HashMap<String, Option<Transaction>> = HashMap::new();
    for report in reports {
        if !last.contains_key(&report.key) {
            order.push(report.key.clone());
        }
        let now = match report.what {
            What::Line(transaction) => Some(transaction),
            What::Gone(_) => None,
        };
        last.insert(report.key, now);
    }
    let mut paid = None;
    let mut movements = Vec::new();
    let mut taken = Taken::default();
    for key in order {
        let Some(transaction) = last.remove(&key).flatten() else { continue };
        match transaction.kind {
            Kind::Settlement => paid = Some(-pence(&transaction)),
            Kind::Revenue => {
                let fee = taken.fee_of(pence(&transaction));
                movements.push(movement(key, MovementKind::Charge, transaction, fee, None));
            }
            Kind::Refund => {
                let of = key.strip_prefix("refund:").map(ToOwned::to_owned);
                movements.push(movement(key, MovementKind::Refund, transaction, 0, of));
            }
            // The day's fees: each charge has its own.
            _ => {}
        }
    }
    movements.extend(beyond);
    movements.sort_by_key(|movement| movement.at);
    after(&mut movements, earlier);
    (movements, paid)
}

/// Moments are told apart by a second, so that lists by moment have one order.
fn after(movements: &mut [Movement], earlier: &[Movement]) {
    let mut newest = earlier.last().map(|movement| movement.at);
    for movement in movements {
        if let Some(newest) = newest
            && movement.at <= newest
        {
            movement.at = newest + chrono::TimeDelta::milliseconds(1);
        }
        newest = Some(movement.at);
    }
}

fn movement(key: String, kind: MovementKind, from: Transaction, fee: i64, of: Option<String>) -> Movement {
    let at = match from.booked {
        Booked::Instant(at) => at,
        Booked::Day(day) => morning(day),
    };
    Movement {
        key,
        kind,
        at,
        pence: pence(&from),
        fee,
        category: from.category.to_string(),
        description: from.description.unwrap_or_default(),
        customer: from.counterparty.unwrap_or_default(),
        of,
        payout: None,
        planned: true,
    }
}

/// Fees of a day so far.
#[derive(Default)]
struct Taken {
    sum: i64,
}

impl Taken {
    fn fee_of(&mut self, pence: i64) -> i64 {
        let before = self.sum * PROCESSOR_FEE / 1000;
        self.sum += pence;
        self.sum * PROCESSOR_FEE / 1000 - before + PROCESSOR_FEE_PER_CHARGE
    }
}

/// Marks what is paid out: everything that is two days old. `planned`: how much of it the plan knows of.
pub(super) fn pay_out(day: NaiveDate, planned: i64, movements: &mut [Movement]) -> Payout {
    let until = day - chrono::Days::new(demo::PROCESSOR_HELD_DAYS);
    let mut beyond = 0;
    for movement in movements.iter_mut().rev().take_while(|movement| {
        // A payout follows within days; what is older than a month is paid.
        movement.payout.is_none() || day_of(movement.at) > until - chrono::Days::new(31)
    }) {
        if movement.payout.is_none() && day_of(movement.at) <= until {
            movement.payout = Some(day);
            beyond += if movement.planned { 0 } else { movement.net() };
        }
    }
    Payout { day, at: morning(day), pence: planned + beyond }
}
