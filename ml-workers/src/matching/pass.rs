//! Days are looked at, newest first.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, NaiveDate};
use domain::TransactionId;
use domain::matching::{Earlier, Leg, MOST_DAYS, Match, Words, find, may_match};
use domain::meaning::By;
use streams::log;
use streams::matches::{ByAccount, Kept, State, decisions, given_up};

use super::tables::{self, Pass, Row};
use super::{Config, Failure, decide, payouts};

/// Days that are looked at between two looks at what is new.
const CORE: u64 = 31;
/// Around them: a leg's partner, and what else that could be the partner of.
const MARGIN: u64 = 2 * MOST_DAYS.unsigned_abs();
/// Transactions that are looked at together; more make the days fewer.
const MOST_ROWS: usize = 60_000;
/// Events whose texts are opened at once.
const AT_ONCE: usize = 64;

/// Goes on with one pass; whether there was any.
pub(super) async fn step(config: &Config) -> Result<bool, Failure> {
    let Some(pass) = tables::ready_pass(&config.pool).await? else { return Ok(false) };
    let accounts = tables::accounts(&config.pool, pass.business).await?;
    let mut core = CORE;
    let (from, rows) = loop {
        let from = pass.from.max(pass.to - Days::new(core - 1));
        if accounts.len() < 2 {
            break (pass.from, Vec::new());
        }
        let days = (from - Days::new(MARGIN), pass.to + Days::new(MARGIN));
        let rows = tables::rows(&config.pool, pass.business, days, &accounts, MOST_ROWS).await?;
        if rows.len() < MOST_ROWS || core == 1 {
            break (from, rows);
        }
        core = core.div_ceil(2);
    };
    if !rows.is_empty() {
        look(config, &pass, (from, pass.to), rows).await?;
    }
    tables::advance_pass(&config.pool, &pass, from).await?;
    Ok(true)
}

async fn look(config: &Config, pass: &Pass, core: (NaiveDate, NaiveDate), rows: Vec<Row>) -> Result<(), Failure> {
    let (matches, business) = (config.commands.matches(), pass.business);
    let around = (core.0 - Days::new(MARGIN), core.1 + Days::new(MARGIN));
    let kept = tables::decided(&config.pool, business, around).await?;
    let mut changes = complete(&rows, &kept);
    let mut legs: Vec<Leg> = rows.iter().map(Row::leg).collect();
    open(config, &rows, &mut legs).await?;
    let mut earlier = earlier(&rows, &kept);
    earlier.contents = payouts::contents(&config.pool, business, &legs).await?;
    let found = find(&legs, &earlier);
    let by_id: HashMap<TransactionId, &Leg> = legs.iter().map(|leg| (leg.id, leg)).collect();
    let mut applied = Vec::new();
    let mut proposed = Vec::new();
    for one in found {
        let Some(kept) = kept_of(one, &by_id) else { continue };
        if !(core.0..=core.1).contains(&kept.day) {
            continue;
        }
        if kept.found.is_applied() {
            decisions(&kept.found, false, &mut changes);
            applied.push(kept);
        } else {
            proposed.push(kept);
        }
    }
    decide(config, business, changes, pass.asked_at).await?;
    let standing = kept.iter().filter(|kept| (core.0..=core.1).contains(&kept.day));
    payouts::explain(config, business, standing, &by_id, &earlier.contents).await?;
    for kept in &applied {
        matches.put(business, kept).await?;
    }
    tables::forget_proposals(&config.pool, business, core, &ids(&proposed)).await?;
    for kept in &proposed {
        matches.put(business, kept).await?;
    }
    Ok(())
}

fn ids(kept: &[Kept]) -> Vec<domain::MatchId> {
    kept.iter().map(|kept| kept.found.id).collect()
}

