//! What somebody does to objects of the books: an amount is changed, or all of it is voided.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::books::Standing;
use super::moment;
use super::query::pence;
use crate::simulator::company::decimal_number;

/// In the body of the control: `{"entity", "id", "void": true}` or `{"entity", "id", "amount"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    entity: String,
    id: String,
    #[serde(default)]
    void: bool,
    /// In pence. What is paid of a document stays paid.
    amount: Option<i64>,
}

impl Edit {
    pub fn is_of(&self, one: &Standing) -> bool {
        one.entity.eq_ignore_ascii_case(&self.entity) && one.id == self.id && one.object.is_some()
    }

    /// A newer version of an object.
    fn apply(&self, one: &mut Standing, at: DateTime<Utc>) {
        let Some(object) = &mut one.object else { return };
        one.updated = one.updated.max(at);
        let version = object["SyncToken"].as_str().and_then(|version| version.parse::<u32>().ok()).unwrap_or_default();
        object["SyncToken"] = json!((version + 1).to_string());
        object["MetaData"]["LastUpdatedTime"] = json!(moment(one.updated));
        if self.void {
            // It keeps its number and its day.
            set(object, 0, 0);
            object["PrivateNote"] = json!("Voided");
            unlink(object);
        } else if let Some(amount) = self.amount {
            let amount_of = |member: &str| pence(&object[member].to_string());
            let paid = amount_of("TotalAmt") - amount_of("Balance");
            set(object, amount, (amount - paid).max(0));
        }
    }
}

/// Each line of the simulator's objects stands on the whole of it.
fn set(object: &mut Value, total: i64, balance: i64) {
    for (member, amount) in [("TotalAmt", total), ("Amount", total), ("Balance", balance)] {
        if object.get(member).is_some() {
            object[member] = decimal_number(amount);
        }
    }
    for line in lines(object) {
        line["Amount"] = decimal_number(total);
    }
}

fn unlink(object: &mut Value) {
    for line in lines(object).filter_map(Value::as_object_mut) {
        line.remove("LinkedTxn");
    }
}

fn lines(object: &mut Value) -> impl Iterator<Item = &mut Value> {
    object.get_mut("Line").and_then(Value::as_array_mut).into_iter().flatten()
}

pub fn apply(books: &mut [Standing], edits: &[(DateTime<Utc>, Edit)]) {
    for (at, edit) in edits {
        books.iter_mut().filter(|one| edit.is_of(one)).for_each(|one| edit.apply(one, *at));
    }
}
