//! How well recurring payments are found: in the demo business, whose payments are known, and in the Czech bank set, where
//! remittances to other banks are standing orders.
#![allow(clippy::float_arithmetic, reason = "shares, no money")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;

use chrono::NaiveDate;
use domain::recurring::{Paid, Period, detect_named, payee};
use domain::{Kind, TimeZone};
use rust_decimal::Decimal;

use super::names::{STAFF, SUBSCRIPTIONS};
use super::{Ledger, Seed, history};

type Names = BTreeSet<(String, Period)>;

/// What the demo business pays in a rhythm by its own code, and has paid three times: who, and how often.
fn truth() -> Names {
    let monthly = [
        "Dockside Estates",
        "Keystone Mutual",
        "Brightline Telecom",
        "Marlow & Finch",
        "Northern Light Energy",
        "Greenway Waste",
        "Sparrow Cleaning",
        "Roaster Care",
        "The bank",
        "Fleetway Leasing",
        "Evergreen Pensions",
        "HM Revenue & Customs",
        "Harbour Borough Council",
    ];
    let staff = STAFF.iter().filter(|(_, _, from)| *from < 20).map(|(name, ..)| *name);
    let monthly = monthly.into_iter().chain(staff).chain(SUBSCRIPTIONS.iter().map(|(who, ..)| *who));
    let weekly = ["Dairy Lane", "Rise Bakery", "Estuary Couriers"];
    let quarterly = ["Estuary Water", "HM Revenue & Customs"];
    let of = |who: &str, period| (payee(Some(who), None).unwrap(), period);
    monthly
        .map(|who| of(who, Period::Monthly))
        .chain(weekly.map(|who| of(who, Period::Weekly)))
        .chain(quarterly.map(|who| of(who, Period::Quarterly)))
        .collect()
}

/// Both sides of what was found, with what is missing and what is too much.
fn measured(found: &Names, truth: &Names) -> (f64, f64) {
    let right = found.intersection(truth).count() as f64;
    println!("missing: {:?}", truth.difference(found).collect::<Vec<_>>());
    println!("too much: {:?}", found.difference(truth).collect::<Vec<_>>());
    (right / found.len() as f64, right / truth.len() as f64)
}

#[test]
fn the_demo_business_bills_are_found() {
    let today: NaiveDate = "2026-10-23".parse().unwrap();
    let mut standing = BTreeMap::new();
    for page in history(Seed(7), today) {
        for transaction in page.reported {
            standing.insert(transaction.id, (page.ledger, transaction));
        }
        page.removed.iter().for_each(|id| drop(standing.remove(id)));
    }
    let mut groups: BTreeMap<(Ledger, bool, String), Vec<(Paid, String)>> = BTreeMap::new();
    for (ledger, transaction) in standing.into_values() {
        if matches!(transaction.kind, Kind::Settlement | Kind::InternalTransfer)
            || !transaction.amount.is_sign_negative()
        {
            continue;
        }
        let (who, what) = (transaction.counterparty.as_deref(), transaction.description.as_deref());
        let Some(name) = payee(who, what) else { continue };
        let paid = Paid { day: transaction.booked.day(TimeZone::UTC), amount: transaction.amount };
        groups.entry((ledger, false, name)).or_default().push((paid, payee(None, what).unwrap_or_default()));
    }
    let mut found = Names::new();
    for ((_, _, name), payments) in groups {
        let (paid, names): (Vec<_>, Vec<_>) = payments.iter().map(|(paid, what)| (*paid, what.as_str())).unzip();
        found.extend(detect_named(&paid, &names).iter().map(|one| (name.clone(), one.rhythm.period)));
    }
    let (precision, recall) = measured(&found, &truth());
    println!("demo: precision {precision:.3}, recall {recall:.3} of {}", truth().len());
    assert!(precision >= 0.85 && recall >= 0.9, "precision {precision}, recall {recall}");
}

fn czech() -> csv::Reader<impl Read> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("WORKDOCK_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("transactions/czech_bank_1995_1998.csv.gz");
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    csv::ReaderBuilder::new().delimiter(b';').from_reader(flate2::read::GzDecoder::new(file))
}

#[test]
fn standing_orders_of_a_real_bank_are_found_and_cash_is_not() {
    let (mut orders, mut cash): (BTreeMap<String, Vec<Paid>>, BTreeMap<String, Vec<Paid>>) = Default::default();
    for record in czech().records() {
        let record = record.unwrap();
        let field = |nth: usize| record[nth].trim().to_owned();
        let day = NaiveDate::parse_from_str(&format!("19{}", field(2)), "%Y%m%d").unwrap();
        let paid = Paid { day, amount: -field(5).parse::<Decimal>().unwrap() };
        match field(4).as_str() {
            "remittance to another bank" => {
                let payee = format!("{}|{}|{}|{}", field(1), field(8), field(9), field(7));
                orders.entry(payee).or_default().push(paid);
            }
            // The fee for a statement is the bank's, and comes each month.
            "withdrawal in cash" if field(7).is_empty() => cash.entry(field(1)).or_default().push(paid),
            _ => {}
        }
    }
    let is_found = |paid: &Vec<Paid>| !detect_named(paid, &[]).is_empty();
    let often = |groups: &BTreeMap<String, Vec<Paid>>| -> Vec<Vec<Paid>> {
        groups.values().filter(|paid| paid.len() >= 4).cloned().collect()
    };
    let (orders, cash) = (often(&orders), often(&cash));
    let (right, wrong) =
        (orders.iter().filter(|paid| is_found(paid)).count(), cash.iter().filter(|paid| is_found(paid)).count());
    let (recall, precision) = (right as f64 / orders.len() as f64, right as f64 / (right + wrong) as f64);
    println!(
        "czech: recall {recall:.3} of {} orders, precision {precision:.3} beside {} cash accounts",
        orders.len(),
        cash.len()
    );
    assert!(recall >= 0.95 && precision >= 0.9, "recall {recall}, precision {precision}, wrong {wrong}");
}
