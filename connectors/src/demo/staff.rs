//! Wages on the 28th, pensions with them.

use chrono::Datelike;
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar::payday;
use super::company::Day;
use super::journal::Line;
use super::names::STAFF;

const PAYDAY: u32 = 28;
/// Wages rise each April by so many thousandths.
const RISE: i64 = 38;
/// The employer's pension share of net pay, in thousandths.
const PENSION: i64 = 48;

pub(super) fn post(day: &mut Day<'_>) {
    if day.date != payday(day.date, PAYDAY) {
        return;
    }
    let month = day.date.format("%B %Y").to_string();
    for (n, (name, pence)) in (0..).zip(net_pay(day)) {
        pay(day, &format!("wages-{n}"), pence, "wages", name, format!("Wages {month}"));
    }
    let pension = wage_bill(day) * PENSION / 1000;
    pay(day, "pension", pension, "pension", "Evergreen Pensions", format!("Pension contributions {month}"));
}

/// Net pay of everyone, in pence.
pub(super) fn wage_bill(day: &Day<'_>) -> i64 {
    net_pay(day).iter().map(|(_, pence)| pence).sum()
}

fn net_pay(day: &Day<'_>) -> Vec<(&'static str, i64)> {
    let rises = aprils_since_start(day);
    let staff = STAFF.iter().filter(|(_, _, from)| day.month >= *from);
    staff.map(|(name, pence, _)| (*name, pence * (1000 + RISE * rises) / 1000)).collect()
}

/// How many Aprils the history has seen, its first month not counted.
fn aprils_since_start(day: &Day<'_>) -> i64 {
    let month = i64::from(day.date.month());
    (0..day.month).filter(|back| (month - back - 4).rem_euclid(12) == 0).count().try_into().unwrap_or(0)
}

fn pay(day: &mut Day<'_>, key: &str, pence: i64, category: &'static str, counterparty: &str, description: String) {
    day.post(Line {
        ledger: Ledger::Current,
        key: format!("{key}:{}", day.date),
        booked: Booked::Day(day.date),
        pence: -pence,
        kind: Kind::Expense,
        category,
        description,
        counterparty: counterparty.to_owned(),
        reference: None,
    });
}
