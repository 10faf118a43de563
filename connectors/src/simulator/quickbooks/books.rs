//! The company's books: what the accountant keeps of the same money.
//!
//! A day's card sales are one sales receipt on the processor's clearing account, refunds are refund receipts, fees a
//! purchase from that account, a payout a transfer from it to the bank. What cafés transfer pays an invoice of two
//! weeks before; green coffee is bought on a bill; everything else that leaves bank or card is a purchase. What a
//! dispute takes is entered as a refund receipt, its fee with the day's, and what a won one brings back as a deposit.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::Kind;
use serde_json::Value;

use super::{edits, entities};
use crate::demo::{Ledger, morning};
use crate::simulator::World;
use crate::simulator::company::{BankLine, Facts, Movement, MovementKind, day_of};
use crate::simulator::world::lock;

/// How long before its payment an invoice or a bill was written.
const TERMS: TimeDelta = TimeDelta::days(14);

/// An object of the books as it is at a moment.
#[derive(Debug, Clone)]
pub struct Standing {
    pub entity: &'static str,
    pub id: String,
    pub updated: DateTime<Utc>,
    /// `None`: deleted.
    pub object: Option<Value>,
}

#[derive(Debug, Clone, Copy)]
pub struct Written {
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    pub version: u32,
}

/// Books, and what they were written from.
pub type Remembered = Option<(Entered, Arc<Vec<Standing>>)>;

/// How much of what happens is entered at a moment. The same as before is the same books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    lines: usize,
    /// With those of which an invoice or a bill is there.
    expected: usize,
    movements: usize,
    payouts: usize,
    /// At the bank altogether: what is let happen moves the others.
    all: usize,
    edits: usize,
}

impl Entered {
    fn at(facts: &Facts, edits: usize, now: DateTime<Utc>) -> Self {
        let lines = |until| facts.bank.partition_point(|change| change.known_at <= until);
        Self {
            lines: lines(now),
            expected: lines(now + TERMS) + facts.upcoming.partition_point(|change| change.known_at <= now + TERMS),
            movements: facts.movements.partition_point(|movement| closed(day_of(movement.at)) <= now),
            payouts: facts.payouts.partition_point(|payout| payout.at <= now),
            all: facts.bank.len(),
            edits,
        }
    }
}

/// The same until more is entered.
pub fn kept(world: &World, facts: &Facts, now: DateTime<Utc>) -> Arc<Vec<Standing>> {
    let edits = lock(&world.edits).clone();
    let entered = Entered::at(facts, edits.len(), now);
    let mut kept = lock(&world.books);
    match kept.as_ref() {
        Some((then, books)) if *then == entered => books.clone(),
        _ => {
            let mut books = standing(facts, now);
            edits::apply(&mut books, &edits);
            let books = Arc::new(books);
            *kept = Some((entered, books.clone()));
            books
        }
    }
}

/// Everything in the books at a moment, the deleted too, in the order of ids.
pub fn standing(facts: &Facts, now: DateTime<Utc>) -> Vec<Standing> {
    let mut books = Vec::new();
    sales(facts, now, &mut books);
    for payout in facts.payouts.iter().filter(|payout| payout.at <= now) {
        let written = Written { created: payout.at, updated: payout.at, version: 0 };
        let id = id_of(facts, &format!("payout:{}", payout.day));
        let object =
            entities::transfer(&id, written, payout.day, payout.pence, ("90", "Card processor"), ("35", "Checking"));
        books.push(Standing { entity: "Transfer", id, updated: payout.at, object: Some(object) });
    }
    lines(facts, now, &mut books);
    books.sort_by_key(|one| one.id.parse::<u64>().unwrap_or(0));
    books
}

