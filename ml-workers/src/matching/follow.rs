//! What is new in the log: which days are to be looked at, which matches were decided, and which hold no longer.

use std::collections::BTreeMap;
use std::iter::once;

use chrono::NaiveDate;
use domain::account::{AccountEvent, MatchRefused, PaidOut, Redecided, Synced};
use domain::matching::Match;
use domain::meaning::{By, Decided};
use domain::source::SourceEvent;
use domain::transaction::progress_day;
use domain::{AccountId, BusinessId, MatchId, Transaction, TransactionId};
use streams::matches::{ByAccount, Kept, State, given_up};
use streams::{DomainEvent, Event, log, payouts};

use super::tables::{self, role_of};
use super::{ACTOR, Config, Failure, decide};

/// Events that are read at once.
const AT_ONCE: i64 = 200;

/// Looks at the next events; whether there were any.
pub(super) async fn step(config: &Config) -> Result<bool, Failure> {
    let from = tables::looked_to(&config.pool).await?;
    let events = log::read(&config.pool, from, AT_ONCE).await?;
    for event in &events {
        if matches!(
            event.event_type.as_str(),
            "source.connected"
                | "account.opened"
                | "account.synced"
                | "account.recategorised"
                | "account.split"
                | "account.unsplit"
                | "account.match_refused"
                | "account.paid_out"
        ) {
            look(config, event).await?;
        }
    }
    if let Some(last) = events.last() {
        tables::set_looked_to(&config.pool, last.position).await?;
    }
    Ok(!events.is_empty())
}

