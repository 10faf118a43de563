//! The balance: its movements as balance transactions, newest first, and what they add up to.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use super::disputes;
use super::lists::Query;
use super::objects::{Refunds, charge, known, known_payouts, payout_id, payout_object};
use crate::simulator::company::{Facts, Movement, MovementKind, Payout, Presented};

/// Money of a charge may be paid out after two days.
const HELD: TimeDelta = TimeDelta::days(2);

/// Each becomes one balance transaction.
enum Row<'a> {
    Movement(&'a Movement),
    Payout(&'a Payout),
}

impl Row<'_> {
    fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Movement(movement) => movement.at,
            Self::Payout(payout) => payout.at,
        }
    }

    fn is(&self, facts: &Facts, id: &str) -> bool {
        match self {
            Self::Movement(movement) => facts.is_ident(id, "txn_", &movement.key),
            Self::Payout(payout) => facts.is_ident(id, "txn_", &format!("payout:{}", payout.day)),
        }
    }

    /// The day of the payout that it is part of, or is.
    fn paid_out(&self) -> Option<NaiveDate> {
        match self {
            Self::Movement(movement) => movement.payout,
            Self::Payout(payout) => Some(payout.day),
        }
    }

    fn source(&self, facts: &Facts) -> String {
        match self {
            Self::Movement(movement) => movement.object(facts.seed),
            Self::Payout(payout) => payout_id(facts, payout.day),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Movement(movement) => kinds(movement.kind).0,
            Self::Payout(_) => "payout",
        }
    }

    fn object(&self, facts: &Facts, now: DateTime<Utc>) -> Value {
        match self {
            Self::Movement(movement) => of_movement(facts, movement, now),
            Self::Payout(payout) => of_payout(facts, payout),
        }
    }

    /// The same with what it comes from whole instead of its id, as `expand[]=data.source` asks for; a refund is not
    /// looked up.
    fn with_source(&self, facts: &Facts, refunds: &Refunds<'_>, now: DateTime<Utc>) -> Value {
        let mut object = self.object(facts, now);
        let source = match self {
            Self::Payout(payout) => Some(payout_object(facts, payout)),
            Self::Movement(movement) => match movement.kind {
                MovementKind::Charge => Some(charge(facts, movement, refunds)),
                MovementKind::Refund => None,
                // What it took and what it brought back name the same dispute, as it is now.
                MovementKind::Dispute | MovementKind::DisputeReversal => {
                    disputes::of(facts, movement).map(|dispute| disputes::object(facts, dispute, now))
                }
            },
        };
        if let Some(source) = source {
            object["source"] = source;
        }
        object
    }
}

fn rows<'a>(facts: &'a Facts, now: DateTime<Utc>, query: &Query) -> Vec<Row<'a>> {
    let movements = known(facts, now, query).map(Row::Movement);
    let all = movements.chain(known_payouts(facts, now, query).map(Row::Payout));
    let mut rows: Vec<_> = match query.get("payout") {
        Some(id) => {
            let mut days = facts.payouts.iter().map(|payout| payout.day);
            let day = days.find(|day| facts.is_ident(id, "po_", &day.to_string()));
            all.filter(|row| day.is_some() && row.paid_out() == day).collect()
        }
        None => all.collect(),
    };
    rows.sort_by_key(|row| std::cmp::Reverse(row.at()));
    let asked = |name: &str, is: &dyn Fn(&str) -> bool| query.get(name).is_none_or(is);
    rows.retain(|row| {
        asked("type", &|kind| row.kind() == kind)
            && asked("currency", &|currency| currency == "gbp")
            && asked("source", &|source| row.source(facts) == source)
    });
    rows
}

pub fn transactions(facts: &Facts, now: DateTime<Utc>, query: &Query) -> Vec<Value> {
    rows(facts, now, query).iter().map(|row| row.object(facts, now)).collect()
}

/// A year has many thousands: what is on no page is not written out for it.
pub fn transactions_around(facts: &Facts, now: DateTime<Utc>, query: &Query) -> Vec<Value> {
    let rows = rows(facts, now, query);
    let window = query.window(&rows, |row, id| row.is(facts, id)).iter();
    if !query.expands("data.source") {
        return window.map(|row| row.object(facts, now)).collect();
    }
    let refunds = Refunds::of(facts, now);
    window.map(|row| row.with_source(facts, &refunds, now)).collect()
}

/// `type` and `reporting_category`.
const fn kinds(kind: MovementKind) -> (&'static str, &'static str) {
    match kind {
        MovementKind::Charge => ("charge", "charge"),
        MovementKind::Refund => ("refund", "refund"),
        MovementKind::Dispute => ("adjustment", "dispute"),
        MovementKind::DisputeReversal => ("adjustment", "dispute_reversal"),
    }
}

pub fn of_movement(facts: &Facts, movement: &Movement, now: DateTime<Utc>) -> Value {
    let (kind, reporting_category) = kinds(movement.kind);
    let available = if movement.kind == MovementKind::Charge { movement.at + HELD } else { movement.at };
    let of_what = if movement.kind == MovementKind::Dispute { "Dispute fee" } else { "Stripe processing fees" };
    let fees = (movement.fee != 0).then(|| {
        json!({"amount": movement.fee, "application": null, "currency": "gbp",
               "description": of_what, "type": "stripe_fee"})
    });
    let presented = movement.presented(facts.seed);
    json!({
        "id": facts.ident("txn_", &movement.key),
        "object": "balance_transaction",
        "amount": movement.pence,
        "available_on": available.timestamp(),
        "created": movement.at.timestamp(),
        "currency": "gbp",
        "description": movement.description,
        "exchange_rate": presented.map(rate_number),
        "fee": movement.fee,
        "fee_details": fees.into_iter().collect::<Vec<_>>(),
        "net": movement.net(),
        "reporting_category": reporting_category,
        "source": movement.object(facts.seed),
        "status": if available <= now { "available" } else { "pending" },
        "type": kind,
        "balance_type": "payments",
    })
}

/// As a JSON number; no arithmetic is done on it.
fn rate_number(presented: Presented) -> Value {
    presented.rate_text().parse::<f64>().map_or(Value::Null, Value::from)
}

fn of_payout(facts: &Facts, payout: &Payout) -> Value {
    json!({
        "id": facts.ident("txn_", &format!("payout:{}", payout.day)),
        "object": "balance_transaction",
        "amount": -payout.pence,
        "available_on": payout.at.timestamp(),
        "created": payout.at.timestamp(),
        "currency": "gbp",
        "description": "STRIPE PAYOUT",
        "exchange_rate": null,
        "fee": 0,
        "fee_details": [],
        "net": -payout.pence,
        "reporting_category": "payout",
        "source": payout_id(facts, payout.day),
        "status": "available",
        "type": "payout",
        "balance_type": "payments",
    })
}

pub fn balance(facts: &Facts, now: DateTime<Utc>) -> Value {
    let known = facts.movements.iter().take_while(|movement| movement.at <= now);
    let (mut available, mut pending) = (0, 0);
    for movement in known {
        let held = movement.kind == MovementKind::Charge && movement.at + HELD > now;
        *(if held { &mut pending } else { &mut available }) += movement.net();
    }
    available -= facts.payouts.iter().filter(|payout| payout.at <= now).map(|payout| payout.pence).sum::<i64>();
    let part = |amount: i64| json!([{"amount": amount, "currency": "gbp", "source_types": {"card": amount}}]);
    json!({
        "available": part(available),
        "connect_reserved": [{"amount": 0, "currency": "gbp"}],
        "livemode": true,
        "object": "balance",
        "pending": part(pending),
    })
}
