//! What really happened: the figures that whoever reads the providers must come to.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::Kind;
use serde::Serialize;

use super::{BankLine, Facts, MovementKind, day_of, number};
use crate::demo::{Ledger, Seed};

/// Sums of one day in minor units; plus is money in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Sales by card, before fees and refunds.
    pub sales: i64,
    /// With what disputes took and brought back.
    pub refunds: i64,
    /// What the processor kept; minus.
    pub fees: i64,
    /// What the processor sent to the bank.
    pub payouts: i64,
    /// What customers transferred.
    pub transfers_in: i64,
    /// Sales, transfers and refunds together.
    pub net_revenue: i64,
    /// By kind, over the accounts of bank and processor; payouts and transfers come to nothing.
    pub by_kind: BTreeMap<&'static str, i64>,
    pub pending: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Truth {
    pub now: DateTime<Utc>,
    pub currency: &'static str,
    pub days: BTreeMap<NaiveDate, Figures>,
    pub total: Figures,
    /// What each account holds.
    pub balances: BTreeMap<&'static str, i64>,
    pub same_money: Vec<Chain>,
}

/// A payout: the bank line that it became, and what is in it.
#[derive(Debug, Clone, Serialize)]
pub struct Chain {
    pub payout: String,
    /// The payout's own.
    pub balance_transaction: String,
    /// Where the shop is its own processor: the balance transaction of its payout.
    pub shop_transfer: String,
    pub pence: i64,
    /// The bank's line.
    pub bank_line: String,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Part {
    pub balance_transaction: String,
    /// Where the shop is its own processor: its balance transaction.
    pub shop_balance_transaction: String,
    /// The charge, the refund or the dispute.
    pub object: String,
    pub order: Option<String>,
    pub net: i64,
    /// What the processor kept of it.
    pub fee: i64,
}

/// What a movement, or a payout by its key, is at the shop, where that is its own processor.
pub fn balance_id(seed: Seed, key: &str) -> String {
    format!("gid://shopify/ShopifyPaymentsBalanceTransaction/{}", number(seed, "balance", key))
}

pub fn payout_id(seed: Seed, day: NaiveDate) -> String {
    format!("gid://shopify/ShopifyPaymentsPayout/{}", number(seed, "payout", &day.to_string()))
}

/// The bank's lines as they stand at a moment, by key.
pub fn standing(facts: &Facts, now: DateTime<Utc>) -> BTreeMap<(Ledger, &str), &BankLine> {
    let mut lines = BTreeMap::new();
    for change in facts.bank.iter().take_while(|change| change.known_at <= now) {
        match &change.line {
            Some(line) => lines.insert((change.ledger, change.key.as_str()), line),
            None => lines.remove(&(change.ledger, change.key.as_str())),
        };
    }
    lines
}

/// Of the days of a range, as known at a moment.
pub fn truth(facts: &Facts, now: DateTime<Utc>, from: NaiveDate, to: NaiveDate) -> Truth {
    let mut days: BTreeMap<NaiveDate, Figures> = BTreeMap::new();
    let mut balances: BTreeMap<&'static str, i64> = BTreeMap::new();
    let within = |day: NaiveDate| (from..=to).contains(&day);
    for movement in facts.movements.iter().take_while(|movement| movement.at <= now) {
        *balances.entry(Ledger::Processor.name()).or_default() += movement.net();
        let day = day_of(movement.at);
        if within(day) {
            let figures = days.entry(day).or_default();
            let is_sale = movement.kind == MovementKind::Charge;
            figures.count(if is_sale { Kind::Revenue } else { Kind::Refund }, movement.pence);
            figures.count(Kind::Expense, -movement.fee);
            figures.fees -= movement.fee;
            *(if is_sale { &mut figures.sales } else { &mut figures.refunds }) += movement.pence;
        }
    }
    for payout in facts.payouts.iter().take_while(|payout| payout.at <= now) {
        *balances.entry(Ledger::Processor.name()).or_default() -= payout.pence;
        if within(payout.day) {
            let figures = days.entry(payout.day).or_default();
            figures.payouts += payout.pence;
            figures.count(Kind::Settlement, -payout.pence);
        }
    }
    for ((ledger, _), line) in standing(facts, now) {
        *balances.entry(ledger.name()).or_default() += line.pence;
        if within(line.day) {
            let figures = days.entry(line.day).or_default();
            figures.count(line.kind, line.pence);
            if line.kind == Kind::Revenue {
                figures.transfers_in += line.pence;
            }
            if line.pending {
                figures.pending += line.pence;
            }
        }
    }
    let mut total = Figures::default();
    for figures in days.values_mut() {
        figures.net_revenue = figures.sales + figures.transfers_in + figures.refunds;
        total.add(figures);
    }
    Truth { now, currency: "GBP", days, total, balances, same_money: chains(facts, now, within) }
}

impl Figures {
    fn count(&mut self, kind: Kind, pence: i64) {
        *self.by_kind.entry(kind.as_str()).or_default() += pence;
    }

    fn add(&mut self, other: &Self) {
        self.sales += other.sales;
        self.refunds += other.refunds;
        self.fees += other.fees;
        self.payouts += other.payouts;
        self.transfers_in += other.transfers_in;
        self.net_revenue += other.net_revenue;
        self.pending += other.pending;
        for (kind, pence) in &other.by_kind {
            *self.by_kind.entry(kind).or_default() += pence;
        }
    }
}

fn chains(facts: &Facts, now: DateTime<Utc>, within: impl Fn(NaiveDate) -> bool) -> Vec<Chain> {
    let mut parts: BTreeMap<NaiveDate, Vec<Part>> = BTreeMap::new();
    for movement in &facts.movements {
        let Some(day) = movement.payout else { continue };
        parts.entry(day).or_default().push(Part {
            balance_transaction: facts.ident("txn_", &movement.key),
            shop_balance_transaction: balance_id(facts.seed, &movement.key),
            object: movement.object(facts.seed),
            order: movement.order().map(|number| format!("#{number}")),
            net: movement.net(),
            fee: movement.fee,
        });
    }
    let known = facts.payouts.iter().filter(|payout| payout.at <= now && within(payout.day));
    known
        .map(|payout| Chain {
            payout: facts.ident("po_", &payout.day.to_string()),
            balance_transaction: facts.ident("txn_", &format!("payout:{}", payout.day)),
            shop_transfer: balance_id(facts.seed, &format!("payout:{}", payout.day)),
            pence: payout.pence,
            bank_line: facts.ident("", &format!("{:?}:payout:{}", Ledger::Current, payout.day)),
            parts: parts.remove(&payout.day).unwrap_or_default(),
        })
        .collect()
}
