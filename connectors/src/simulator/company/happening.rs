//! What somebody at the controls lets happen, beyond all plans.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::dispute::{self, Dispute, Verdict};
use super::{Facts, Held, Movement, MovementKind, ident};

/// In place of a charge's name.
const NEWEST: &str = "newest";

/// One without a kind is a card payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Happening {
    Charge(OfCharge),
    Card(Held),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfCharge {
    pub kind: Deed,
    /// `ch_…`, or `newest`: the newest to which it can happen.
    #[serde(default = "newest")]
    pub charge: String,
}

fn newest() -> String {
    NEWEST.to_owned()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// The shop gives all of it back.
    Refund,
    /// The customer's bank takes all of it.
    Dispute,
    DisputeWon,
    DisputeLost,
}

/// Why something cannot happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    #[error("there is no such charge")]
    Unknown,
    #[error("of this charge something was given back or disputed already, or its dispute is decided")]
    Over,
}

impl Facts {
    /// Lives until then first, so that the same comes of it whenever it is told again.
    pub fn happen(&mut self, happening: &Happening, now: DateTime<Utc>) -> Result<(), Impossible> {
        self.live_until(now);
        match happening {
            Happening::Card(held) => {
                self.bank.extend(held.changes(now));
                self.bank.sort_by_key(|change| change.known_at);
                Ok(())
            }
            Happening::Charge(of) => self.happen_to(of, now),
        }
    }

    fn happen_to(&mut self, OfCharge { kind, charge }: &OfCharge, now: DateTime<Utc>) -> Result<(), Impossible> {
        let movement = match kind {
            Deed::Refund => refund(&self.untouched(charge, now)?, now),
            Deed::Dispute => {
                let charge = self.untouched(charge, now)?;
                self.disputes.push(Dispute { of: charge.key.clone(), at: now, verdict: None });
                dispute::taken(&charge, self.seed, now)
            }
            Deed::DisputeWon => dispute::given_back(&self.decide(charge, Verdict::Won, now)?, self.seed, now),
            Deed::DisputeLost => return self.decide(charge, Verdict::Lost, now).map(drop),
        };
        let place = self.movements.partition_point(|other| other.at <= now);
        self.movements.insert(place, movement);
        Ok(())
    }

    /// A charge of which nothing went back yet, also not later today.
    fn untouched(&self, charge: &str, now: DateTime<Utc>) -> Result<Movement, Impossible> {
        let touched: HashSet<_> = self.movements.iter().filter_map(|movement| movement.of.as_deref()).collect();
        let is_touched = |charge: &Movement| touched.contains(charge.key.as_str());
        let is_known = |movement: &&Movement| movement.kind == MovementKind::Charge && movement.at <= now;
        let mut known = self.movements.iter().rev().filter(is_known);
        let found = known.find(|one| if charge == NEWEST { !is_touched(one) } else { one.object(self.seed) == charge });
        match found {
            None => Err(Impossible::Unknown),
            Some(charge) if is_touched(charge) => Err(Impossible::Over),
            Some(charge) => Ok(charge.clone()),
        }
    }

    /// Ends the dispute of a charge, or the newest that is open; gives the charge.
    fn decide(&mut self, charge: &str, verdict: Verdict, now: DateTime<Utc>) -> Result<Movement, Impossible> {
        let seed = self.seed;
        let is_meant = |dispute: &Dispute| match charge {
            NEWEST => dispute.verdict.is_none(),
            name => ident(seed, "ch_", &dispute.of) == name,
        };
        let found = self.disputes.iter_mut().rev().find(|dispute| is_meant(dispute));
        let dispute = found.ok_or(Impossible::Unknown)?;
        if dispute.verdict.is_some() {
            return Err(Impossible::Over);
        }
        dispute.verdict = Some((verdict, now));
        let charge = self.movements.iter().rev().find(|movement| movement.key == dispute.of);
        charge.cloned().ok_or(Impossible::Unknown)
    }
}

fn refund(charge: &Movement, at: DateTime<Utc>) -> Movement {
    Movement {
        key: format!("given-back:{}", charge.key),
        pence: -charge.pence,
        category: "refunds".to_owned(),
        description: format!("Refund of {}", charge.description),
        ..Movement::following(charge, MovementKind::Refund, at)
    }
}