fn sales(facts: &Facts, now: DateTime<Utc>, books: &mut Vec<Standing>) {
    let mut days: BTreeMap<NaiveDate, (i64, i64)> = BTreeMap::new();
    for movement in &facts.movements {
        let day = day_of(movement.at);
        // The day is entered the next morning.
        if closed(day) > now {
            continue;
        }
        match movement.kind {
            MovementKind::Charge => {
                let sums = days.entry(day).or_default();
                *sums = (sums.0 + movement.pence, sums.1 + movement.fee);
            }
            MovementKind::Refund | MovementKind::Dispute => {
                days.entry(day).or_default().1 += movement.fee;
                let written = at(closed(day));
                let id = id_of(facts, &movement.key);
                let object = entities::refund_receipt(&id, written, day, -movement.pence, &movement.description);
                books.push(Standing { entity: "RefundReceipt", id, updated: written.updated, object: Some(object) });
            }
            MovementKind::DisputeReversal => {
                let written = at(closed(day));
                let id = id_of(facts, &movement.key);
                let object = entities::deposit(&id, written, &brought_back(movement), ("90", "Card processor"));
                books.push(Standing { entity: "Deposit", id, updated: written.updated, object: Some(object) });
            }
        }
    }
    for (day, (taken, fees)) in days {
        let written = at(closed(day));
        if taken != 0 {
            let id = id_of(facts, &format!("sales:{day}"));
            let object = entities::sales_receipt(&id, written, day, taken);
            books.push(Standing { entity: "SalesReceipt", id, updated: written.updated, object: Some(object) });
        }
        if fees == 0 {
            continue;
        }
        let id = id_of(facts, &format!("fees:{day}"));
        let payment = entities::Payment { account: ("90", "Card processor"), kind: "Cash", who: "Card processor" };
        let object = entities::purchase(&id, written, day, fees, &payment, ("61", "payment_fees"), "Processing fees");
        books.push(Standing { entity: "Purchase", id, updated: written.updated, object: Some(object) });
    }
}

/// What a won dispute brought, as a line of the clearing account.
fn brought_back(movement: &Movement) -> BankLine {
    BankLine {
        day: day_of(movement.at),
        pence: movement.pence,
        pending: false,
        kind: Kind::Refund,
        category: movement.category.clone(),
        description: movement.description.clone(),
        counterparty: movement.customer.clone(),
        reference: None,
    }
}

fn closed(day: NaiveDate) -> DateTime<Utc> {
    morning(day + chrono::Days::new(1))
}

const fn at(moment: DateTime<Utc>) -> Written {
    Written { created: moment, updated: moment, version: 0 }
}

/// A number that stays the object's.
fn id_of(facts: &Facts, key: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest =
        Sha256::new().chain_update(facts.seed.0.to_be_bytes()).chain_update(b"books").chain_update(key).finalize();
    let number = digest.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (number + 1000).to_string()
}

/// A line of bank or card with all its revisions so far.
struct Kept<'a> {
    line: &'a BankLine,
    written: Written,
    gone: bool,
}

fn lines(facts: &Facts, now: DateTime<Utc>, books: &mut Vec<Standing>) {
    let mut kept: BTreeMap<(Ledger, &str), Kept<'_>> = BTreeMap::new();
    for change in facts.bank.iter().take_while(|change| change.known_at <= now) {
        let key = (change.ledger, change.key.as_str());
        match (&change.line, kept.get_mut(&key)) {
            // Pending lines are not entered.
            (Some(line), _) if line.pending => {}
            (Some(line), Some(before)) => {
                before.line = line;
                before.written.updated = change.known_at;
                before.written.version += 1;
            }
            (Some(line), None) => {
                kept.insert(key, Kept { line, written: at(change.known_at), gone: false });
            }
            (None, Some(before)) => {
                before.gone = true;
                before.written.updated = change.known_at;
            }
            (None, None) => {}
        }
    }
    for ((ledger, key), kept) in kept {
        entered(facts, ledger, key, &kept, books);
    }
    upcoming(facts, now, books);
}