fn kept_of(found: Match, legs: &HashMap<TransactionId, &Leg>) -> Option<Kept> {
    let of: Vec<&&Leg> = found.legs.iter().filter_map(|leg| legs.get(&leg.id)).collect();
    let (day, first) = (of.iter().map(|leg| leg.day).max()?, of.first()?);
    let state = if found.is_applied() { State::Applied } else { State::Proposed };
    let (amount, currency) = (first.amount.abs(), first.currency);
    Some(Kept { found, state, day, amount, currency })
}

fn earlier(rows: &[Row], kept: &[Kept]) -> Earlier {
    let mut earlier = Earlier::default();
    let standing = kept.iter().filter(|kept| kept.state.stands()).map(|kept| &kept.found);
    let recorded = rows.iter().filter_map(|row| row.decided.as_ref()?.by.matched());
    for found in standing.chain(recorded) {
        earlier.taken.extend(found.legs.iter().map(|leg| (leg.id, found.relation.slot())));
    }
    let refused = kept.iter().filter(|kept| kept.state == State::Refused);
    earlier.refused.extend(refused.map(|kept| kept.found.id));
    earlier
}

/// What was cut off: matches that stand of which only some legs are recorded, and refused ones of which some still are.
/// Others are being given up: rows show one leg's decision before the next one's.
fn complete(rows: &[Row], kept: &[Kept]) -> ByAccount {
    let of = |is: fn(State) -> bool| -> HashSet<domain::MatchId> {
        kept.iter().filter(|kept| is(kept.state)).map(|kept| kept.found.id).collect()
    };
    let (refused, standing) = (of(|state| state == State::Refused), of(State::stands));
    let by_id: HashMap<TransactionId, &Row> = rows.iter().map(|row| (row.id, row)).collect();
    let mut unlike: BTreeMap<domain::MatchId, (&Match, bool)> = BTreeMap::new();
    let mut changes = ByAccount::new();
    for row in rows {
        let Some(By::Match { found, accepted }) = row.decided.as_ref().map(|decided| &decided.by) else { continue };
        if refused.contains(&found.id) {
            unlike.insert(found.id, (found, *accepted));
            continue;
        }
        if !standing.contains(&found.id) {
            continue;
        }
        let lacks = found
            .legs
            .iter()
            .filter(|leg| leg.to.is_some())
            .any(|leg| by_id.get(&leg.id).is_some_and(|row| !row.is_chosen() && row.matched() != Some(found.id)));
        if lacks {
            unlike.insert(found.id, (found, *accepted));
        }
    }
    for (id, (found, accepted)) in unlike {
        if refused.contains(&id) {
            given_up(found, false, &mut changes);
        } else {
            decisions(found, accepted, &mut changes);
        }
    }
    // One decision for each leg.
    for decisions in changes.values_mut() {
        let mut seen = HashSet::new();
        decisions.retain(|decision| seen.insert(decision.id));
    }
    changes
}

/// Opens the texts of those that may match.
async fn open(config: &Config, rows: &[Row], legs: &mut [Leg]) -> Result<(), Failure> {
    let wanted = may_match(legs);
    let mut positions: Vec<_> = rows.iter().filter(|row| wanted.contains(&row.id)).map(|row| row.position).collect();
    positions.sort_unstable();
    positions.dedup();
    let mut texts = HashMap::with_capacity(positions.len());
    for positions in positions.chunks(AT_ONCE) {
        for event in log::at_each(&config.pool, positions).await? {
            texts.insert(event.position, config.commands.keys().texts_of(&event).await?);
        }
    }
    for (row, leg) in rows.iter().zip(legs).filter(|(row, _)| wanted.contains(&row.id)) {
        let first = usize::try_from(row.place).unwrap_or_default() * 3;
        let of_row = texts.get(&row.position).and_then(|texts| texts.get(first..first + 3));
        leg.words = Words::of(of_row.into_iter().flatten().map(Option::as_deref));
    }
    Ok(())
}

/// Businesses have few accounts that tell of the same money.
pub(super) type Accounts = Vec<(domain::AccountId, domain::matching::Role)>;
