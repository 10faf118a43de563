//! Pairs that come into question, and how much speaks for each.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Earlier, Evidence, Leg, MOST_DAYS, PROPOSED_FROM, Relation, Role, Slot};
use crate::{Currency, Kind};

/// Two legs that come into question.
pub(super) struct Edge<'a> {
    pub one: &'a Leg,
    pub other: &'a Leg,
    pub relation: Relation,
    /// Before it is known what else comes into question.
    pub score: u8,
    /// What it may reach at most.
    pub most: u8,
    pub evidence: Vec<Evidence>,
}

const EQUAL_AMOUNTS: u8 = 40;
/// Moments that are no further apart are the same.
const MOMENT_SECONDS: i64 = 300;
/// Without the word of any source, or without any common word: for a user to say.
const UNSAID: u8 = 80;

/// Every pair of equal amounts of two accounts that some relation allows.
pub(super) fn pairs<'a>(legs: impl Iterator<Item = &'a Leg>, mut visit: impl FnMut(&'a Leg, &'a Leg, Relation)) {
    let mut by_amount: HashMap<(Currency, Decimal), Vec<&Leg>> = HashMap::new();
    for leg in legs.filter(|leg| !leg.amount.is_zero()) {
        by_amount.entry((leg.currency, leg.amount.abs().normalize())).or_default().push(leg);
    }
    for mut alike in by_amount.into_values() {
        alike.sort_by_key(|leg| (leg.day, leg.id));
        for (n, one) in alike.iter().enumerate() {
            let near = alike[n + 1..].iter().take_while(|other| (other.day - one.day).num_days() <= MOST_DAYS);
            for other in near.filter(|other| other.account != one.account) {
                let (first, second) = if one.role > other.role { (other, one) } else { (one, other) };
                if let Some(relation) = relation(first, second) {
                    visit(first, second, relation);
                }
            }
        }
    }
}

/// How they may be the same money. `one` is of the earlier role.
fn relation(one: &Leg, other: &Leg) -> Option<Relation> {
    let same_way = one.amount.is_sign_positive() == other.amount.is_sign_positive();
    let days = (other.day - one.day).num_days();
    let relation = match (one.role, other.role) {
        (Role::Bank | Role::File, Role::Bank | Role::File) if same_way => {
            // Two files are two accounts: what is alike in them is alike by chance.
            (one.role != other.role && days.abs() <= 2).then_some(Relation::Duplicate)
        }
        (Role::Bank | Role::File, Role::Bank | Role::File) => {
            let may = may_flow(one) && may_flow(other) && days.abs() <= 4;
            may.then(|| if is_card(one) || is_card(other) { Relation::CardSettlement } else { Relation::Transfer })
        }
        // The bank follows, at most a day before by another zone.
        (Role::Bank | Role::File, Role::Processor | Role::Shop) => {
            let may = !same_way && other.reported.kind == Kind::InternalTransfer && may_flow(one);
            (may && (-MOST_DAYS..=1).contains(&days)).then_some(Relation::Payout)
        }
        (Role::Processor, Role::Shop) => {
            let may = same_way && is_sale(one) && is_sale(other);
            (may && days.abs() <= 2).then_some(Relation::Sale)
        }
        (Role::Bank | Role::File | Role::Processor, Role::Books) => {
            let may = same_way && may_be_entered(one, other);
            (may && days.abs() <= 5).then_some(Relation::BookEntry)
        }
        _ => None,
    };
    let decided = relation.map(|relation| deciding(relation, one, other));
    decided.is_some_and(|legs| legs.iter().all(|leg| !leg.chosen)).then_some(relation).flatten()
}

/// The legs that mean something else as a part of it.
pub(super) fn deciding<'a>(relation: Relation, one: &'a Leg, other: &'a Leg) -> Vec<&'a Leg> {
    match relation {
        Relation::Transfer | Relation::CardSettlement | Relation::Payout => vec![one, other],
        // The shop knows what was sold; the processor what it kept of it.
        Relation::Sale => vec![one],
        // The bank's line is the money.
        Relation::BookEntry => vec![other],
        // The feed goes on, the file ends.
        Relation::Duplicate => vec![if one.role == Role::File { one } else { other }],
    }
}

