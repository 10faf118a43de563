//! Intuit's JSON, as far as it is read. One shape serves all entities: what one has not is missing.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Debug, Deserialize)]
pub struct Endpoints {
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub revocation_endpoint: String,
}

#[derive(Deserialize)]
pub struct OAuthRefusal {
    pub error: String,
}

#[derive(Deserialize)]
pub struct Fault {
    #[serde(alias = "Fault")]
    fault: FaultBody,
}

#[derive(Deserialize)]
struct FaultBody {
    #[serde(alias = "Error")]
    error: Vec<FaultError>,
}

#[derive(Deserialize)]
struct FaultError {
    code: Option<String>,
}

impl Fault {
    pub fn first_code(self) -> Option<String> {
        self.fault.error.into_iter().next()?.code
    }
}

#[derive(Deserialize)]
pub struct CompanyAnswer {
    #[serde(rename = "CompanyInfo")]
    pub company: Company,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Company {
    pub company_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Preferences {
    pub currency_prefs: Option<CurrencyPrefs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CurrencyPrefs {
    pub home_currency: Option<Reference>,
}

/// An account of the chart.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Account {
    pub id: String,
    pub account_type: Option<String>,
    pub account_sub_type: Option<String>,
}

#[derive(Deserialize)]
pub struct QueryAnswer<'a> {
    #[serde(borrow, rename = "QueryResponse")]
    pub response: HashMap<&'a str, &'a RawValue>,
    pub time: Option<DateTime<FixedOffset>>,
}

#[derive(Deserialize)]
pub struct CdcAnswer<'a> {
    #[serde(borrow, rename = "CDCResponse")]
    pub responses: Vec<CdcResponse<'a>>,
    pub time: Option<DateTime<FixedOffset>>,
}

#[derive(Deserialize)]
pub struct CdcResponse<'a> {
    /// One element per entity; an element without a list where nothing changed.
    #[serde(borrow, rename = "QueryResponse", default)]
    pub responses: Vec<HashMap<&'a str, &'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Object<'a> {
    pub id: String,
    /// `Deleted` in changes.
    #[serde(rename = "status")]
    pub status: Option<String>,
    pub meta_data: Option<MetaData>,
    pub txn_date: Option<NaiveDate>,
    #[serde(borrow)]
    pub total_amt: Option<&'a RawValue>,
    /// Of a transfer.
    #[serde(borrow)]
    pub amount: Option<&'a RawValue>,
    pub from_account_ref: Option<Reference>,
    pub to_account_ref: Option<Reference>,
    pub due_date: Option<NaiveDate>,
    /// What is open of a document.
    #[serde(borrow)]
    pub balance: Option<&'a RawValue>,
    /// The same of a credit.
    #[serde(borrow)]
    pub remaining_credit: Option<&'a RawValue>,
    pub customer_memo: Option<Memo>,
    pub currency_ref: Option<Reference>,
    /// Of the home currency for one unit of the object's.
    #[serde(borrow)]
    pub exchange_rate: Option<&'a RawValue>,
    pub private_note: Option<String>,
    pub doc_number: Option<String>,
    pub customer_ref: Option<Reference>,
    pub vendor_ref: Option<Reference>,
    pub entity_ref: Option<Reference>,
    pub credit: Option<bool>,
    #[serde(borrow, default)]
    pub line: Vec<Line<'a>>,
}

impl Object<'_> {
    pub fn is_deleted(&self) -> bool {
        self.status.as_deref() == Some("Deleted")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct MetaData {
    pub last_updated_time: Option<DateTime<FixedOffset>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Line<'a> {
    #[serde(borrow)]
    pub amount: Option<&'a RawValue>,
    pub description: Option<String>,
    #[serde(default)]
    pub linked_txn: Vec<Linked>,
    pub deposit_line_detail: Option<LineDetail>,
    pub account_based_expense_line_detail: Option<LineDetail>,
    pub journal_entry_line_detail: Option<LineDetail>,
}

/// Another object that a line is about.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Linked {
    pub txn_id: Option<String>,
    pub txn_type: Option<String>,
}

/// To the customer.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Memo {
    Text(String),
    Of { value: Option<String> },
}

impl Memo {
    pub const fn text(&self) -> Option<&String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Of { value } => value.as_ref(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LineDetail {
    pub account_ref: Option<Reference>,
    pub posting_type: Option<String>,
}

#[derive(Deserialize)]
pub struct Reference {
    pub value: String,
    pub name: Option<String>,
}

/// A message in either of its two shapes.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Message {
    Events(Vec<CloudEvent>),
    Notifications {
        #[serde(rename = "eventNotifications")]
        notifications: Vec<Notification>,
    },
}

#[derive(Deserialize)]
pub struct CloudEvent {
    /// The company.
    pub intuitaccountid: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub realm_id: String,
}