/// What is owed and comes to the bank within the terms: the invoice or the bill alone.
fn upcoming(facts: &Facts, now: DateTime<Utc>, books: &mut Vec<Standing>) {
    let next = facts.bank.iter().chain(&facts.upcoming);
    for change in next.filter(|change| change.known_at > now && change.known_at <= now + TERMS) {
        let (Ledger::Current, Some(line)) = (change.ledger, &change.line) else { continue };
        if let Some(owed) = owed(facts, &change.key, line, change.known_at, now)
            && !books.iter().any(|one| one.entity == owed.entity && one.id == owed.id)
        {
            books.push(owed);
        }
    }
}

/// The invoice or the bill behind a line, as it is at a moment: of one that is paid, that of the line's last word.
fn owed(facts: &Facts, key: &str, line: &BankLine, paid_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Standing> {
    let paid = paid_at <= now;
    let created = paid_at - TERMS;
    let written = Written { created, updated: if paid { now } else { created }, version: u32::from(paid) };
    let day = line.day - TERMS;
    let entity = match line.kind {
        Kind::Revenue if line.category == "wholesale" => "Invoice",
        Kind::Expense if line.category == "green_coffee" => "Bill",
        _ => return None,
    };
    let id = id_of(facts, &format!("{entity}:{key}"));
    let object = match entity {
        "Invoice" => entities::invoice(&id, written, day, line, paid),
        _ => entities::bill(&id, written, day, line, paid),
    };
    Some(Standing { entity, id, updated: written.updated, object: Some(object) })
}

fn entered(facts: &Facts, ledger: Ledger, key: &str, kept: &Kept<'_>, books: &mut Vec<Standing>) {
    let Kept { line, written, gone } = kept;
    let (bank, card) = (("35", "Checking"), ("42", "Company card"));
    let id = id_of(facts, &format!("{ledger:?}:{key}"));
    let owed = if ledger == Ledger::Current { owed(facts, key, line, written.created, written.updated) } else { None };
    let object = match (line.kind, ledger) {
        // Entered from the bank's side, as one movement.
        (Kind::Settlement, Ledger::Current) if line.category == "card_settlement" => {
            ("Transfer", entities::transfer(&id, *written, line.day, -line.pence, bank, card))
        }
        (Kind::InternalTransfer, Ledger::Current) => {
            let savings = ("36", "Savings");
            let (from, to) = if line.pence < 0 { (bank, savings) } else { (savings, bank) };
            ("Transfer", entities::transfer(&id, *written, line.day, line.pence.abs(), from, to))
        }
        (Kind::Settlement | Kind::InternalTransfer, _) => return,
        (Kind::Revenue, _) if owed.is_some() => {
            let invoice = owed.as_ref().map(|owed| owed.id.as_str()).unwrap_or_default();
            ("Payment", entities::payment(&id, *written, line, invoice))
        }
        (Kind::Expense, Ledger::Current) if owed.is_some() => {
            let bill = owed.as_ref().map(|owed| owed.id.as_str()).unwrap_or_default();
            ("BillPayment", entities::bill_payment(&id, *written, line, bill))
        }
        (Kind::Financing, _) if line.pence < 0 => ("JournalEntry", entities::journal_entry(&id, *written, line)),
        (Kind::Revenue | Kind::Financing, Ledger::Savings) => {
            ("Deposit", entities::deposit(&id, *written, line, ("36", "Savings")))
        }
        (Kind::Revenue | Kind::Financing, _) => ("Deposit", entities::deposit(&id, *written, line, bank)),
        (Kind::Expense | Kind::Tax | Kind::Refund, _) => {
            let on_card = ledger == Ledger::Card;
            let (account, kind) = if on_card { (card, "CreditCard") } else { (bank, "Check") };
            let payment = entities::Payment { account, kind, who: &line.counterparty };
            let category = ("60", line.category.as_str());
            (
                "Purchase",
                entities::purchase(&id, *written, line.day, -line.pence, &payment, category, &line.description),
            )
        }
    };
    books.extend(owed);
    let (entity, object) = object;
    books.push(Standing { entity, id, updated: written.updated, object: (!gone).then_some(object) });
}
