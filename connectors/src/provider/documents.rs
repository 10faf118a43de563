//! What books say of invoices, bills and credits, in the provider's own names.

use chrono::NaiveDate;
use domain::Currency;
use domain::account::DocumentKind;
use rust_decimal::Decimal;

/// Entity type and id.
pub type Name = (&'static str, String);

/// A list of everything tells those of its days, and invoices and bills from before them as long as something of them is
/// open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documents {
    pub reported: Vec<ReportedDocument>,
    /// Voided or deleted.
    pub removed: Vec<Name>,
    /// Each payment of the page, with everything that it pays.
    pub payments: Vec<Paying>,
}

/// Amounts are without sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedDocument {
    /// The provider's type of object; ids are unique within it.
    pub entity: &'static str,
    pub id: String,
    pub kind: DocumentKind,
    pub day: NaiveDate,
    pub due: Option<NaiveDate>,
    pub total: Decimal,
    /// What is not paid or taken yet.
    pub open: Decimal,
    pub currency: Currency,
    pub number: Option<String>,
    pub counterparty: Option<String>,
    pub memo: Option<String>,
}

/// Nothing: it pays none of them, or there is no such payment any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paying {
    /// Its own transaction.
    pub payment: Name,
    /// Two lines may pay the same.
    pub pays: Vec<(Name, Decimal)>,
}

impl Documents {
    pub fn append(&mut self, mut more: Self) {
        self.reported.append(&mut more.reported);
        self.removed.append(&mut more.removed);
        self.payments.append(&mut more.payments);
    }
}
