//! Shopify Payments, where the shop takes cards itself: what the card processor sees, in Shopify's words.

use async_graphql_parser::types::Field;
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::errors;
use super::objects::part;
use super::select::Asked;
use crate::demo::Seed;
use crate::simulator::World;
use crate::simulator::company::truth::{balance_id, payout_id};
use crate::simulator::company::{Facts, Movement, MovementKind, Payout};

const MOST_AT_ONCE: u64 = 250;
/// By the number of a payout, as the search syntax names it.
const OF_PAYOUT: &str = "payments_transfer_id:";

/// Null where payments go through another processor.
pub fn account(world: &World, asked: &Asked, field: &Field) -> Result<Value, Box<Response>> {
    if !world.shop_pays() {
        return Ok(Value::Null);
    }
    let listed = match asked.within(field, "balanceTransactions") {
        Some(list) => transactions(world, &asked.arguments(list))?,
        None => Value::Null,
    };
    let held = world.look(held);
    Ok(json!({"activated": true, "balance": [part(held, "GBP")], "balanceTransactions": listed}))
}

fn held(facts: &Facts, now: DateTime<Utc>) -> i64 {
    let moved: i64 = facts.movements.iter().take_while(|one| one.at <= now).map(Movement::net).sum();
    moved - facts.payouts.iter().filter(|payout| payout.at <= now).map(|payout| payout.pence).sum::<i64>()
}

type Arguments = std::collections::HashMap<String, Value>;

/// By the moment, of which each movement has its own; the cursor is the last one's id.
fn transactions(world: &World, arguments: &Arguments) -> Result<Value, Box<Response>> {
    let refused = |text: &str| Box::new(errors::query(text, "BAD_USER_INPUT"));
    let first = arguments.get("first").and_then(Value::as_u64).filter(|first| (1..=MOST_AT_ONCE).contains(first));
    let first = first.ok_or_else(|| refused("first must be between 1 and 250"))?;
    let first = usize::try_from(first).unwrap_or(250);
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    let is_reversed = arguments.get("reverse").and_then(Value::as_bool).unwrap_or(false);
    world.look(|facts, now| {
        let mut rows = rows(facts, now, text("query").and_then(|query| query.strip_prefix(OF_PAYOUT)));
        if is_reversed {
            rows.reverse();
        }
        let begins = match text("after") {
            None => 0,
            Some(after) => {
                let place = rows.iter().position(|row| row.id(facts.seed) == after);
                place.ok_or_else(|| refused("Invalid cursor for current pagination sort."))? + 1
            }
        };
        let ends = (begins + first).min(rows.len());
        let page = &rows[begins..ends];
        Ok(json!({
            "nodes": page.iter().map(|row| row.node(facts.seed, now)).collect::<Vec<_>>(),
            "pageInfo": {
                "hasNextPage": ends < rows.len(),
                "endCursor": page.last().map(|row| row.id(facts.seed)),
                "hasPreviousPage": begins > 0,
            },
        }))
    })
}

const fn kind(of: MovementKind) -> &'static str {
    match of {
        MovementKind::Charge => "CHARGE",
        MovementKind::Refund => "REFUND",
        MovementKind::Dispute => "DISPUTE_WITHDRAWAL",
        MovementKind::DisputeReversal => "DISPUTE_REVERSAL",
    }
}

enum Row<'a> {
    Moved(&'a Movement),
    Paid(&'a Payout),
}

/// Oldest first; of one payout alone, where its number is given.
fn rows<'a>(facts: &'a Facts, now: DateTime<Utc>, payout: Option<&str>) -> Vec<Row<'a>> {
    let numbered = |day| payout_id(facts.seed, day).rsplit('/').next() == payout;
    let day = payout.map(|_| facts.payouts.iter().map(|payout| payout.day).find(|day| numbered(*day)));
    let moved = facts.movements.iter().map(Row::Moved);
    let all = moved.chain(facts.payouts.iter().map(Row::Paid)).filter(|row| row.at() <= now);
    let mut rows: Vec<_> = all.filter(|row| day.is_none_or(|day| day.is_some() && row.paid_out() == day)).collect();
    rows.sort_by_key(Row::at);
    rows
}

impl Row<'_> {
    fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Moved(movement) => movement.at,
            Self::Paid(payout) => payout.at,
        }
    }

    fn id(&self, seed: Seed) -> String {
        match self {
            Self::Moved(movement) => balance_id(seed, &movement.key),
            Self::Paid(payout) => balance_id(seed, &format!("payout:{}", payout.day)),
        }
    }

    /// The day of the payout that it is part of, or is.
    fn paid_out(&self) -> Option<chrono::NaiveDate> {
        match self {
            Self::Moved(movement) => movement.payout,
            Self::Paid(payout) => Some(payout.day),
        }
    }

    fn node(&self, seed: Seed, now: DateTime<Utc>) -> Value {
        let (kind, gross, fee, order) = match self {
            Self::Moved(movement) => (kind(movement.kind), movement.pence, movement.fee, movement.order()),
            Self::Paid(payout) => ("TRANSFER", -payout.pence, 0, None),
        };
        // What is not on its way yet waits.
        let paid = self.paid_out().filter(|day| crate::demo::morning(*day) <= now);
        let status = if paid.is_some() { "PAID" } else { "PENDING" };
        json!({
            "id": self.id(seed),
            "type": kind,
            "test": false,
            "amount": part(gross, "GBP"),
            "fee": part(fee, "GBP"),
            "net": part(gross - fee, "GBP"),
            "transactionDate": self.at().to_rfc3339_opts(SecondsFormat::Millis, true),
            "associatedOrder": order.map(|number| json!({"name": format!("#{number}")})),
            "associatedPayout": {"id": paid.map(|day| payout_id(seed, day)), "status": status},
        })
    }
}
