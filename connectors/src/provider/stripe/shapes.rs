//! Stripe's JSON, as far as it is read.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub struct Account {
    pub id: String,
}

#[derive(Deserialize)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub expires_in: Option<i64>,
    pub stripe_user_id: String,
}

#[derive(Deserialize)]
pub struct Balance {
    pub available: Vec<Amount>,
    pub pending: Vec<Amount>,
}

#[derive(Deserialize)]
pub struct Amount {
    pub amount: i64,
    pub currency: String,
}

#[derive(Deserialize)]
pub struct List {
    pub data: Vec<BalanceTransaction>,
    pub has_more: bool,
}

#[derive(Deserialize)]
pub struct BalanceTransaction {
    pub id: String,
    pub amount: i64,
    pub fee: i64,
    pub currency: String,
    pub created: i64,
    /// When it can be paid out.
    pub available_on: Option<i64>,
    pub description: Option<String>,
    pub reporting_category: String,
    /// Of what came in another currency: how much one unit of that was worth in `currency`.
    pub exchange_rate: Option<Box<RawValue>>,
    pub source: Option<Source>,
}

/// What it comes from, whole where that is asked for.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Source {
    Whole {
        object: String,
        id: Option<String>,
        currency: Option<String>,
        /// Of a payout: whether what is in it can be listed.
        reconciliation_status: Option<String>,
    },
    Id(String),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
pub struct Refusal {
    pub error: RefusalBody,
}

/// Of the API, or of OAuth.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum RefusalBody {
    Api {
        #[serde(rename = "type")]
        kind: String,
        code: Option<String>,
    },
    OAuth(String),
}

#[derive(Deserialize)]
pub struct Event {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// The connected account, where there is one.
    pub account: Option<String>,
}
