//! What Stripe tells its endpoints: an event for each charge, refund, payout and step of a dispute.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::disputes;
use super::objects::{Refunds, event, event_of, payout_object};
use crate::simulator::hooks::Message;
use crate::simulator::{Provider, World};

/// From the moment that was looked at last: something may have been let happen in it since.
pub fn news(world: &World, since: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Message> {
    let urls = world.hooks.addresses(Provider::Stripe);
    if urls.is_empty() {
        return Vec::new();
    }
    let events: Vec<Value> = world.look(|facts, now| {
        let is_new = |at: DateTime<Utc>| since <= at && at < until;
        let refunds = Refunds::of(facts, now);
        let movements = facts.movements.iter().rev().take_while(|movement| movement.at >= since);
        let new = movements.filter(|movement| is_new(movement.at));
        let mut events: Vec<_> = new.map(|movement| event_of(facts, movement, &refunds)).collect();
        let payouts = facts.payouts.iter().rev().take_while(|payout| payout.at >= since);
        events.extend(payouts.filter(|payout| is_new(payout.at)).map(|payout| {
            let id = facts.ident("evt_", &format!("payout:{}", payout.day));
            event(&id, "payout.paid", payout.at, &payout_object(facts, payout))
        }));
        let of_disputes = disputes::events(facts, now).into_iter().filter(|(at, _)| is_new(*at));
        events.extend(of_disputes.map(|(_, event)| event));
        events
    });
    let messages = urls.iter().flat_map(|url| {
        events.iter().map(move |event| Message {
            provider: Provider::Stripe,
            url: url.clone(),
            body: event.to_string(),
            headers: Vec::new(),
        })
    });
    messages.collect()
}
