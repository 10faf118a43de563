//! The lists of the books: the chart of accounts, and what the company set.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::Kind;
use serde_json::{Value, json};

use super::books::Standing;
use super::entities::list_id;
use super::moment;
use crate::simulator::company::Facts;

/// Money lies on these.
const OWN: [(&str, &str, &str, &str); 5] = [
    ("33", "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("35", "Checking", "Bank", "Checking"),
    ("36", "Savings", "Bank", "Savings"),
    ("42", "Company card", "Credit Card", "CreditCard"),
    ("90", "Card processor", "Bank", "CashOnHand"),
];

pub fn all(facts: &Facts) -> Vec<Standing> {
    let mut accounts: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |id: String, name: &str, of: &str, sub: &str| {
        accounts.entry(id.clone()).or_insert_with(|| account(&id, name, of, sub));
    };
    for (id, name, of, sub) in OWN {
        add(id.to_owned(), name, of, sub);
    }
    add(format!("61{}", list_id("payment_fees")), "payment_fees", "Expense", "OtherBusinessExpenses");
    // Where the books put what a won dispute brings back.
    add(list_id("disputes"), "disputes", "Income", "SalesOfProductIncome");
    for line in facts.bank.iter().filter_map(|change| change.line.as_ref()) {
        let (of, sub) = types(line.kind);
        // A purchase stands on an account of spending, everything else on the account itself.
        add(format!("60{}", list_id(&line.category)), &line.category, of, sub);
        add(list_id(&line.category), &line.category, of, sub);
    }
    let preferences = json!({
        "domain": "QBO", "sparse": false, "Id": "1", "SyncToken": "1",
        "CurrencyPrefs": {"MultiCurrencyEnabled": false,
                          "HomeCurrency": {"value": "GBP", "name": "British Pound Sterling"}},
    });
    let standing = |entity: &'static str, id: String, object: Value| Standing {
        entity,
        id,
        updated: DateTime::<Utc>::UNIX_EPOCH,
        object: Some(object),
    };
    let mut all: Vec<_> = accounts.into_iter().map(|(id, object)| standing("Account", id, object)).collect();
    all.push(standing("Preferences", "1".to_owned(), preferences));
    all
}

const fn types(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Revenue | Kind::Refund => ("Income", "SalesOfProductIncome"),
        Kind::Tax => ("Expense", "TaxesPaid"),
        Kind::Expense => ("Expense", "OtherBusinessExpenses"),
        Kind::Financing => ("Long Term Liability", "NotesPayable"),
        Kind::Settlement | Kind::InternalTransfer => ("Bank", "Checking"),
    }
}

fn account(id: &str, name: &str, of: &str, sub: &str) -> Value {
    json!({
        "domain": "QBO", "sparse": false, "Id": id, "SyncToken": "0", "Name": name, "FullyQualifiedName": name,
        "Active": true, "SubAccount": false, "AccountType": of, "AccountSubType": sub,
        "CurrencyRef": {"value": "GBP", "name": "British Pound Sterling"},
        "MetaData": {"CreateTime": moment(DateTime::UNIX_EPOCH), "LastUpdatedTime": moment(DateTime::UNIX_EPOCH)},
    })
}
