//! What is new in the log: transactions are decided, and changed rules and choices ask for a pass.

use domain::account::{AccountEvent, Synced};
use domain::meaning::words_of;
use domain::{AccountId, Transaction};
use streams::{DomainEvent, Event, log};

use super::brain::{Brain, Brains};
use super::record::{ACTOR, Decisions, Seen};
use super::{Config, Failure, tables};

/// Events that are read at once.
const AT_ONCE: i64 = 200;
/// Transactions that are looked at again after a choice: the newest ones of which nothing is known.
const AFTER_CHOICE: i64 = 20_000;

/// Looks at the next events; whether there were any.
pub(super) async fn step(config: &Config, brains: &mut Brains) -> Result<bool, Failure> {
    let from = tables::looked_to(&config.pool).await?;
    let events = log::read(&config.pool, from, AT_ONCE).await?;
    for event in &events {
        match event.event_type.as_str() {
            "account.synced" | "account.recategorised" | "account.unsplit" => look(config, brains, event).await?,
            "business.rule_set" | "business.rule_deleted" | "business.rules_ordered" => {
                brains.forget(event.business);
                tables::ask_for_pass(&config.pool, event.business, event.position, None).await?;
            }
            _ => {}
        }
    }
    if let Some(last) = events.last() {
        tables::set_looked_to(&config.pool, last.position).await?;
    }
    Ok(!events.is_empty())
}

async fn look(config: &Config, brains: &mut Brains, event: &Event) -> Result<(), Failure> {
    let by_user = event.metadata.get("actor").is_none_or(|actor| actor != ACTOR);
    if event.event_type == "account.recategorised" {
        if !by_user {
            return Ok(());
        }
        // What is matched teaches nothing.
        if event.metadata.get("actor").is_none_or(|actor| actor != crate::matching::ACTOR) {
            tables::ask_for_pass(&config.pool, event.business, event.position, Some(AFTER_CHOICE)).await?;
        }
    }
    let brain = brains.of(event.business).await?;
    if brain.is_empty() {
        return Ok(());
    }
    let account = AccountId::from_uuid(event.aggregate_id);
    let mut decisions = Decisions::default();
    match event.open(brains.keys()).await? {
        DomainEvent::Account(AccountEvent::Synced(Synced { added, amended, .. })) => {
            let now = added.iter().chain(amended.iter().map(|amended| &amended.now));
            now.for_each(|transaction| decide_one(&mut decisions, &brain, account, transaction));
        }
        DomainEvent::Account(change) => {
            let now = change.redecided().iter().map(|redecided| &redecided.now);
            now.for_each(|transaction| decide_one(&mut decisions, &brain, account, transaction));
        }
        _ => {}
    }
    decisions.record(&config.commands, event.business, event.position).await
}

fn decide_one(decisions: &mut Decisions, brain: &Brain, account: AccountId, transaction: &Transaction) {
    let texts = [&transaction.description, &transaction.counterparty, &transaction.reference];
    let words = words_of(texts.map(|text| text.as_deref()));
    let meaning = transaction.meaning();
    let seen = Seen {
        id: transaction.id,
        account,
        amount: transaction.amount,
        currency: transaction.currency,
        meaning: &meaning,
        decided: transaction.decided.as_ref(),
        words: &words,
    };
    decisions.look(brain, &seen);
}
