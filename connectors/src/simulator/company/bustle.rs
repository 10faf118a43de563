//! Sales beyond the company's plan, so that whoever looks on sees some: one each time a clock ticks.
//!
//! Seed, beginning and interval decide all of them; each is an order of the shop, a charge and a part of a payout.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::processor::{Movement, MovementKind};
use crate::demo::{self, PROCESSOR_FEE, PROCESSOR_FEE_PER_CHARGE, Seed};

/// Numbers of the plan's own orders stay below for decades.
const FIRST_ORDER: i64 = 500_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bustle {
    since: DateTime<Utc>,
    /// Seconds between two sales.
    every: u32,
}

impl Bustle {
    pub fn since(since: DateTime<Utc>, every: u32) -> Self {
        Self { since, every: every.max(1) }
    }

    /// The sales of one day.
    pub(super) fn of_day(self, seed: Seed, day: NaiveDate) -> impl Iterator<Item = Movement> {
        let every = i64::from(self.every);
        let (begins, ends) = (demo::midnight(day), demo::midnight(day + Days::new(1)));
        let seconds = |moment: DateTime<Utc>| (moment - self.since).num_seconds();
        // The first is one interval after the beginning.
        let first = (seconds(begins).max(0) / every).max(1);
        (first..=seconds(ends).max(0) / every)
            .map(move |n| (n, self.since + TimeDelta::seconds(n * every)))
            .filter(move |(_, at)| (begins..ends).contains(at))
            .map(move |(n, at)| sale(seed, FIRST_ORDER + n, at))
    }
}

fn sale(seed: Seed, number: i64, at: DateTime<Utc>) -> Movement {
    let (words, pence, customer) = demo::walk_in(seed, at);
    Movement {
        key: format!("order:{number}"),
        kind: MovementKind::Charge,
        at,
        pence,
        fee: pence * PROCESSOR_FEE / 1000 + PROCESSOR_FEE_PER_CHARGE,
        category: "online_orders".to_owned(),
        description: format!("Order {number}: {words}"),
        customer,
        of: None,
        payout: None,
        planned: false,
    }
}
