//! One match for each leg: the likeliest first, and none where two are nearly alike.

use std::collections::{BTreeMap, HashSet};

use super::edges::{Edge, deciding};
use super::{Evidence, Match, MatchLeg, PROPOSED_FROM, Slot, uuid_of};
use crate::meaning::Meaning;
use crate::{Kind, TransactionId};

const ONLY: u8 = 15;
const BY_FAR: u8 = 10;
/// Points that make one much likelier than another.
const MARGIN: u8 = 10;
/// Where two are nearly alike: for a user to say.
const WITH_RIVALS: u8 = 75;

pub(super) fn pick<'a, 'b: 'a>(edges: impl Iterator<Item = &'a Edge<'b>>) -> Vec<Match> {
    let mut edges: Vec<&Edge<'_>> = edges.collect();
    edges.sort_by_key(|edge| (std::cmp::Reverse(edge.score), uuid_of(edge.one), uuid_of(edge.other)));
    let mut at: BTreeMap<TransactionId, Vec<&Edge<'_>>> = BTreeMap::new();
    for edge in &edges {
        at.entry(edge.one.id).or_default().push(edge);
        at.entry(edge.other.id).or_default().push(edge);
    }
    let mut taken: HashSet<TransactionId> = HashSet::new();
    let mut matches = Vec::new();
    for edge in &edges {
        if taken.contains(&edge.one.id) || taken.contains(&edge.other.id) {
            continue;
        }
        let beside = [edge.one.id, edge.other.id].into_iter().flat_map(|id| at.get(&id).into_iter().flatten());
        let is_rival = |rival: &&&Edge<'_>| {
            let same = rival.one.id == edge.one.id && rival.other.id == edge.other.id;
            !same && !taken.contains(&rival.one.id) && !taken.contains(&rival.other.id)
        };
        let rival = beside.filter(is_rival).map(|rival| rival.score).max();
        taken.extend([edge.one.id, edge.other.id]);
        let found = weighed(edge, rival);
        if found.percent >= PROPOSED_FROM {
            matches.push(found);
        }
    }
    matches
}

fn weighed(edge: &Edge<'_>, rival: Option<u8>) -> Match {
    let (points, most, evidence) = match rival {
        None => (ONLY, edge.most, Evidence::OnlyCandidate),
        Some(rival) if edge.score >= rival + MARGIN => (BY_FAR, edge.most, Evidence::BestByFar),
        Some(_) => (0, edge.most.min(WITH_RIVALS), Evidence::Rivals),
    };
    let percent = edge.score.saturating_add(points).min(most);
    let evidence = edge.evidence.iter().cloned().chain([evidence]).collect();
    Match::new(edge.relation, percent, evidence, legs(edge))
}

/// What its source says stays where that is no earning and no cost already.
fn meaning(edge: &Edge<'_>, leg: &super::Leg) -> Option<Meaning> {
    let is_moved =
        edge.relation.slot() == Slot::Flow && matches!(leg.reported.kind, Kind::Settlement | Kind::InternalTransfer);
    if is_moved { Some(leg.reported.clone()) } else { edge.relation.meaning() }
}

pub(super) fn legs(edge: &Edge<'_>) -> Vec<MatchLeg> {
    let decided = deciding(edge.relation, edge.one, edge.other);
    let leg = |leg: &super::Leg| MatchLeg {
        account: leg.account,
        id: leg.id,
        to: decided.iter().any(|one| one.id == leg.id).then(|| meaning(edge, leg)).flatten(),
    };
    vec![leg(edge.one), leg(edge.other)]
}
