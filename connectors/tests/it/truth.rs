//! Both real sets against totals that pandas computed, to the last digit.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::Datelike;
use connectors::file::Row;
use domain::{Booked, Kind};
use rust_decimal::Decimal;

use crate::files::{Outcome, read_path, shared};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sum {
    count: u64,
    zero: u64,
    inflow: Decimal,
    outflow: Decimal,
}

impl Sum {
    fn add(&mut self, amount: Decimal) {
        self.count += 1;
        self.zero += u64::from(amount.is_zero());
        if amount < Decimal::ZERO {
            self.outflow -= amount;
        } else {
            self.inflow += amount;
        }
    }
}

fn sums(rows: &[Row], key: impl Fn(&Row) -> String) -> BTreeMap<String, Sum> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for row in rows {
        sums.entry(key(row)).or_default().add(row.amount);
    }
    sums
}

fn month(row: &Row) -> String {
    let day = match row.booked {
        Booked::Day(day) => day,
        Booked::Instant(moment) => moment.date_naive(),
    };
    format!("{}-{:02}", day.year(), day.month())
}

/// The rows of a truth file as columns by name.
fn truth(name: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(shared("transactions").join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Compares sums by a key with the truth's; `count` names its column.
fn assert_sums(actual: &BTreeMap<String, Sum>, truth: &[HashMap<String, String>], count: &str, key: &[&str]) {
    let mut compared = 0;
    for line in truth.iter().filter(|line| line.values().all(|cell| cell != "TOTAL")) {
        let key = key.iter().map(|name| line[*name].as_str()).collect::<Vec<_>>().join(" ");
        let sum = actual.get(&key).unwrap_or_else(|| panic!("nothing read for {key}"));
        let number = |name: &str| line[name].parse::<Decimal>().unwrap();
        assert_eq!(
            (sum.count, sum.inflow, sum.outflow),
            (line[count].parse().unwrap(), number("inflow"), number("outflow")),
            "{key}"
        );
        if let Some(zero) = line.get("zero_amount_lines") {
            assert_eq!(sum.zero, zero.parse::<u64>().unwrap(), "{key}");
        }
        compared += 1;
    }
    assert_eq!(compared, actual.len(), "the truth has as many keys");
}

fn all_taken(file: &str) -> Outcome {
    let outcome = read_path(&shared("transactions").join(file), None).unwrap();
    assert_eq!((outcome.refused.len(), outcome.skipped), (0, 0), "{:?}", outcome.refused.first());
    outcome
}

#[test]
fn the_czech_bank_gives_its_truth() {
    let rows = all_taken("czech_bank_1995_1998.csv.gz").rows;
    assert_eq!(rows.len(), 21_098);
    assert_sums(&sums(&rows, month), &truth("truth_czech_bank_1995_1998_monthly.csv"), "tx_count", &["month"]);
    let categories = sums(&rows, |row| format!("{} {}", month(row), row.category));
    assert_sums(&categories, &truth("truth_czech_bank_1995_1998_categories.csv"), "tx_count", &["month", "category"]);
    let accounts = sums(&rows, |row| row.account.trim_start_matches("Czech account ").to_owned());
    assert_sums(&accounts, &truth("truth_czech_bank_1995_1998_accounts.csv"), "tx_count", &["account_id"]);
    assert!(rows.iter().all(|row| row.currency.code() == "CZK" && matches!(row.booked, Booked::Day(_))));
}

#[test]
fn the_uk_shop_gives_its_truth() {
    let rows = all_taken("uk_online_retail_2010_2011.csv.gz").rows;
    assert_eq!(rows.len(), 541_909);
    assert_sums(&sums(&rows, month), &truth("truth_uk_online_retail_monthly.csv"), "line_count", &["month"]);
    let categories = sums(&rows, |row| format!("{} {}", month(row), row.category));
    assert_sums(&categories, &truth("truth_uk_online_retail_categories.csv"), "line_count", &["month", "category"]);
    let invoices: HashSet<_> = rows.iter().filter_map(|row| row.reference.as_deref()).collect();
    assert_eq!(invoices.len(), 25_900);
    assert!(rows.iter().all(|row| row.kind != Kind::Revenue || row.amount >= Decimal::ZERO));
    assert_eq!((rows[0].line, rows[541_908].line), (2, 541_910));
}