/// Texts stay sealed: days, amounts and matches are none.
async fn look(config: &Config, event: &Event) -> Result<(), Failure> {
    match event.decode()? {
        DomainEvent::Source(SourceEvent::Connected { business, kind, .. }) => {
            if let Some(role) = role_of(kind) {
                tables::put_source(&config.pool, business, event.aggregate_id, role).await?;
            }
        }
        DomainEvent::Account(AccountEvent::Opened { id, business, source, .. }) => {
            tables::put_account(&config.pool, business, id, source).await?;
        }
        DomainEvent::Account(AccountEvent::Synced(page)) => synced(config, event, &page).await?,
        DomainEvent::Account(AccountEvent::PaidOut(PaidOut { day, .. })) => {
            ask(config, event.business, event.position, once(day)).await?;
        }
        DomainEvent::Account(AccountEvent::MatchRefused(MatchRefused { found })) => {
            refused(config, event, found).await?;
        }
        DomainEvent::Account(change) if !change.redecided().is_empty() => {
            redecided(config, event, change.redecided()).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn synced(config: &Config, event: &Event, page: &Synced) -> Result<(), Failure> {
    let amended = page.amended.iter().flat_map(|amended| [&amended.was, &amended.now]);
    let all = page.added.iter().chain(amended).chain(&page.removed);
    let moved = |was: &Transaction, now: &Transaction| was.amount != now.amount || was.currency != now.currency;
    let mut gone: Vec<TransactionId> = page.removed.iter().map(|removed| removed.id).collect();
    gone.extend(page.amended.iter().filter(|one| moved(&one.was, &one.now)).map(|one| one.now.id));
    let dissolved = if gone.is_empty() { 0 } else { dissolve(config, event, &gone).await? };
    // Not before the rows show what was given up: what they still hold would be in the way of what is found anew.
    let at = dissolved.max(event.position);
    // The payouts that they are in are another sum now.
    let ids: Vec<TransactionId> = all.clone().map(|transaction| transaction.id).collect();
    let paid_out = payouts::days_of(&config.pool, AccountId::from_uuid(event.aggregate_id), &ids).await?;
    ask(config, event.business, at, paid_out.iter().copied()).await?;
    ask(config, event.business, at, all.map(|transaction| progress_day(transaction.booked))).await
}

/// Gives up matches of transactions that are gone or of another amount now, and tells at which position. What a user
/// accepted or refused stays.
async fn dissolve(config: &Config, event: &Event, gone: &[TransactionId]) -> Result<i64, Failure> {
    let matches = config.commands.matches();
    let held = matches.with(event.business, gone).await?;
    let held: Vec<_> = held.into_iter().filter(|kept| matches!(kept.state, State::Applied | State::Proposed)).collect();
    let mut changes = ByAccount::new();
    held.iter().filter(|kept| kept.state.stands()).for_each(|kept| given_up(&kept.found, false, &mut changes));
    let position = decide(config, event.business, changes, event.position).await?;
    let ids: Vec<MatchId> = held.iter().map(|kept| kept.found.id).collect();
    matches.forget(event.business, &ids).await?;
    Ok(position)
}

/// Learns which matches stand. What somebody else decided may leave others free, so its days are looked at.
async fn redecided(config: &Config, event: &Event, changes: &[Redecided]) -> Result<(), Failure> {
    let mut found: BTreeMap<MatchId, (&Match, bool, &Transaction)> = BTreeMap::new();
    for redecided in changes {
        if let Some(By::Match { found: one, accepted }) = redecided.now.decided.as_ref().map(|decided| &decided.by) {
            found.insert(one.id, (one, *accepted, &redecided.now));
        }
    }
    let matches = config.commands.matches();
    for (one, accepted, leg) in found.into_values() {
        let state = if accepted { State::Accepted } else { State::Applied };
        let before = matches.find(event.business, one.id).await?;
        let day = before.as_ref().map_or_else(|| progress_day(leg.booked), |before| before.day);
        // What a payout is the sum of may be known better by now than when it was decided.
        let stood = before.filter(|before| before.state.stands());
        let found = stood.map_or_else(|| one.clone(), |before| before.found);
        let kept = Kept { found, state, day, amount: leg.amount.abs(), currency: leg.currency };
        matches.put(event.business, &kept).await?;
    }
    if event.metadata.get("actor").is_some_and(|actor| actor == ACTOR) {
        return given_up_here(config, event, changes).await;
    }
    let days = changes.iter().map(|one| progress_day(one.now.booked));
    ask(config, event.business, event.position, days).await
}

/// Forgets what the matcher itself gave up by this event. Mostly it is forgotten already; but a match that was found in
/// rows from before its leg changed is recorded after that change, and its record is followed after it was dissolved.
async fn given_up_here(config: &Config, event: &Event, changes: &[Redecided]) -> Result<(), Failure> {
    let matched = |one: &Redecided| one.now.decided.as_ref().and_then(Decided::matched);
    let legs: BTreeMap<_, _> = changes.iter().map(|one| (one.now.id, matched(one))).collect();
    let ids: Vec<TransactionId> = legs.keys().copied().collect();
    let matches = config.commands.matches();
    let held = matches.with(event.business, &ids).await?;
    let is_given_up = |kept: &Kept| {
        let mut decided = kept.found.legs.iter().filter(|leg| leg.to.is_some());
        kept.state == State::Applied
            && decided.any(|leg| legs.get(&leg.id).is_some_and(|now| *now != Some(kept.found.id)))
    };
    let gone: Vec<MatchId> = held.iter().filter(|kept| is_given_up(kept)).map(|kept| kept.found.id).collect();
    matches.forget(event.business, &gone).await?;
    Ok(())
}

/// Whoever refused it may have been cut off before its legs were taken back.
async fn refused(config: &Config, event: &Event, found: Match) -> Result<(), Failure> {
    let matches = config.commands.matches();
    if let Some(before) = matches.find(event.business, found.id).await? {
        // Accepted again by a later event, which is followed next.
        matches.put(event.business, &Kept { state: State::Refused, ..before.clone() }).await?;
        ask(config, event.business, event.position, once(before.day)).await?;
    } else {
        tables::put_refused(&config.pool, event.business, &found).await?;
    }
    let mut changes = ByAccount::new();
    given_up(&found, false, &mut changes);
    decide(config, event.business, changes, event.position).await?;
    Ok(())
}

async fn ask(
    config: &Config,
    business: BusinessId,
    at: i64,
    days: impl Iterator<Item = NaiveDate> + Clone,
) -> Result<(), Failure> {
    if let (Some(from), Some(to)) = (days.clone().min(), days.max()) {
        tables::ask_for_pass(&config.pool, business, (from, to), at).await?;
    }
    Ok(())
}
