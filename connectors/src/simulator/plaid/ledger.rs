//! The bank's lines as Plaid tells them: a row of changes that only grows.
//!
//! A pending line that settles is a removal and an addition that names it; a correction keeps its id. What was there
//! when the Item was made is shown in two steps: the last 30 days first.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::items::Item;
use crate::demo::Ledger;
use crate::simulator::company::{BankLine, Facts, day_of};

/// The last days, which are there first.
const RECENT: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub id: String,
    pub pending_id: Option<String>,
    pub ledger: Ledger,
    pub line: BankLine,
}

#[derive(Debug, Clone)]
pub struct Change {
    pub at: DateTime<Utc>,
    pub id: String,
    pub ledger: Ledger,
    /// `None`: removed.
    pub told: Option<Told>,
}

pub fn account_id(facts: &Facts, item: &Item, ledger: Ledger) -> String {
    ident(facts, item, &format!("plaid account {ledger:?}"))
}

fn ident(facts: &Facts, item: &Item, of: &str) -> String {
    if item.renamed { facts.ident("", &format!("{}:{of}", item.id)) } else { facts.ident("", of) }
}

/// Everything that an Item was told until now, oldest first. What it was told stays as it is.
pub fn changes(facts: &Facts, item: &Item, now: DateTime<Utc>) -> Vec<Change> {
    let oldest = day_of(item.created) - TimeDelta::days(item.days);
    let recent = day_of(item.created) - RECENT;
    let mut told: HashMap<(Ledger, &str), Told> = HashMap::new();
    let mut changes = Vec::new();
    for change in facts.bank.iter().take_while(|change| change.known_at <= now) {
        let key = (change.ledger, change.key.as_str());
        let before = told.get(&key);
        let Some(day) = change.line.as_ref().or(before.map(|told| &told.line)).map(|line| line.day) else { continue };
        if day < oldest {
            continue;
        }
        let from = if day >= recent { item.first_at() } else { item.all_at() };
        let at = change.known_at.max(from);
        let Some(line) = &change.line else {
            if let Some(gone) = told.remove(&key) {
                changes.push(Change { at, id: gone.id, ledger: gone.ledger, told: None });
            }
            continue;
        };
        if before.is_some_and(|before| before.line.looks_like(line)) {
            continue;
        }
        let settles = before.filter(|before| before.line.pending && !line.pending).map(|before| before.id.clone());
        let stage = if line.pending { ":pending" } else { "" };
        let id = ident(facts, item, &format!("{:?}:{}{stage}", change.ledger, change.key));
        if let Some(pending) = &settles {
            changes.push(Change { at, id: pending.clone(), ledger: change.ledger, told: None });
        }
        let pending_id = settles.or_else(|| before.and_then(|before| before.pending_id.clone()));
        let now_told = Told { id: id.clone(), pending_id, ledger: change.ledger, line: line.clone() };
        changes.push(Change { at, id, ledger: change.ledger, told: Some(now_told.clone()) });
        told.insert(key, now_told);
    }
    changes.retain(|change| change.at <= now);
    // Stable: within a moment, in the order in which the bank showed it.
    changes.sort_by_key(|change| change.at);
    changes
}
