//! Money that moves without being earned or spent: payouts, card settlements, savings, the loan, dividends.
//!
//! Every payout, settlement and transfer stands on both accounts, so that each kind sums to nothing and no sale
//! counts twice.

use chrono::{Datelike, Days};
use domain::{Booked, Kind};

use super::Ledger;
use super::calendar::{is_due, is_last_of_month, is_working, moment, payday};
use super::company::Day;
use super::journal::Line;
use super::taxes::vat_share;

const OPENING: [(Ledger, i64); 2] = [(Ledger::Current, 4_260_000), (Ledger::Savings, 1_800_000)];
/// The processor pays out what is two days old.
pub(crate) const HELD_DAYS: u64 = 2;
/// Fee of a charge: so many thousandths and a fixed part.
pub(crate) const FEE: i64 = 14;
pub(crate) const FEE_PER_CHARGE: i64 = 20;
const LOAN_MONTH: i64 = 4;
const LOAN: i64 = 2_000_000;
const REPAYMENT: i64 = 42_000;
const DIVIDEND: i64 = 700_000;
/// The current account is kept between these; savings take and give the difference.
const LOW: i64 = 1_600_000;
const HIGH: i64 = 6_500_000;
/// Interest of a year on savings, in ten-thousandths.
const INTEREST: i64 = 310;

/// What was there before the history began.
pub(super) fn open(day: &mut Day<'_>) {
    if !day.first {
        return;
    }
    for (ledger, pence) in OPENING {
        let line = line(day, ledger, "opening", pence, Kind::Financing, "opening_balance", "Balance brought forward");
        day.post(line);
    }
}

pub(super) fn close(day: &mut Day<'_>) {
    fees(day);
    if is_working(day.date) {
        pay_out(day);
        settle_card(day);
        loan(day);
        dividend(day);
        transfers(day);
    }
    if is_last_of_month(day.date) {
        let balance = day.books.balance(Ledger::Savings);
        let interest = balance * INTEREST / 10_000 / 12;
        let line = line(day, Ledger::Savings, "interest", interest, Kind::Revenue, "interest", "Interest");
        day.post(line);
        day.books.card_statement = -day.books.balance(Ledger::Card);
        day.books.revenue_of_month = 0;
    }
}

fn line(
    day: &Day<'_>,
    ledger: Ledger,
    key: &str,
    pence: i64,
    kind: Kind,
    category: &'static str,
    description: &str,
) -> Line {
    let counterparty = match (ledger, kind) {
        (_, Kind::InternalTransfer) => "Harbour Coffee Roasters",
        (Ledger::Processor, _) | (_, Kind::Settlement) => "Tillstream Payments",
        _ => "The bank",
    };
    Line {
        ledger,
        key: format!("{key}:{}", day.date),
        booked: Booked::Day(day.date),
        pence,
        kind,
        category,
        description: description.to_owned(),
        counterparty: counterparty.to_owned(),
        reference: None,
    }
}

/// The same sum on both accounts, on the same day.
fn move_between(day: &mut Day<'_>, from: Ledger, to: Ledger, pence: i64, like: (&str, Kind, &'static str, &str)) {
    let (key, kind, category, description) = like;
    for (ledger, pence) in [(from, -pence), (to, pence)] {
        let line = line(day, ledger, key, pence, kind, category, description);
        day.post(line);
    }
}

fn fees(day: &mut Day<'_>) {
    let (count, sum) = std::mem::take(&mut day.books.charges);
    if count == 0 {
        return;
    }
    let pence = sum * FEE / 1000 + count * FEE_PER_CHARGE;
    let what = format!("Processing fees, {count} payments");
    let mut line = line(day, Ledger::Processor, "fees", -pence, Kind::Expense, "payment_fees", &what);
    line.booked = Booked::Instant(moment(day.date, 23, 45, 0));
    day.post(line);
}

fn pay_out(day: &mut Day<'_>) {
    let due = day.books.release_held(day.date - Days::new(HELD_DAYS));
    if due > 0 {
        let like = ("payout", Kind::Settlement, "payout", "Payout Tillstream Payments");
        move_between(day, Ledger::Processor, Ledger::Current, due, like);
    }
}

fn settle_card(day: &mut Day<'_>) {
    if is_due(day.date, 15) && day.books.card_statement > 0 {
        let due = std::mem::take(&mut day.books.card_statement);
        let like = ("card", Kind::Settlement, "card_settlement", "Card statement, direct debit");
        move_between(day, Ledger::Current, Ledger::Card, due, like);
    }
}

fn loan(day: &mut Day<'_>) {
    if day.month == LOAN_MONTH && is_due(day.date, 9) {
        let line =
            line(day, Ledger::Current, "loan", LOAN, Kind::Financing, "loan_proceeds", "Equipment loan, drawdown");
        day.post(line);
    }
    let repaid = day.month - LOAN_MONTH - 1;
    let owed = LOAN - repaid * REPAYMENT;
    if repaid >= 0 && owed > 0 && is_due(day.date, 5) {
        let part = REPAYMENT.min(owed);
        let principal = line(
            day,
            Ledger::Current,
            "repayment",
            -part,
            Kind::Financing,
            "loan_repayment",
            "Equipment loan, principal",
        );
        let interest = owed * 7 / 1000;
        let interest = line(
            day,
            Ledger::Current,
            "loan-interest",
            -interest,
            Kind::Expense,
            "loan_interest",
            "Equipment loan, interest",
        );
        day.post(principal);
        day.post(interest);
    }
}

fn dividend(day: &mut Day<'_>) {
    if day.date.month().is_multiple_of(3) && day.date == payday(day.date, 27) {
        let line = line(day, Ledger::Current, "dividend", -DIVIDEND, Kind::Financing, "dividends", "Dividend");
        day.post(line);
    }
}

/// Puts the month's VAT aside after payday, and keeps the current account neither empty nor idle.
fn transfers(day: &mut Day<'_>) {
    let like = |key, what| (key, Kind::InternalTransfer, "savings_transfer", what);
    let (current, savings) = (day.books.balance(Ledger::Current), day.books.balance(Ledger::Savings));
    if current < LOW {
        let needed = (2 * LOW - current).min(savings) / 10_000 * 10_000;
        if needed > 0 {
            move_between(day, Ledger::Savings, Ledger::Current, needed, like("from-savings", "Transfer from savings"));
        }
    } else if day.date == payday(day.date, 29.min(last_day(day))) {
        let aside = vat_share(day.books.revenue_of_month) + (current - HIGH).max(0) / 2;
        let aside = aside.min(current - LOW) / 10_000 * 10_000;
        if aside > 0 {
            move_between(day, Ledger::Current, Ledger::Savings, aside, like("to-savings", "Transfer to savings"));
        }
    }
}

fn last_day(day: &Day<'_>) -> u32 {
    if day.date.month() == 2 { 28 } else { 30 }
}
