//! Disputes, newest first, and the events that tell how each begins and ends.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::balance::of_movement;
use super::lists::Query;
use super::objects::{event, presented};
use crate::simulator::company::{Dispute, Facts, Movement, MovementKind, Verdict, ident};

/// How long the shop may answer.
const ANSWERED_WITHIN: TimeDelta = TimeDelta::days(7);
/// What the shop may say for itself; this one says nothing.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

pub fn disputes(facts: &Facts, now: DateTime<Utc>, query: &Query) -> Vec<Value> {
    let known = known(facts, now).filter(|dispute| query.holds_created(dispute.at.timestamp()));
    let objects = known.map(|dispute| object(facts, dispute, now));
    objects.filter(|dispute| query.holds("charge", dispute["charge"].as_str())).collect()
}

fn known(facts: &Facts, now: DateTime<Utc>) -> impl Iterator<Item = &Dispute> {
    facts.disputes.iter().rev().filter(move |dispute| dispute.at <= now)
}

/// The one behind a movement.
pub fn of<'a>(facts: &'a Facts, movement: &Movement) -> Option<&'a Dispute> {
    facts.disputes.iter().find(|dispute| Some(&dispute.of) == movement.of.as_ref())
}

pub fn is_disputed(facts: &Facts, charge: &Movement, now: DateTime<Utc>) -> bool {
    known(facts, now).any(|dispute| dispute.of == charge.key)
}

/// The same, as it was then.
pub fn behind(facts: &Facts, movement: &Movement) -> Value {
    of(facts, movement).map_or(Value::Null, |dispute| object(facts, dispute, movement.at))
}

pub fn object(facts: &Facts, dispute: &Dispute, now: DateTime<Utc>) -> Value {
    let charge = facts.movements.iter().rev().find(|movement| movement.key == dispute.of);
    let (amount, currency) = charge.map_or((0, "gbp"), |charge| presented(facts, charge));
    let due = dispute.at + ANSWERED_WITHIN;
    let status = match dispute.verdict_at(now) {
        None => "needs_response",
        Some(Verdict::Won) => "won",
        Some(Verdict::Lost) => "lost",
    };
    json!({
        "amount": amount,
        "balance_transactions": moved(facts, dispute, now),
        "charge": ident(facts.seed, "ch_", &dispute.of),
        "created": dispute.at.timestamp(),
        "currency": currency,
        "enhanced_eligibility_types": [],
        "evidence": evidence(),
        "evidence_details": {
            "due_by": due.timestamp(), "enhanced_eligibility": {}, "has_evidence": false, "past_due": now > due,
            "submission_count": 0,
        },
        "id": dispute.id(facts.seed),
        "is_charge_refundable": false,
        "livemode": true,
        "metadata": {},
        "object": "dispute",
        "payment_intent": null,
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": "fraudulent",
        "status": status,
    })
}

/// What it took, and what it brought back.
fn moved(facts: &Facts, dispute: &Dispute, now: DateTime<Utc>) -> Vec<Value> {
    let since = facts.movements.iter().skip_while(|movement| movement.at < dispute.at);
    let until = since.take_while(|movement| movement.at <= now);
    let is_of = |movement: &&Movement| {
        matches!(movement.kind, MovementKind::Dispute | MovementKind::DisputeReversal)
            && movement.of.as_ref() == Some(&dispute.of)
    };
    until.filter(is_of).map(|movement| of_movement(facts, movement, now)).collect()
}

fn evidence() -> Value {
    let mut evidence: Map<_, _> = EVIDENCE.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    evidence.insert("enhanced_evidence".to_owned(), json!({}));
    evidence.into()
}

/// That each began, and how it ended; that money moved tells its movement.
pub fn events(facts: &Facts, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Value)> {
    let mut events = Vec::new();
    for dispute in known(facts, now) {
        let mut tell = |kind: &str, at: DateTime<Utc>| {
            let id = facts.ident("evt_", &format!("{kind}:{}", dispute.of));
            events.push((at, event(&id, kind, at, &object(facts, dispute, at))));
        };
        tell("charge.dispute.created", dispute.at);
        if let Some((_, at)) = dispute.verdict.filter(|(_, at)| *at <= now) {
            tell("charge.dispute.closed", at);
        }
    }
    events
}
