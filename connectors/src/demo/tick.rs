//! What happens between the planned lines while somebody looks on: one small event for each tick of a clock.
//!
//! A tick's content follows from the seed and its moment alone, except where it speaks of an earlier one (a refund, a
//! correction); then it needs to remember that, and where it does not, it stays silent. So a tick that is told again
//! after a restart is the same or nothing.

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc};
use domain::{Booked, Kind};

use super::bar::ticket;
use super::dice::Dice;
use super::journal::Line;
use super::names::{CAFES, GREEN_IMPORTERS, TICKETS};
use super::online::{Basket, basket, customer, sale};
use super::{Ledger, Seed, settings};

/// How many sales are remembered.
const MEMORY: usize = 200;
/// An instant payout is asked for when so much was taken.
const PAYOUT_FROM: i64 = 50_000;

/// What a tick tells: lines, or the key of a line that is taken back.
#[derive(Debug)]
pub(super) enum Told {
    Lines(Vec<Line>),
    Gone(Line),
}

/// The sales of this process, newest last.
#[derive(Debug, Default)]
pub(super) struct Memory {
    sales: Vec<Line>,
    /// What the processor took since it last paid out.
    taken: i64,
}

impl Memory {
    fn keep(&mut self, line: &Line) {
        if self.sales.len() == MEMORY {
            self.sales.remove(0);
        }
        self.sales.push(line.clone());
    }

    /// One of the sales of the same day.
    fn take(&mut self, dice: &mut Dice, today: NaiveDate) -> Option<Line> {
        self.sales.retain(|line| line.day() == today);
        let last = i64::try_from(self.sales.len()).ok()? - 1;
        (last >= 0).then(|| self.sales.swap_remove(usize::try_from(dice.between(0, last)).unwrap_or(0)))
    }
}

/// The event of one moment.
pub(super) fn tick(seed: Seed, at: DateTime<Utc>, memory: &mut Memory) -> Option<Told> {
    let mut dice = Dice::of(seed, "tick", at.timestamp_millis());
    let today = settings().time_zone.day_of(at);
    let what = dice.between(0, 999);
    let line = match what {
        0..=619 => order(at, &mut dice),
        620..=799 if is_open(at) => bar(at, &mut dice),
        620..=799 => order(at, &mut dice),
        800..=849 => trade(today, at, &mut dice),
        850..=959 => return Some(Told::Lines(vec![bill(today, at, &mut dice)])),
        960..=974 => return refund(at, memory.take(&mut dice, today)?, memory),
        975..=986 => return correct(memory.take(&mut dice, today)?, &mut dice, memory),
        987..=991 => return memory.take(&mut dice, today).map(|line| withdraw(line, memory)),
        992..=995 => return Some(Told::Lines(vec![late(today, at, &mut dice)])),
        _ => return pay_out(today, at, memory),
    };
    if line.ledger == Ledger::Processor {
        memory.keep(&line);
        memory.taken += line.pence;
    }
    Some(Told::Lines(vec![line]))
}

fn key(at: DateTime<Utc>) -> String {
    format!("live:{}", at.timestamp_millis())
}

/// The tasting bar's hours.
fn is_open(at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&settings().time_zone.tz());
    (8..17).contains(&local.hour()) && matches!(local.weekday().number_from_monday(), 4..=6)
}

fn order(at: DateTime<Utc>, dice: &mut Dice) -> Line {
    let Basket { words, pence, .. } = basket(dice, true);
    sale(key(at), at, pence, format!("Order: {words}"), customer(dice))
}

fn bar(at: DateTime<Utc>, dice: &mut Dice) -> Line {
    let (what, pence) = *dice.pick(&TICKETS);
    ticket(key(at), Booked::Instant(at), pence, what.to_owned())
}

fn plain(ledger: Ledger, at: DateTime<Utc>, booked: Booked, pence: i64, kind: Kind) -> Line {
    Line {
        ledger,
        key: key(at),
        booked,
        pence,
        kind,
        category: "other",
        description: String::new(),
        counterparty: String::new(),
        reference: None,
    }
}

