//! One transaction in parts, each with a meaning of its own.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::By;
use crate::{Category, Kind, Sums};

/// Of one transaction.
pub const LEAST_PARTS: usize = 2;
pub const MOST_PARTS: usize = 20;

/// What a transaction was split in. The parts stand over its own meaning, which stays as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Split {
    /// They sum to the transaction's amount, and each has its sign.
    pub parts: Vec<Part>,
    /// The event of its account that split it, counted from 1: the notes of the parts stand there.
    pub event: u64,
    /// Who decided the meaning that the parts stand over; absent where its source did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Box<By>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// An exact decimal; plus means money in.
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub amount: Decimal,
    pub kind: Kind,
    pub category: Category,
}

/// What a transaction, or a part of one, adds to the figures of its kind and category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share<'a> {
    pub amount: Decimal,
    pub kind: Kind,
    pub category: &'a Category,
    /// Of transactions: 1, or 0 where another part counts for the whole.
    pub count: i64,
}

impl Share<'_> {
    pub fn sums(&self) -> Sums {
        Sums { count: self.count, ..Sums::of(self.amount) }
    }
}

/// The parts, or the whole where there are none. One transaction stays one: its largest part (the first of equal ones)
/// is counted, the others only add their amounts.
pub fn shares<'a>(parts: &'a [Part], whole: Share<'a>) -> impl Iterator<Item = Share<'a>> {
    let counted = counted_part(parts);
    let of_parts = parts.iter().enumerate().map(move |(nth, part)| Share {
        amount: part.amount,
        kind: part.kind,
        category: &part.category,
        count: i64::from(nth == counted),
    });
    of_parts.chain(parts.is_empty().then_some(whole))
}

fn counted_part(parts: &[Part]) -> usize {
    let larger = |largest: usize, nth: usize| parts[nth].amount.abs() > parts[largest].amount.abs();
    (0..parts.len()).fold(0, |largest, nth| if larger(largest, nth) { nth } else { largest })
}
