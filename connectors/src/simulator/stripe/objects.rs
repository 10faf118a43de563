//! Stripe's objects, newest first.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::disputes;
use super::lists::Query;
use crate::simulator::World;
use crate::simulator::answer::joined;
use crate::simulator::company::{Facts, Movement, MovementKind, Payout};

/// Events are kept for so long.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(30);

pub fn payout_id(facts: &Facts, day: NaiveDate) -> String {
    facts.ident("po_", &day.to_string())
}

pub fn known<'a>(facts: &'a Facts, now: DateTime<Utc>, query: &Query) -> impl Iterator<Item = &'a Movement> {
    let query = query.clone();
    let until = facts.movements.partition_point(|movement| movement.at <= now);
    let newest = facts.movements[..until].iter().rev();
    newest.filter(move |movement| query.holds_created(movement.at.timestamp()))
}

pub fn known_payouts<'a>(facts: &'a Facts, now: DateTime<Utc>, query: &Query) -> impl Iterator<Item = &'a Payout> {
    let query = query.clone();
    let newest = facts.payouts.iter().rev().skip_while(move |payout| payout.at > now);
    newest.filter(move |payout| query.holds_created(payout.at.timestamp()))
}

/// What a movement is in the customer's currency, and which.
pub fn presented(facts: &Facts, movement: &Movement) -> (i64, &'static str) {
    movement.presented(facts.seed).map_or((movement.pence, "gbp"), |presented| (presented.cents, "eur"))
}

pub fn payouts(facts: &Facts, now: DateTime<Utc>, query: &Query) -> Vec<Value> {
    known_payouts(facts, now, query).map(|payout| payout_object(facts, payout)).collect()
}

pub fn payout_object(facts: &Facts, payout: &Payout) -> Value {
    json!({
        "amount": payout.pence,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": payout.day.and_time(NaiveTime::MIN).and_utc().timestamp(),
        "automatic": true,
        "balance_transaction": facts.ident("txn_", &format!("payout:{}", payout.day)),
        "created": payout.at.timestamp(),
        "currency": "gbp",
        "description": "STRIPE PAYOUT",
        "destination": facts.ident("ba_", "bank account"),
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "id": payout_id(facts, payout.day),
        "livemode": true,
        "metadata": {},
        "method": "standard",
        "object": "payout",
        "original_payout": null,
        "reconciliation_status": "completed",
        "reversed_by": null,
        "source_type": "card",
        "statement_descriptor": null,
        "status": "paid",
        "type": "bank_account",
        "trace_id": {"status": "supported", "value": null},
        "payout_method": null,
    })
}

pub fn charges(facts: &Facts, now: DateTime<Utc>, query: &Query) -> Vec<Value> {
    let charges = known(facts, now, query).filter(|movement| movement.kind == MovementKind::Charge);
    let refunds = Refunds::of(facts, now);
    charges.map(|movement| charge(facts, movement, &refunds)).collect()
}

/// What was given back of each charge by a moment.
pub struct Refunds<'a> {
    now: DateTime<Utc>,
    of: HashMap<&'a str, Vec<&'a Movement>>,
}

impl<'a> Refunds<'a> {
    pub fn of(facts: &'a Facts, now: DateTime<Utc>) -> Self {
        let mut of: HashMap<_, Vec<_>> = HashMap::new();
        for movement in facts.movements.iter().take_while(|movement| movement.at <= now) {
            if let (MovementKind::Refund, Some(charge)) = (movement.kind, &movement.of) {
                of.entry(charge.as_str()).or_default().push(movement);
            }
        }
        Self { now, of }
    }
}

