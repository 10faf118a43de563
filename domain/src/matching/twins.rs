//! A file and a feed of the same account.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::edges::{self, Edge};
use super::{Earlier, Evidence, Leg, Match, Relation, Role, Slot, pick};
use crate::AccountId;

/// Fewer lines may be alike by chance.
const LEAST: usize = 4;
/// Percent of the lines that both could have.
const SAME_FROM: u8 = 80;
const SAME_LINES: u8 = 30;
/// Of two accounts that are not known to be the same.
const BY_CHANCE: u8 = 80;

pub(super) fn find(legs: &[&Leg], earlier: &Earlier) -> Vec<Match> {
    let mut of_account: BTreeMap<AccountId, Vec<&Leg>> = BTreeMap::new();
    for leg in legs.iter().filter(|leg| leg.role.is_bank()) {
        of_account.entry(leg.account).or_default().push(leg);
    }
    let accounts: Vec<_> = of_account.values().collect();
    let mut edges = Vec::new();
    for (n, one) in accounts.iter().enumerate() {
        for other in &accounts[n + 1..] {
            let is_file = |legs: &[&Leg]| legs.first().is_some_and(|leg| leg.role == Role::File);
            if is_file(one) != is_file(other) {
                edges.extend(between(one, other, earlier));
            }
        }
    }
    pick::pick(edges.iter())
}

fn between<'a>(one: &[&'a Leg], other: &[&'a Leg], earlier: &Earlier) -> Vec<Edge<'a>> {
    let (both, lines) = overlap(one, other);
    let percent = (both * 100).checked_div(lines).map_or(0, |percent| u8::try_from(percent).unwrap_or(100));
    let same = both >= LEAST && percent >= SAME_FROM;
    let mut edges = Vec::new();
    edges::pairs(one.iter().chain(other).copied(), |one, other, relation| {
        let free = earlier.is_free(one, Slot::Counted) && earlier.is_free(other, Slot::Counted);
        if relation != Relation::Duplicate || !free {
            return;
        }
        let mut edge = edges::weigh(one, other, relation);
        if same {
            edge.score += SAME_LINES;
            edge.most = 99;
            edge.evidence.push(Evidence::SameLines(percent));
        } else {
            edge.most = edge.most.min(BY_CHANCE);
            // Equal amounts alone are nothing.
            if one.words.shared_words(&other.words) == 0 && !one.words.shares_number(&other.words) {
                return;
            }
        }
        edges.push(edge);
    });
    edges
}

/// How many lines are in both, and how many could be: those of the days that both have.
fn overlap(one: &[&Leg], other: &[&Leg]) -> (usize, usize) {
    let days = |legs: &[&Leg]| legs.iter().map(|leg| leg.day).min().zip(legs.iter().map(|leg| leg.day).max());
    let (Some((a, b)), Some((c, d))) = (days(one), days(other)) else { return (0, 0) };
    let (from, to) = (a.max(c), b.min(d));
    let within = |legs: &[&Leg]| -> Vec<(chrono::NaiveDate, Decimal)> {
        let within = legs.iter().filter(|leg| (from..=to).contains(&leg.day));
        within.map(|leg| (leg.day, leg.amount.normalize())).collect()
    };
    let (one, other) = (within(one), within(other));
    let mut rest: BTreeSet<(Decimal, chrono::NaiveDate, usize)> =
        other.iter().enumerate().map(|(n, (day, amount))| (*amount, *day, n)).collect();
    let mut both = 0;
    for (day, amount) in &one {
        let (first, last) = (*day - chrono::Days::new(2), *day + chrono::Days::new(2));
        let found = rest.range((*amount, first, 0)..=(*amount, last, usize::MAX)).next().copied();
        if let Some(found) = found {
            rest.remove(&found);
            both += 1;
        }
    }
    (both, one.len().max(other.len()))
}