/// Money between own accounts, or money of which nothing is known.
fn may_flow(leg: &Leg) -> bool {
    matches!(leg.reported.kind, Kind::InternalTransfer | Kind::Settlement) || !leg.says_something()
}

fn says_flow(leg: &Leg) -> bool {
    matches!(leg.reported.kind, Kind::InternalTransfer | Kind::Settlement)
}

fn is_card(leg: &Leg) -> bool {
    leg.reported.kind == Kind::Settlement || leg.reported.category.as_str().contains("credit_card")
}

fn is_sale(leg: &Leg) -> bool {
    matches!(leg.reported.kind, Kind::Revenue | Kind::Refund)
}

/// Costs are told apart differently by bank and books; earning is not.
fn may_be_entered(line: &Leg, entry: &Leg) -> bool {
    let group = |kind: Kind| match kind {
        Kind::Revenue => 0,
        Kind::Expense | Kind::Tax | Kind::Refund => 1,
        Kind::Financing => 2,
        Kind::Settlement | Kind::InternalTransfer => 3,
    };
    let (line_group, entry_group) = (group(line.reported.kind), group(entry.reported.kind));
    entry_group != 3 && (line_group == entry_group || !line.says_something())
}

/// Those of these legs, with what speaks for them.
pub(super) fn of<'a>(legs: &[&'a Leg], earlier: &Earlier) -> Vec<Edge<'a>> {
    let mut edges = Vec::new();
    pairs(legs.iter().copied(), |one, other, relation| {
        let slot = relation.slot();
        let free = earlier.is_free(one, slot) && earlier.is_free(other, slot);
        if relation != Relation::Duplicate && free && !one.words.contradicts(&other.words) {
            edges.push(weigh(one, other, relation));
        }
    });
    edges
}

pub(super) fn weigh<'a>(one: &'a Leg, other: &'a Leg, relation: Relation) -> Edge<'a> {
    let opposite = relation.slot() == Slot::Flow;
    let mut edge = Edge {
        one,
        other,
        relation,
        score: EQUAL_AMOUNTS,
        most: 99,
        evidence: vec![if opposite { Evidence::OppositeAmount } else { Evidence::SameAmount }],
    };
    edge.by_time();
    edge.by_texts();
    edge.by_sources();
    edge
}

impl Edge<'_> {
    fn say(&mut self, points: u8, evidence: Evidence) {
        self.score += points;
        self.evidence.push(evidence);
    }

    fn by_time(&mut self) {
        let days = u8::try_from((self.other.day - self.one.day).num_days().abs()).unwrap_or(u8::MAX);
        if let (Some(one), Some(other)) = (self.one.at, self.other.at)
            && (one - other).num_seconds().abs() <= MOMENT_SECONDS
        {
            return self.say(35, Evidence::SameMoment);
        }
        let points = match days {
            0 => 20,
            1 => 10,
            2 => 6,
            3 => 4,
            _ => 2,
        };
        self.say(points, Evidence::DaysApart(days));
    }

    fn by_texts(&mut self) {
        if self.one.words.shares_number(&self.other.words) {
            self.say(20, Evidence::SharedNumber);
        }
        match self.one.words.shared_words(&self.other.words) {
            0 => {
                if self.relation == Relation::BookEntry && !self.evidence.contains(&Evidence::SharedNumber) {
                    self.most = UNSAID;
                }
            }
            1 => self.say(12, Evidence::SharedWords(1)),
            count => self.say(18, Evidence::SharedWords(count)),
        }
    }

    fn by_sources(&mut self) {
        let says = match self.relation {
            Relation::Transfer | Relation::CardSettlement | Relation::Payout => [self.one, self.other].map(says_flow),
            Relation::Sale => [true, true],
            Relation::BookEntry => [self.one.reported.kind == self.other.reported.kind, true],
            Relation::Duplicate => [false, false],
        };
        match says {
            [true, true] => self.say(20, Evidence::BothSay),
            [false, false] => {
                // A purchase and a sale of one amount are nothing to review.
                let is_flow = self.relation.slot() == Slot::Flow;
                let alike = self.one.words.shared_words(&self.other.words) > 0;
                self.most = self.most.min(if is_flow && !alike { PROPOSED_FROM - 1 } else { UNSAID });
            }
            _ => self.say(10, Evidence::OneSays),
        }
    }
}
