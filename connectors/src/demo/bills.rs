//! Rent, power, carriers, packaging and everything else that is billed to the bank account, and the two large
//! one-offs: a roaster in the first year, a second unit in the last months.

use chrono::{Datelike, Weekday};
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar::{is_due, is_working, season};
use super::company::Day;
use super::journal::Line;

/// A bill that comes every month.
struct Monthly {
    key: &'static str,
    day: u32,
    pence: i64,
    /// How far the amount may go either way, in thousandths.
    spread: i64,
    category: &'static str,
    counterparty: &'static str,
    description: &'static str,
}

const MONTHLY: [Monthly; 10] = [
    monthly("rent", 1, 265_000, 0, "rent", "Dockside Estates", "Rent, Unit 2 Harbour Yard"),
    monthly("insurance", 12, 21_840, 0, "insurance", "Keystone Mutual", "Business insurance"),
    monthly("internet", 18, 6_200, 0, "telecoms", "Brightline Telecom", "Broadband and phones"),
    monthly("accountant", 20, 27_500, 0, "professional_fees", "Marlow & Finch", "Accounts and payroll bureau"),
    monthly("power", 24, 84_000, 60, "energy", "Northern Light Energy", "Electricity and gas"),
    monthly("waste", 9, 4_850, 0, "premises", "Greenway Waste", "Waste collection"),
    monthly("cleaning", 26, 33_000, 0, "premises", "Sparrow Cleaning", "Cleaning"),
    monthly("service", 16, 19_500, 350, "repairs", "Roaster Care", "Roaster service and parts"),
    monthly("bank", 27, 1_450, 300, "bank_fees", "The bank", "Account charges"),
    monthly("van", 6, 31_900, 0, "vehicles", "Fleetway Leasing", "Van lease"),
];

const fn monthly(
    key: &'static str,
    day: u32,
    pence: i64,
    spread: i64,
    category: &'static str,
    counterparty: &'static str,
    description: &'static str,
) -> Monthly {
    Monthly { key, day, pence, spread, category, counterparty, description }
}

/// A payment that comes once: month of the history, day, pence.
struct Once {
    month: i64,
    day: u32,
    pence: i64,
    category: &'static str,
    counterparty: &'static str,
    description: &'static str,
}

const fn once(
    month: i64,
    day: u32,
    pence: i64,
    category: &'static str,
    counterparty: &'static str,
    description: &'static str,
) -> Once {
    Once { month, day, pence, category, counterparty, description }
}

const ONCE: [Once; 6] = [
    once(4, 12, 2_380_000, "equipment", "Kessler Roasting Machines", "30 kg drum roaster, balance on delivery"),
    once(9, 11, 186_000, "repairs", "Roaster Care", "Afterburner, emergency call-out"),
    once(19, 15, 330_000, "professional_fees", "Calder Legal", "Lease of Unit 4, legal fees"),
    once(21, 8, 1_880_000, "fit_out", "Bridgewater Builders", "Unit 4 fit-out, first stage"),
    once(22, 10, 2_140_000, "fit_out", "Bridgewater Builders", "Unit 4 fit-out, second stage"),
    once(23, 9, 1_260_000, "fit_out", "Bridgewater Builders", "Unit 4 fit-out, final account"),
];

const SECOND_UNIT_FROM: i64 = 20;
const SECOND_UNIT_RENT: i64 = 148_000;
/// One parcel, one café delivery.
const PARCEL: i64 = 388;
const DROP: i64 = 940;

pub(super) fn post(day: &mut Day<'_>) {
    if !is_working(day.date) {
        return;
    }
    let date = day.date;
    for bill in MONTHLY.iter().filter(|bill| is_due(date, bill.day)) {
        let winter = if bill.key == "power" { power(day) } else { 1000 };
        let pence = day.dice(bill.key).around(bill.pence * winter / 1000, bill.spread);
        pay(day, bill.key, pence, bill.category, bill.counterparty, bill.description);
    }
    if day.month >= SECOND_UNIT_FROM && is_due(day.date, 1) {
        pay(day, "rent-unit-4", SECOND_UNIT_RENT, "rent", "Dockside Estates", "Rent, Unit 4 Harbour Yard");
    }
    if is_due(day.date, 14) && day.date.month() % 3 == 2 {
        pay(day, "water", 14_200, "energy", "Estuary Water", "Water, quarterly");
    }
    for (n, bill) in (0..).zip(&ONCE) {
        if bill.month == day.month && is_due(day.date, bill.day) {
            pay(day, &format!("once-{n}"), bill.pence, bill.category, bill.counterparty, bill.description);
        }
    }
    carriers(day);
    packaging(day);
}

/// Winter and a full roaster need more gas, in thousandths.
fn power(day: &Day<'_>) -> i64 {
    let cold = match day.date.month() {
        11 | 12 | 1 | 2 => 1190,
        3 | 4 | 10 => 1020,
        _ => 880,
    };
    cold * day.growth() / 1000
}

fn carriers(day: &mut Day<'_>) {
    match day.date.weekday() {
        Weekday::Mon | Weekday::Tue if day.books.parcels > 40 => {
            let parcels = std::mem::take(&mut day.books.parcels);
            let what = format!("{parcels} parcels");
            pay(day, "parcels", parcels * PARCEL, "postage", "Swift Parcels", &what);
        }
        Weekday::Wed if day.books.drops > 0 => {
            let drops = std::mem::take(&mut day.books.drops);
            let what = format!("{drops} trade deliveries");
            pay(day, "drops", drops * DROP, "postage", "Estuary Couriers", &what);
        }
        _ => {}
    }
}

/// Bags, valves and boxes: two orders a month, larger before Christmas.
fn packaging(day: &mut Day<'_>) {
    if is_due(day.date, 3) || is_due(day.date, 17) {
        let pence = day.dice("packaging").around(92_000 * day.growth() / 1000 * season(day.date) / 1000, 180);
        pay(day, "packaging", pence, "packaging", "Fold & Seal Packaging", "Bags, valves and mailers");
    }
}

fn pay(day: &mut Day<'_>, key: &str, pence: i64, category: &'static str, counterparty: &str, description: &str) {
    day.post(Line {
        ledger: Ledger::Current,
        key: format!("{key}:{}", day.date),
        booked: Booked::Day(day.date),
        pence: -pence,
        kind: Kind::Expense,
        category,
        description: description.to_owned(),
        counterparty: counterparty.to_owned(),
        reference: None,
    });
}
