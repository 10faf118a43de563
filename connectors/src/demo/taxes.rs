//! What the company owes the state: payroll taxes monthly, VAT quarterly, rates and corporation tax.

use chrono::Datelike;
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar::{is_due, is_last_of_month};
use super::company::Day;
use super::journal::Line;
use super::staff::wage_bill;

/// Income tax and national insurance of net pay, in thousandths.
const PAYROLL: i64 = 272;
/// VAT after input tax of the quarter's sales, in thousandths (most coffee is zero-rated).
const VAT: i64 = 34;
/// The first return is about a quarter before the history begins.
const FIRST_VAT: i64 = 492_000;
const RATES: i64 = 54_000;
const CORPORATION_TAX: i64 = 540_000;

pub(super) fn post(day: &mut Day<'_>) {
    if is_due(day.date, 22) {
        let pence = wage_bill(day) * PAYROLL / 1000;
        pay(day, "paye", pence, "payroll_tax", "PAYE and national insurance");
    }
    if is_due(day.date, 1) && !matches!(day.date.month(), 2 | 3) {
        pay(day, "rates", RATES, "business_rates", "Business rates, instalment");
    }
    if is_due(day.date, 7) && matches!(day.date.month(), 2 | 5 | 8 | 11) {
        let pence = if day.books.vat_owed > 0 { day.books.vat_owed } else { FIRST_VAT };
        day.books.vat_owed = 0;
        pay(day, "vat", pence, "vat", "VAT return");
    }
    if is_due(day.date, 1) && day.date.month() == 1 {
        let pence = CORPORATION_TAX * (1000 + 5 * day.month) / 1000;
        pay(day, "corporation-tax", pence, "corporation_tax", "Corporation tax");
    }
    if is_last_of_month(day.date) && day.date.month().is_multiple_of(3) {
        let quarter = std::mem::take(&mut day.books.revenue_of_quarter);
        // A history that begins within a quarter estimates what it has not seen.
        day.books.vat_owed = (quarter * VAT / 1000).max(if day.month < 2 { FIRST_VAT } else { 0 });
    }
}

/// What the savings must hold for the next return.
pub(super) const fn vat_share(revenue: i64) -> i64 {
    revenue * VAT / 1000
}

fn pay(day: &mut Day<'_>, key: &str, pence: i64, category: &'static str, description: &str) {
    let counterparty = if category == "business_rates" { "Harbour Borough Council" } else { "HM Revenue & Customs" };
    day.post(Line {
        ledger: Ledger::Current,
        key: format!("{key}:{}", day.date),
        booked: Booked::Day(day.date),
        pence: -pence,
        kind: Kind::Tax,
        category,
        description: description.to_owned(),
        counterparty: counterparty.to_owned(),
        reference: None,
    });
}