fn trade(today: NaiveDate, at: DateTime<Utc>, dice: &mut Dice) -> Line {
    let cafe = dice.pick(&CAFES);
    let pence = dice.between(900, 2600) * 10;
    Line {
        category: "wholesale",
        description: "Faster payment, top-up order".to_owned(),
        counterparty: cafe.name.to_owned(),
        ..plain(Ledger::Current, at, Booked::Day(today), pence, Kind::Revenue)
    }
}

fn bill(today: NaiveDate, at: DateTime<Utc>, dice: &mut Dice) -> Line {
    const BILLS: [(&str, i64, i64, &str, &str); 6] = [
        ("green_coffee", 14_000, 34_000, "", "Green coffee, spot bags"),
        ("green_coffee", 12_000, 30_000, "", "Green coffee, spot bags"),
        ("postage", 6_000, 18_000, "Swift Parcels", "Extra collection"),
        ("packaging", 8_000, 24_000, "Fold & Seal Packaging", "Bags and mailers"),
        ("wages", 9_000, 15_500, "Shift Agency", "Packing shift"),
        ("marketing", 5_000, 17_000, "Findly Ads", "Campaign top-up"),
    ];
    let (category, low, high, who, what) = *dice.pick(&BILLS);
    let pence = dice.between(low, high);
    let who = if who.is_empty() { dice.pick(&GREEN_IMPORTERS) } else { who };
    let ledger = if category == "marketing" { Ledger::Card } else { Ledger::Current };
    Line {
        category,
        description: what.to_owned(),
        counterparty: who.to_owned(),
        ..plain(ledger, at, Booked::Day(today), -pence, Kind::Expense)
    }
}

/// A card line of some days ago that shows only now.
fn late(today: NaiveDate, at: DateTime<Utc>, dice: &mut Dice) -> Line {
    let day = today - Days::new(u64::try_from(dice.between(3, 6)).unwrap_or(3));
    Line {
        category: "travel",
        description: "Train tickets".to_owned(),
        counterparty: "Coastline Rail".to_owned(),
        ..plain(Ledger::Card, at, Booked::Day(day), -dice.between(2_800, 9_500), Kind::Expense)
    }
}

#[allow(clippy::unnecessary_wraps, reason = "the same shape as its siblings, which may stay silent")]
fn refund(at: DateTime<Utc>, sold: Line, memory: &mut Memory) -> Option<Told> {
    memory.taken -= sold.pence;
    let line = Line {
        key: format!("refund:{}", sold.key),
        booked: Booked::Instant(at),
        pence: -sold.pence,
        kind: Kind::Refund,
        category: "refunds",
        description: format!("Refund: {}", sold.description),
        ..sold
    };
    Some(Told::Lines(vec![line]))
}

/// Part of an order was out of stock, or a tip was added at the bar.
#[allow(clippy::unnecessary_wraps, reason = "the same shape as its siblings, which may stay silent")]
fn correct(sold: Line, dice: &mut Dice, memory: &mut Memory) -> Option<Told> {
    let (pence, why) = match sold.category {
        "tasting_bar" => (sold.pence + dice.between(5, 30) * 10, "tip added"),
        _ => (sold.pence * dice.between(70, 92) / 100, "part out of stock"),
    };
    memory.taken += pence - sold.pence;
    Some(Told::Lines(vec![Line { pence, description: format!("{} ({why})", sold.description), ..sold }]))
}

/// Charged twice, and voided.
fn withdraw(sold: Line, memory: &mut Memory) -> Told {
    memory.taken -= sold.pence;
    Told::Gone(sold)
}

fn pay_out(today: NaiveDate, at: DateTime<Utc>, memory: &mut Memory) -> Option<Told> {
    if memory.taken < PAYOUT_FROM {
        return None;
    }
    let pence = std::mem::take(&mut memory.taken);
    let half = |ledger, pence| Line {
        category: "payout",
        description: "Instant payout Tillstream Payments".to_owned(),
        counterparty: "Tillstream Payments".to_owned(),
        ..plain(ledger, at, Booked::Day(today), pence, Kind::Settlement)
    };
    Some(Told::Lines(vec![half(Ledger::Processor, -pence), half(Ledger::Current, pence)]))
}