pub fn charge(facts: &Facts, movement: &Movement, refunds: &Refunds<'_>) -> Value {
    let back = refunds.of.get(movement.key.as_str()).map(Vec::as_slice).unwrap_or_default();
    let is_refunded = back.iter().map(|refund| -refund.pence).sum::<i64>() >= movement.pence;
    let (amount, currency) = presented(facts, movement);
    let refunded: i64 = back.iter().map(|refund| -presented(facts, refund).0).sum();
    // The euro of another day is worth something else.
    let refunded = if is_refunded { amount } else { refunded.min(amount) };
    let id = movement.object(facts.seed);
    let metadata = movement.order().map_or_else(|| json!({}), |number| json!({"order": format!("#{number}")}));
    let head = json!({
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": refunded,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": facts.ident("txn_", &movement.key),
        "billing_details": {
            "address": {"city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null},
            "email": null, "name": movement.customer, "phone": null, "tax_id": null,
        },
        "calculated_statement_descriptor": null,
        "captured": true,
        "created": movement.at.timestamp(),
        "currency": currency,
        "customer": null,
        "description": movement.description,
        "disputed": disputes::is_disputed(facts, movement, refunds.now),
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "fraud_details": {},
        "id": id,
        "livemode": true,
        "metadata": metadata,
        "object": "charge",
    });
    let tail = json!({
        "on_behalf_of": null,
        "outcome": {"advice_code": null, "network_advice_code": null, "network_decline_code": null,
                    "network_status": "approved_by_network", "reason": null, "seller_message": "Payment complete.",
                    "type": "authorized"},
        "paid": true,
        "payment_intent": null,
        "payment_method": facts.ident("pm_", &movement.key),
        "receipt_email": null,
        "receipt_number": null,
        "receipt_url": null,
        "refunded": is_refunded,
        "review": null,
        "shipping": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "succeeded",
        "transfer_data": null,
        "transfer_group": null,
        "payment_method_details": card(),
        "refunds": {"data": [], "has_more": false, "object": "list", "url": format!("/v1/charges/{id}/refunds")},
        "source": null,
    });
    joined(head, tail)
}

/// What is known of the card.
fn card() -> Value {
    json!({
        "card": {
            "amount_authorized": null, "brand": "visa",
            "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
            "country": "GB", "exp_month": 8, "exp_year": 2030, "extended_authorization": {"status": "disabled"},
            "fingerprint": "simulated", "funding": "credit", "incremental_authorization": {"status": "unavailable"},
            "installments": null, "last4": "4242", "mandate": null, "multicapture": {"status": "unavailable"},
            "network": "visa", "network_token": {"used": false}, "overcapture": null, "three_d_secure": null,
            "wallet": null, "authorization_code": null, "regulated_status": null, "network_transaction_id": null,
            "transaction_link_id": null,
        },
        "type": "card",
    })
}

pub fn refunds(facts: &Facts, now: DateTime<Utc>, query: &Query) -> Vec<Value> {
    let refunds = known(facts, now, query).filter(|movement| movement.kind == MovementKind::Refund);
    refunds
        .map(|movement| refund(facts, movement))
        .filter(|one| query.holds("charge", one["charge"].as_str()))
        .collect()
}

fn refund(facts: &Facts, movement: &Movement) -> Value {
    let (amount, currency) = presented(facts, movement);
    json!({
        "amount": -amount,
        "balance_transaction": facts.ident("txn_", &movement.key),
        "charge": movement.of.as_deref().map(|charge| facts.ident("ch_", charge)),
        "created": movement.at.timestamp(),
        "currency": currency,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "id": movement.object(facts.seed),
        "metadata": {},
        "object": "refund",
        "payment_intent": null,
        "reason": null,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": "succeeded",
        "transfer_reversal": null,
        "customer": null,
        "customer_account": null,
        "payment_method": null,
    })
}

pub fn events(facts: &Facts, now: DateTime<Utc>, query: &Query) -> Vec<Value> {
    let (oldest, refunds) = (now - EVENTS_KEPT, Refunds::of(facts, now));
    let recent = known(facts, now, query).take_while(|movement| movement.at >= oldest);
    let mut events: Vec<_> = recent.map(|movement| (movement.at, event_of(facts, movement, &refunds))).collect();
    let of_disputes = disputes::events(facts, now).into_iter();
    events.extend(of_disputes.filter(|(at, _)| *at >= oldest && query.holds_created(at.timestamp())));
    events.sort_by_key(|(at, _)| Reverse(*at));
    let events = events.into_iter().map(|(_, event)| event);
    events.filter(|event| query.holds("type", event["type"].as_str())).collect()
}

pub fn event_of(facts: &Facts, movement: &Movement, refunds: &Refunds<'_>) -> Value {
    let (kind, object) = match movement.kind {
        MovementKind::Charge => ("charge.succeeded", charge(facts, movement, refunds)),
        MovementKind::Refund => ("refund.created", refund(facts, movement)),
        MovementKind::Dispute => ("charge.dispute.funds_withdrawn", disputes::behind(facts, movement)),
        MovementKind::DisputeReversal => ("charge.dispute.funds_reinstated", disputes::behind(facts, movement)),
    };
    event(&facts.ident("evt_", &movement.key), kind, movement.at, &object)
}

pub fn event(id: &str, kind: &str, at: DateTime<Utc>, object: &Value) -> Value {
    json!({
        "api_version": super::VERSION,
        "created": at.timestamp(),
        "data": {"object": object},
        "id": id,
        "livemode": true,
        "object": "event",
        "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "type": kind,
    })
}

pub fn account_id(world: &World) -> String {
    crate::simulator::company::ident(world.seed, "acct_", "stripe account")
}

pub fn account(world: &World) -> Value {
    json!({
        "id": account_id(world),
        "object": "account",
        "business_profile": {"name": crate::demo::Seed::NAME},
        "country": "GB",
        "default_currency": "gbp",
        "settings": {"dashboard": {"display_name": crate::demo::Seed::NAME, "timezone": "Europe/London"}},
        "type": "standard",
    })
}
