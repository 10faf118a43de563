//! Green coffee and its freight: the largest cost, which follows what was sold.

use chrono::{Datelike, Days, Weekday};
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar::working_from;
use super::company::Day;
use super::journal::Line;
use super::names::GREEN_IMPORTERS;

/// Green coffee of what it sells for, in thousandths.
const SHARE: i64 = 284;
/// World prices rise by 11 % in this month; the company's own prices follow later.
const DEARER_FROM: i64 = 9;
/// Freight of what the coffee costs, in thousandths.
const FREIGHT: i64 = 62;
/// What is bought before the first sale.
const FIRST_STOCK: i64 = 900_000;

pub(super) fn post(day: &mut Day<'_>) {
    let tuesday = day.date.weekday() == Weekday::Tue;
    if tuesday && matches!(day.date.day(), 1..=7 | 15..=21) {
        buy(day);
    }
    let freight = day.books.freight_due(day.date);
    if freight > 0 {
        day.post(line(day, "freight", -freight, "freight_in", "Port handling and haulage", "Estuary Freight Ltd"));
    }
}

fn buy(day: &mut Day<'_>) {
    let mut dice = day.dice("green");
    let sold = std::mem::take(&mut day.books.coffee_sold);
    let sold = if day.month == 0 && day.date.day() <= 7 { sold.max(FIRST_STOCK) } else { sold };
    let dearer = if day.month >= DEARER_FROM { 1110 } else { 1000 };
    // Stock is built before Christmas and eaten up after it.
    let stock = match day.date.month() {
        9 | 10 => 1120,
        1 => 760,
        _ => 1000,
    };
    let pence = dice.around(sold * SHARE / 1000 * dearer / 1000 * stock / 1000, 90);
    let importer = dice.pick(&GREEN_IMPORTERS);
    let bags = pence / 29_000 + 1;
    let description = format!("Green coffee, {bags} bags, contract {}", dice.between(4100, 9900));
    let purchase = line(day, "green", -pence, "green_coffee", &description, importer);
    day.post(purchase);
    let arrives = working_from(day.date + Days::new(6));
    day.books.freight.push((arrives, dice.around(pence * FREIGHT / 1000, 150)));
}

fn line(day: &Day<'_>, key: &str, pence: i64, category: &'static str, description: &str, counterparty: &str) -> Line {
    Line {
        ledger: Ledger::Current,
        key: format!("{key}:{}", day.date),
        booked: Booked::Day(day.date),
        pence,
        kind: Kind::Expense,
        category,
        description: description.to_owned(),
        counterparty: counterparty.to_owned(),
        reference: None,
    }
}
