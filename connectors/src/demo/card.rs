//! The company card: software, advertising, fuel, milk and travel. Cards are where lines change afterwards: pending
//! amounts settle, holds vanish, some lines come late, and the accountant moves some to another category.

use chrono::{Datelike, Days, Weekday};
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar::{is_working, season};
use super::company::Day;
use super::dice::Dice;
use super::journal::{Line, morning};
use super::names::SUBSCRIPTIONS;

/// In so many thousandths a merchant sends a line days after the others.
const LATE: i64 = 45;
const ACCOUNTANTS_DAY: u32 = 6;

pub(super) fn post(day: &mut Day<'_>) {
    for (who, what, pence, on) in SUBSCRIPTIONS {
        if day.date.day() == on {
            spend(day, who, "software", pence, what);
        }
    }
    advertise(day);
    let mut dice = day.dice("card");
    match day.date.weekday() {
        Weekday::Wed => {
            spend(day, "Dairy Lane", "tasting_bar_supplies", dice.between(4_800, 7_600), "Milk and oat milk");
        }
        Weekday::Fri => spend(day, "Rise Bakery", "tasting_bar_supplies", dice.between(6_200, 9_400), "Buns and cakes"),
        Weekday::Tue => fuel(day, &mut dice),
        _ => {}
    }
    if is_working(day.date) && dice.permille(210) {
        errand(day, &mut dice);
    }
    if dice.permille(30) {
        travel(day, &mut dice);
    }
    if day.date.day() == ACCOUNTANTS_DAY {
        recategorise(day);
    }
}

fn line(day: &Day<'_>, who: &str, category: &'static str, pence: i64, what: &str) -> Line {
    Line {
        ledger: Ledger::Card,
        key: format!("card:{}:{who}:{category}", day.date),
        booked: Booked::Day(day.date),
        pence: -pence,
        kind: Kind::Expense,
        category,
        description: what.to_owned(),
        counterparty: who.to_owned(),
        reference: None,
    }
}

fn spend(day: &mut Day<'_>, who: &str, category: &'static str, pence: i64, what: &str) {
    let line = line(day, who, category, pence, what);
    day.books.card_lines.push(line.clone());
    let mut dice = day.dice(&line.key);
    if dice.permille(LATE) {
        let days = u64::try_from(dice.between(4, 7)).unwrap_or(4);
        day.post_known(line, morning(day.date + Days::new(days)));
    } else {
        day.post(line);
    }
}

/// First with the amount that was held, days later with what was taken.
fn pending(day: &mut Day<'_>, held: i64, line: Line) {
    let first = Line { pence: -held, description: format!("{} (pending)", line.description), ..line.clone() };
    let known_at = first.usually_known();
    day.journal.report(first, known_at);
    day.books.card_lines.push(line.clone());
    day.post_known(line, morning(day.date + Days::new(4)));
}

/// Advertising is billed in dollars: the pending amount uses the day's rate, the settled one the scheme's.
fn advertise(day: &mut Day<'_>) {
    if day.date.weekday() != Weekday::Mon {
        return;
    }
    let mut dice = day.dice("ads");
    let pence = dice.around(25_500 * day.growth() / 1000 * season(day.date) / 1000, 180);
    let line = line(day, "Findly Ads", "marketing", pence, "Search and social advertising, USD");
    pending(day, dice.around(pence, 25), line);
}

/// Pumps hold a round sum until the fuel is counted.
fn fuel(day: &mut Day<'_>, dice: &mut Dice) {
    let line = line(day, "Coast Road Fuels", "vehicles", dice.between(5_100, 8_800), "Diesel, van");
    pending(day, 10_000, line);
}

fn errand(day: &mut Day<'_>, dice: &mut Dice) {
    let (who, category, low, high, what) = *dice.pick(&[
        ("Harrow Trade Counter", "repairs", 1_200, 9_500, "Fittings and tools"),
        ("Paperchain", "office_supplies", 900, 6_400, "Labels, toner and paper"),
        ("Anytime Market", "office_supplies", 800, 7_900, "Online marketplace order"),
        ("Crema Supplies", "tasting_bar_supplies", 1_900, 11_000, "Cups, lids and filters"),
        ("Anytime Market", "packaging", 1_500, 8_800, "Tape and mailers"),
        ("Cuppers Guild", "training", 4_500, 16_000, "Course fee"),
    ]);
    let pence = dice.between(low, high);
    spend(day, who, category, pence, what);
}

/// A hotel first holds a deposit, which vanishes when the stay is charged.
fn travel(day: &mut Day<'_>, dice: &mut Dice) {
    let rail = dice.between(3_800, 14_500);
    spend(day, "Coastline Rail", "travel", rail, "Train tickets");
    if dice.permille(450) {
        let stay = dice.between(8_900, 21_000);
        let deposit = Line {
            key: format!("hold:{}", day.date),
            ..line(day, "Anchor Hotels", "travel", 5_000, "Hotel deposit (hold)")
        };
        let (key, known_at) = (deposit.key.clone(), deposit.usually_known());
        day.journal.report(deposit, known_at);
        day.journal.withdraw(Ledger::Card, &key, morning(day.date + Days::new(8)));
        let stay = line(day, "Anchor Hotels", "travel", stay, "Hotel, two nights");
        let known_at = morning(day.date + Days::new(3));
        day.post_known(stay, known_at);
    }
}

/// The accountant moves up to three of last month's lines to where they belong.
fn recategorise(day: &mut Day<'_>) {
    let lines = std::mem::take(&mut day.books.card_lines);
    let (this_month, last): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|line| line.day().month() == day.date.month());
    day.books.card_lines = this_month;
    let known_at = super::calendar::moment(day.date, 11, 20, 0);
    let moved = last.into_iter().filter_map(|line| {
        let category = match line.counterparty.as_str() {
            "Anytime Market" if line.category == "office_supplies" => "packaging",
            "Anytime Market" => "tasting_bar_supplies",
            "Cuppers Guild" => "marketing",
            "Harrow Trade Counter" => "premises",
            _ => return None,
        };
        Some(Line { category, ..line })
    });
    for line in moved.take(3) {
        day.journal.report(line, known_at);
    }
}
