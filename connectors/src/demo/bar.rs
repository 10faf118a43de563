//! The tasting bar at the roastery, the market stall and the workshops.

use chrono::{Datelike, Days, Weekday};
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar::{self, moment};
use super::company::Day;
use super::journal::Line;
use super::names::TICKETS;
use super::online::{charge, customer};

/// Tickets on an open day, in thousandths, before growth and season.
const TICKETS_A_DAY: i64 = 12_600;
/// One in so many thousand tickets gets a tip added after it was reported.
const TIPPED: i64 = 9;
/// A workshop has places for so many.
const PLACES: i64 = 8;
const WORKSHOP_PRICE: i64 = 8500;

pub(super) fn post(day: &mut Day<'_>) {
    if matches!(day.date.weekday(), Weekday::Thu | Weekday::Fri | Weekday::Sat) {
        tasting_bar(day);
    }
    let first_of_kind = day.date.day() <= 7;
    if day.date.weekday() == Weekday::Sun && first_of_kind && matches!(day.date.month(), 5..=9 | 12) {
        market_stall(day);
    }
    let second_or_fourth = matches!(day.date.day(), 8..=14 | 22..=28);
    if day.date.weekday() == Weekday::Sat && second_or_fourth && !matches!(day.date.month(), 8) {
        workshop(day);
    }
}

pub(super) fn ticket(key: String, booked: Booked, pence: i64, description: String) -> Line {
    Line {
        ledger: Ledger::Processor,
        reference: Some(format!("ch_{}", key.replace([':', '-'], "_"))),
        key,
        booked,
        pence,
        kind: Kind::Revenue,
        category: "tasting_bar",
        description,
        counterparty: "Card present".to_owned(),
    }
}

fn tasting_bar(day: &mut Day<'_>) {
    let mut dice = day.dice("bar");
    let saturday = if day.date.weekday() == Weekday::Sat { 1350 } else { 850 };
    let expected = TICKETS_A_DAY * day.growth() / 1000 * calendar::season(day.date).min(1100) / 1000 * saturday / 1000;
    for n in 0..dice.count(expected) {
        let at = moment(day.date, 8, 30, 0) + chrono::TimeDelta::seconds(dice.between(0, 7 * 3600));
        let (what, pence) = *dice.pick(&TICKETS);
        let line = ticket(format!("bar:{}:{n}", day.date), Booked::Instant(at), day.priced(pence), what.to_owned());
        day.books.coffee_sold += line.pence / 3;
        if dice.permille(TIPPED) {
            tip(day, line, dice.between(50, 300));
        } else {
            charge(day, line);
        }
    }
}

/// The terminal reports the ticket at once and the tip with the close of the till, the morning after.
fn tip(day: &mut Day<'_>, line: Line, pence: i64) {
    let known_at = line.usually_known();
    day.journal.report(line.clone(), known_at);
    let with_tip = Line { pence: line.pence + pence, description: format!("{}, tip", line.description), ..line };
    day.books.charges.0 += 1;
    day.books.charges.1 += with_tip.pence;
    day.post_known(with_tip, moment(day.date + Days::new(1), 7, 30, 0));
}

/// The stall has no signal: its charges are sent from the roastery two days later.
fn market_stall(day: &mut Day<'_>) {
    let mut dice = day.dice("stall");
    let sent = moment(day.date + Days::new(2), 9, 5, 0);
    for n in 0..dice.between(22, 38) {
        let at = moment(day.date, 9, 30, 0) + chrono::TimeDelta::seconds(dice.between(0, 5 * 3600));
        let pence = day.priced(*dice.pick(&[360, 420, 720, 895, 895, 1150, 1790, 2695]));
        let line =
            ticket(format!("stall:{}:{n}", day.date), Booked::Instant(at), pence, "Harbour market stall".to_owned());
        let line = Line { category: "market_stall", ..line };
        day.books.coffee_sold += pence / 2;
        day.books.charges.0 += 1;
        day.books.charges.1 += pence;
        day.post_known(line, sent);
    }
}

fn workshop(day: &mut Day<'_>) {
    let mut dice = day.dice("workshop");
    for n in 0..dice.between(4, PLACES) {
        let at = moment(day.date, 9, 0, 0) + chrono::TimeDelta::seconds(dice.between(0, 1800));
        let line = ticket(
            format!("workshop:{}:{n}", day.date),
            Booked::Instant(at),
            WORKSHOP_PRICE,
            "Home barista workshop".to_owned(),
        );
        let line = Line { category: "workshops", counterparty: customer(&mut dice), ..line };
        charge(day, line);
    }
}
