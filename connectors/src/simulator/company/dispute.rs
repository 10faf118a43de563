//! Disputes: a customer has their bank take a payment back, and the bank decides in the end whose the money is.
//!
//! What is taken goes at once, with a fee that nobody gives back. A dispute that is won brings the money again; one
//! that is lost moves nothing more.

use chrono::{DateTime, Utc};

use super::{Movement, MovementKind, ident};
use crate::demo::Seed;

/// What the processor keeps of each, whoever wins it.
const FEE: i64 = 2_000;
const CATEGORY: &str = "disputes";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Won,
    Lost,
}

#[derive(Debug, Clone)]
pub struct Dispute {
    /// The charge, by its key.
    pub of: String,
    pub at: DateTime<Utc>,
    /// What the bank decided, and when.
    pub verdict: Option<(Verdict, DateTime<Utc>)>,
}

impl Dispute {
    pub fn id(&self, seed: Seed) -> String {
        ident(seed, "dp_", &self.of)
    }

    /// What was decided by a moment.
    pub fn verdict_at(&self, now: DateTime<Utc>) -> Option<Verdict> {
        self.verdict.filter(|(_, at)| *at <= now).map(|(verdict, _)| verdict)
    }
}

pub(super) fn taken(charge: &Movement, seed: Seed, at: DateTime<Utc>) -> Movement {
    Movement {
        key: format!("dispute:{}", charge.key),
        pence: -charge.worth(seed, at),
        fee: FEE,
        category: CATEGORY.to_owned(),
        description: format!("Chargeback withdrawal for {}", charge.object(seed)),
        ..Movement::following(charge, MovementKind::Dispute, at)
    }
}

pub(super) fn given_back(charge: &Movement, seed: Seed, at: DateTime<Utc>) -> Movement {
    Movement {
        key: format!("dispute-won:{}", charge.key),
        pence: charge.worth(seed, at),
        category: CATEGORY.to_owned(),
        description: format!("Chargeback reversal for {}", charge.object(seed)),
        ..Movement::following(charge, MovementKind::DisputeReversal, at)
    }
}
