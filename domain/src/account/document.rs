//! Invoices, bills and credits of the books: what is owed, and which payment pays it. Nothing of it counts in a figure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountError, AccountEvent, Known};
use crate::personal::{Personal, Text};
use crate::{AccountId, Currency, DocumentId, TransactionId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Owed by a customer.
    Invoice,
    /// Owed to a vendor.
    Bill,
    /// What a customer may take off an invoice.
    CreditMemo,
    /// What may be taken off a vendor's bill.
    VendorCredit,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no kind of document; there are invoice, bill, credit_memo and vendor_credit")]
pub struct UnknownDocumentKind(String);

impl DocumentKind {
    pub const ALL: [Self; 4] = [Self::Invoice, Self::Bill, Self::CreditMemo, Self::VendorCredit];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Bill => "bill",
            Self::CreditMemo => "credit_memo",
            Self::VendorCredit => "vendor_credit",
        }
    }

    /// Whether it takes off what is owed.
    pub const fn is_credit(self) -> bool {
        matches!(self, Self::CreditMemo | Self::VendorCredit)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DocumentKind {
    type Err = UnknownDocumentKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        found.ok_or_else(|| UnknownDocumentKind(name.to_owned()))
    }
}

/// A document as the books tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    pub id: DocumentId,
    pub kind: DocumentKind,
    pub day: NaiveDate,
    /// Until when it is to be paid, where the books say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    /// An exact decimal, without sign.
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub total: Decimal,
    /// What is not paid or taken yet: an exact decimal, without sign.
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub open: Decimal,
    pub currency: Currency,
    /// As people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The customer or the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

impl Document {
    /// How many texts each has.
    pub const TEXTS: usize = 3;
}

impl Personal for Document {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        visit(Text::Optional(&mut self.number));
        visit(Text::Optional(&mut self.counterparty));
        visit(Text::Optional(&mut self.memo));
    }
}

/// How much of a document a payment pays; zero: it does not pay it any more. The document may not be known here: it is
/// older than the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settled {
    pub payment: TransactionId,
    pub document: DocumentId,
    /// An exact decimal, without sign.
    #[schemars(with = "String", regex(pattern = r"^-?\d+(\.\d+)?$"))]
    pub amount: Decimal,
}

/// What is new or otherwise of documents and of what pays them: at most [`DocumentsTold::MOST`] of all in one event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentsTold {
    /// Each whole, as it is from here on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Document>,
    /// Voided, deleted, or gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<DocumentId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<Settled>,
}

impl DocumentsTold {
    /// Documents and payments of one event.
    pub const MOST: usize = 500;
}

/// What a source says, known or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documents {
    pub told: Vec<Document>,
    pub removed: Vec<DocumentId>,
    pub payments: Vec<Pays>,
}

/// Everything that a payment pays; nothing: it pays none, or there is no such payment any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pays {
    pub payment: TransactionId,
    pub of: Vec<(DocumentId, Decimal)>,
}

/// What is known of documents and of payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownDocuments {
    pub standing: HashMap<DocumentId, Document>,
    pub paid: HashMap<TransactionId, BTreeMap<DocumentId, Decimal>>,
}

impl KnownDocuments {
    /// The same after an event of the account.
    pub fn learn(&mut self, event: &AccountEvent) {
        let AccountEvent::DocumentsTold(event) = event else { return };
        self.standing.extend(event.told.iter().map(|document| (document.id, document.clone())));
        event.removed.iter().for_each(|id| drop(self.standing.remove(id)));
        for Settled { payment, document, amount } in &event.settled {
            let paid = self.paid.entry(*payment).or_default();
            if amount.is_zero() {
                paid.remove(document)
            } else {
                paid.insert(*document, *amount)
            };
        }
    }
}

/// As many events as it takes; none where all of it is known.
pub(super) async fn decide(
    account: AccountId,
    said: Documents,
    known: &dyn Known,
) -> Result<Vec<AccountEvent>, AccountError> {
    let documents: Vec<_> = said.told.iter().map(|one| one.id).chain(said.removed.iter().copied()).collect();
    let payments: Vec<_> = said.payments.iter().map(|pays| pays.payment).collect();
    let known = known.documents(account, &documents, &payments).await?;
    // What is said last of one holds.
    let told: BTreeMap<_, _> = said.told.into_iter().map(|document| (document.id, document)).collect();
    let removed: BTreeSet<_> = said.removed.into_iter().filter(|id| !told.contains_key(id)).collect();
    let new = told.into_values().filter(|document| known.standing.get(&document.id) != Some(document));
    let gone = removed.into_iter().filter(|id| known.standing.contains_key(id));
    let payments: BTreeMap<_, _> = said.payments.into_iter().map(|pays| (pays.payment, pays.of)).collect();
    let settled = payments.into_iter().flat_map(|(payment, of)| settled(payment, of, known.paid.get(&payment)));
    Ok(cut(new, gone, settled))
}

/// What a payment pays otherwise than before.
fn settled(
    payment: TransactionId,
    of: Vec<(DocumentId, Decimal)>,
    before: Option<&BTreeMap<DocumentId, Decimal>>,
) -> Vec<Settled> {
    let none = BTreeMap::new();
    let before = before.unwrap_or(&none);
    // What is not paid any more stays there as zero.
    let mut now: BTreeMap<_, _> = before.keys().map(|document| (*document, Decimal::ZERO)).collect();
    for (document, amount) in of {
        *now.entry(document).or_default() += amount;
    }
    let paid = |document: &DocumentId| before.get(document).copied().unwrap_or_default();
    let settled = now.into_iter().filter(|(document, amount)| paid(document) != *amount);
    settled.map(|(document, amount)| Settled { payment, document, amount }).collect()
}

/// In events of no more than one may have.
fn cut(
    told: impl Iterator<Item = Document>,
    removed: impl Iterator<Item = DocumentId>,
    settled: impl Iterator<Item = Settled>,
) -> Vec<AccountEvent> {
    enum One {
        Told(Document),
        Removed(DocumentId),
        Settled(Settled),
    }
    let all: Vec<_> = told.map(One::Told).chain(removed.map(One::Removed)).chain(settled.map(One::Settled)).collect();
    let mut events: Vec<DocumentsTold> = Vec::new();
    for (place, one) in all.into_iter().enumerate() {
        if place % DocumentsTold::MOST == 0 {
            events.push(DocumentsTold::default());
        }
        let Some(event) = events.last_mut() else { continue };
        match one {
            One::Told(document) => event.told.push(document),
            One::Removed(id) => event.removed.push(id),
            One::Settled(settled) => event.settled.push(settled),
        }
    }
    events.into_iter().map(AccountEvent::DocumentsTold).collect()
}
