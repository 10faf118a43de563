//! Cafés and hotels that buy by the sack and pay by bank transfer.

use chrono::{Datelike, Days, NaiveDate};
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar;
use super::company::Day;
use super::dice::Dice;
use super::journal::{Line, morning};
use super::names::{CAFES, Cafe};

/// How late a café may pay, in days; working days come on top.
const LATEST: i64 = 3;
/// The same with the longest run of days off.
const MOST_DAYS: i64 = LATEST + 4;
/// In so many thousandths the bank shows a payment only days later.
const SHOWN_LATE: i64 = 6;
/// In so many thousandths the bank first shows the amount without the part that a second transfer completes.
const CORRECTED: i64 = 4;

pub(super) fn post(day: &mut Day<'_>) {
    if !calendar::is_working(day.date) {
        return;
    }
    for (n, cafe) in (0..).zip(&CAFES) {
        for invoice in invoices_paid(day, n, cafe) {
            pay(day, n, cafe, invoice);
        }
    }
}

/// The café's invoices, counted since year 0, that are paid today.
fn invoices_paid(day: &Day<'_>, n: i64, cafe: &Cafe) -> Vec<i64> {
    let today = i64::from(day.date.num_days_from_ce());
    let phase = n * 5 % cafe.every;
    let newest = (today - phase) / cafe.every;
    let recent = (newest - MOST_DAYS / cafe.every)..=newest;
    recent
        .filter(|invoice| {
            if today - invoice * cafe.every - phase > MOST_DAYS {
                return false;
            }
            let mut dice = Dice::of(day.seed(), cafe.name, *invoice);
            let due = invoice * cafe.every + phase + dice.between(0, LATEST);
            let due = i32::try_from(due).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
            due.map(calendar::working_from) == Some(day.date)
        })
        .collect()
}

fn pay(day: &mut Day<'_>, n: i64, cafe: &Cafe, invoice: i64) {
    if day.month < cafe.from_month {
        return;
    }
    let mut dice = Dice::of(day.seed(), cafe.name, -invoice);
    let loyal = 1000 + 3 * (day.month - cafe.from_month).min(36);
    let pence = dice.around(cafe.pence, 170) * loyal / 1000 * calendar::trade_season(day.date) / 1000;
    let pence = day.priced(pence / 5 * 5);
    day.books.invoices += 1;
    day.books.coffee_sold += pence;
    day.books.drops += 1;
    let number = 20_300 + day.books.invoices;
    let line = Line {
        ledger: Ledger::Current,
        key: format!("trade:{n}:{invoice}"),
        booked: Booked::Day(day.date),
        pence,
        kind: Kind::Revenue,
        category: "wholesale",
        description: format!("Bank transfer, invoice {number}"),
        counterparty: cafe.name.to_owned(),
        reference: Some(format!("INV-{number}")),
    };
    if dice.permille(SHOWN_LATE) {
        let days = u64::try_from(dice.between(3, 8)).unwrap_or(3);
        day.post_known(line, morning(day.date + Days::new(days)));
    } else if dice.permille(CORRECTED) {
        let first = Line { pence: pence * 9 / 10, ..line.clone() };
        day.journal.report(first, morning(day.date));
        day.post_known(line, morning(day.date + Days::new(4)));
    } else {
        day.post(line);
    }
}
