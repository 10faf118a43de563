//! The entities' JSON.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::books::Written;
use super::{moment, reference};
use crate::simulator::answer::joined;
use crate::simulator::company::{BankLine, decimal_number};

fn account((value, name): (&str, &str)) -> Value {
    reference(value, name)
}

/// A stable number for a name in the lists.
pub(super) fn list_id(name: &str) -> String {
    name.bytes().fold(7_u32, |id, byte| id.wrapping_mul(31).wrapping_add(u32::from(byte)) % 100_000).to_string()
}

fn named(name: &str) -> Value {
    reference(&list_id(name), name)
}

/// What every entity has.
fn base(id: &str, written: Written, day: NaiveDate) -> Value {
    json!({
        "domain": "QBO",
        "sparse": false,
        "Id": id,
        "SyncToken": written.version.to_string(),
        "MetaData": {"CreateTime": moment(written.created), "LastUpdatedTime": moment(written.updated)},
        "TxnDate": day.to_string(),
        "CurrencyRef": {"value": "GBP", "name": "British Pound Sterling"},
    })
}

fn sold(what: &str, pence: i64) -> Value {
    json!([
        {"Id": "1", "LineNum": 1, "Description": what, "Amount": decimal_number(pence),
         "DetailType": "SalesItemLineDetail",
         "SalesItemLineDetail": {"ItemRef": {"value": "1", "name": "Coffee"}, "UnitPrice": decimal_number(pence),
                                 "Qty": 1, "TaxCodeRef": {"value": "NON"}}},
        {"Amount": decimal_number(pence), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
    ])
}

fn sale(id: &str, written: Written, day: NaiveDate, pence: i64, what: &str) -> Value {
    joined(
        base(id, written, day),
        json!({
            "DocNumber": id,
            "CustomField": [],
            "Line": sold(what, pence),
            "TxnTaxDetail": {"TotalTax": 0},
            "TotalAmt": decimal_number(pence),
            "ApplyTaxAfterDiscount": false,
            "PrintStatus": "NotSet",
            "EmailStatus": "NotSet",
            "Balance": 0,
        }),
    )
}

pub fn sales_receipt(id: &str, written: Written, day: NaiveDate, pence: i64) -> Value {
    let sale = sale(id, written, day, pence, "Card sales of the day");
    joined(sale, json!({"DepositToAccountRef": account(("90", "Card processor"))}))
}

pub fn refund_receipt(id: &str, written: Written, day: NaiveDate, pence: i64, what: &str) -> Value {
    let sale = sale(id, written, day, pence, what);
    joined(sale, json!({"PaymentRefNum": "card", "DepositToAccountRef": account(("90", "Card processor"))}))
}

pub fn invoice(id: &str, written: Written, day: NaiveDate, line: &BankLine, paid: bool) -> Value {
    let sale = sale(id, written, day, line.pence, &line.description);
    joined(
        sale,
        json!({
            "DocNumber": line.reference,
            "DueDate": line.day.to_string(),
            "CustomerRef": named(&line.counterparty),
            "Deposit": 0,
            "LinkedTxn": [],
            "Balance": decimal_number(if paid { 0 } else { line.pence }),
        }),
    )
}

pub fn payment(id: &str, written: Written, line: &BankLine, invoice: &str) -> Value {
    joined(
        base(id, written, line.day),
        json!({
            "CustomerRef": named(&line.counterparty),
            "DepositToAccountRef": account(("35", "Checking")),
            "PaymentMethodRef": {"value": "1"},
            "TotalAmt": decimal_number(line.pence),
            "UnappliedAmt": 0,
            "ProcessPayment": false,
            "Line": [{"Amount": decimal_number(line.pence), "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}],
        }),
    )
}

pub fn bill(id: &str, written: Written, day: NaiveDate, line: &BankLine, paid: bool) -> Value {
    joined(
        base(id, written, day),
        json!({
            "DueDate": line.day.to_string(),
            "VendorRef": named(&line.counterparty),
            "APAccountRef": account(("33", "Accounts Payable (A/P)")),
            "TotalAmt": decimal_number(-line.pence),
            "Balance": decimal_number(if paid { 0 } else { -line.pence }),
            "Line": [spent(-line.pence, ("60", &line.category), &line.description)],
        }),
    )
}

pub fn bill_payment(id: &str, written: Written, line: &BankLine, bill: &str) -> Value {
    joined(
        base(id, written, line.day),
        json!({
            "VendorRef": named(&line.counterparty),
            "PayType": "Check",
            "PrivateNote": line.description,
            "CheckPayment": {"PrintStatus": "NotSet", "BankAccountRef": account(("35", "Checking"))},
            "TotalAmt": decimal_number(-line.pence),
            "Line": [{"Amount": decimal_number(-line.pence), "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}],
        }),
    )
}

fn spent(pence: i64, (value, name): (&str, &str), what: &str) -> Value {
    json!({
        "Id": "1", "Description": what, "Amount": decimal_number(pence),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {
            "AccountRef": reference(&format!("{value}{}", list_id(name)), name),
            "BillableStatus": "NotBillable", "TaxCodeRef": {"value": "NON"},
        },
    })
}

/// From which account, how and to whom.
pub struct Payment<'a> {
    pub account: (&'a str, &'a str),
    /// Cash, Check or CreditCard.
    pub kind: &'a str,
    pub who: &'a str,
}

/// Always positive; what comes back from a vendor is marked as a credit.
pub fn purchase(
    id: &str,
    written: Written,
    day: NaiveDate,
    pence: i64,
    payment: &Payment<'_>,
    category: (&str, &str),
    what: &str,
) -> Value {
    let object = joined(
        base(id, written, day),
        json!({
            "AccountRef": account(payment.account),
            "PaymentType": payment.kind,
            "EntityRef": {"value": list_id(payment.who), "name": payment.who, "type": "Vendor"},
            "PrivateNote": what,
            "TotalAmt": decimal_number(pence.abs()),
            "PrintStatus": "NotSet",
            "Line": [spent(pence.abs(), category, what)],
        }),
    );
    if pence < 0 { joined(object, json!({"Credit": true})) } else { object }
}

pub fn transfer(id: &str, written: Written, day: NaiveDate, pence: i64, from: (&str, &str), to: (&str, &str)) -> Value {
    joined(
        base(id, written, day),
        json!({
            "PrivateNote": "Transfer",
            "FromAccountRef": account(from),
            "ToAccountRef": account(to),
            "Amount": decimal_number(pence),
        }),
    )
}

pub fn deposit(id: &str, written: Written, line: &BankLine, to: (&str, &str)) -> Value {
    joined(
        base(id, written, line.day),
        json!({
            "PrivateNote": line.description,
            "Line": [{
                "Id": "1", "LineNum": 1, "Amount": decimal_number(line.pence), "DetailType": "DepositLineDetail",
                "DepositLineDetail": {"AccountRef": reference(&list_id(&line.category), &line.category)},
            }],
            "DepositToAccountRef": account(to),
            "TotalAmt": decimal_number(line.pence),
        }),
    )
}

pub fn journal_entry(id: &str, written: Written, line: &BankLine) -> Value {
    let side = |n: &str, posting: &str, account: Value| {
        json!({
            "Id": n, "Description": line.description, "Amount": decimal_number(line.pence.abs()),
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": posting, "AccountRef": account},
        })
    };
    let other = reference(&list_id(&line.category), &line.category);
    joined(
        base(id, written, line.day),
        json!({
            "Adjustment": false,
            "PrivateNote": line.description,
            "Line": [side("0", "Debit", other), side("1", "Credit", account(("35", "Checking")))],
        }),
    )
}
