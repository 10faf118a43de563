//! Which transactions tell of the same money.
//!
//! A sale of the shop is a charge at its processor, a part of a payout, a line of the bank and an entry in the books.
//! Each of them is true, and one of them earns. The matcher is pure: what it is given decides, whatever the order.
//!
//! What it finds with [`APPLIED_FROM`] percent is applied by itself; what is at least [`PROPOSED_FROM`] is for a user
//! to review; anything less is nothing.

mod edges;
mod evidence;
mod parts;
mod pick;
mod relation;
#[cfg(test)]
mod tests;
mod twins;
mod words;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use evidence::{Contents, Evidence, Parts};
pub use parts::told;
pub use relation::{Relation, Role, Slot};
pub use words::Words;

use crate::meaning::Meaning;
use crate::{AccountId, Currency, MatchId, TransactionId};

/// In percent.
pub const APPLIED_FROM: u8 = 90;
pub const PROPOSED_FROM: u8 = 60;
/// No two legs are further apart.
pub const MOST_DAYS: i64 = 7;

/// A transaction, as the matcher sees it.
#[derive(Debug, Clone)]
pub struct Leg {
    pub account: AccountId,
    pub id: TransactionId,
    pub role: Role,
    pub day: NaiveDate,
    /// Where its source knows the moment.
    pub at: Option<DateTime<Utc>>,
    pub amount: Decimal,
    pub currency: Currency,
    /// What its source says.
    pub reported: Meaning,
    /// Whether a user chose what it means: nothing else may say so.
    pub chosen: bool,
    pub words: Words,
}

impl Leg {
    /// Whether its source knows more than the direction of the money.
    fn says_something(&self) -> bool {
        !crate::meaning::says_nothing(&self.reported.category)
    }
}

/// Same money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    pub id: MatchId,
    pub relation: Relation,
    /// 1 to 99.
    pub percent: u8,
    pub evidence: Vec<Evidence>,
    pub legs: Vec<MatchLeg>,
    /// What it is the sum of, where that is more than a leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatchLeg {
    pub account: AccountId,
    pub id: TransactionId,
    /// What it means as a part of this match; `None` for the one that goes on meaning what it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Meaning>,
}

impl Match {
    /// The same legs in the same relation are the same match, whoever finds it and when.
    fn id_of(relation: Relation, legs: &[MatchLeg]) -> MatchId {
        let mut ids: Vec<[u8; 16]> = legs.iter().map(|leg| *leg.id.as_uuid().as_bytes()).collect();
        ids.sort_unstable();
        let parts = std::iter::once(relation.as_str().as_bytes()).chain(ids.iter().map(<[u8; 16]>::as_slice));
        MatchId::from_uuid(TransactionId::derive(parts).as_uuid())
    }

    fn new(relation: Relation, percent: u8, evidence: Vec<Evidence>, legs: Vec<MatchLeg>) -> Self {
        Self { id: Self::id_of(relation, &legs), relation, percent, evidence, legs, parts: None }
    }

    pub const fn is_applied(&self) -> bool {
        self.percent >= APPLIED_FROM
    }

    /// The first of its legs by identity: where what concerns the whole match is recorded.
    pub fn keeper(&self) -> Option<&MatchLeg> {
        self.legs.iter().min_by_key(|leg| leg.id)
    }
}

/// What is known of earlier matches, and of payouts.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Transactions that stand in a match already, by what they have only one of.
    pub taken: HashSet<(TransactionId, Slot)>,
    /// Matches that a user refused or undid.
    pub refused: HashSet<MatchId>,
    /// What payouts are the sum of, where their providers say it.
    pub contents: HashMap<TransactionId, Contents>,
}

impl Earlier {
    fn is_free(&self, leg: &Leg, slot: Slot) -> bool {
        !self.taken.contains(&(leg.id, slot))
    }
}

/// Whether any two of these may be the same money: for looking at texts only where they count.
pub fn may_match(legs: &[Leg]) -> HashSet<TransactionId> {
    let mut found = HashSet::new();
    edges::pairs(legs.iter(), |one, other, _| {
        found.insert(one.id);
        found.insert(other.id);
    });
    found
}

/// What tells of the same money among these legs, all of one business.
pub fn find(legs: &[Leg], earlier: &Earlier) -> Vec<Match> {
    let mut legs: Vec<&Leg> = legs.iter().collect();
    legs.sort_by_key(|leg| (leg.day, leg.id));
    legs.dedup_by_key(|leg| leg.id);
    let mut matches = twins::find(&legs, earlier);
    let doubled: HashSet<TransactionId> = matches
        .iter()
        .filter(|found| found.is_applied())
        .flat_map(|found| found.legs.iter().filter(|leg| leg.to.is_some()).map(|leg| leg.id))
        .collect();
    // What is counted elsewhere already is no leg of anything else.
    legs.retain(|leg| !doubled.contains(&leg.id) && earlier.is_free(leg, Slot::Counted));
    let edges = edges::of(&legs, earlier);
    for slot in [Slot::Flow, Slot::Sale, Slot::Entry] {
        matches.extend(pick::pick(edges.iter().filter(|edge| edge.relation.slot() == slot)));
    }
    parts::explain(&legs, &earlier.contents, &mut matches);
    matches.extend(parts::sums(&legs, earlier, &matches));
    matches.retain(|found| !earlier.refused.contains(&found.id));
    matches.sort_by_key(|found| found.id);
    matches
}

fn uuid_of(leg: &Leg) -> Uuid {
    leg.id.as_uuid()
}
