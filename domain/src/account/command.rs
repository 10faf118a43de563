use super::{BesideCommand, Documents, Drift, PaidOut, SplitCommand, Told};
use crate::matching::Match;
use crate::meaning::{By, Meaning};
use crate::{AccountId, BatchId, BusinessId, Currency, SourceId, Transaction, TransactionId};

#[derive(Debug, Clone)]
pub enum AccountCommand {
    Open {
        id: AccountId,
        business: BusinessId,
        source: SourceId,
        name: String,
        currency: Currency,
        /// The source's own name of the account, e.g. an IBAN or a column's value.
        external_id: Option<String>,
    },
    Rename {
        name: String,
    },
    /// What a source reports in one page: everything it has, known or not. Only what is new or different becomes
    /// part of the event. Empty pages that move the cursor are events too; those that change nothing are none.
    Sync {
        batch: BatchId,
        to_cursor: Option<String>,
        reported: Vec<Transaction>,
        removed: Vec<TransactionId>,
        /// The source's answers that it was read from, where they are kept.
        told: Vec<Told>,
    },
    /// What some transactions mean from now on, at most [`super::Synced::MOST`]. What stands so already is left as it is, and
    /// so is what a user chose or split where somebody else decides. A user's choice ends a split.
    Recategorise {
        decisions: Vec<Decision>,
        /// What whoever decided wrote about it.
        note: Option<String>,
    },
    /// These are not the same money, whatever the matcher finds.
    RefuseMatch {
        found: Box<Match>,
    },
    /// What is kept beside a transaction: files, a memo.
    Keep(BesideCommand),
    /// What a transaction is made of.
    Split(SplitCommand),
    /// What a provider says that a payout is the sum of, at most [`super::Synced::MOST`] transactions. What is said to be
    /// in it already is left out; a transaction that was said to be in another is in this one from now on.
    PayOut(PaidOut),
    /// What the books say of invoices, bills and credits, and of what pays them. What is known already is left out.
    TellDocuments(Documents),
    /// How the balances that were told stand to what is counted. What is known already is no event.
    Check {
        drift: Option<Drift>,
    },
    Close,
}

/// What one transaction means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub id: TransactionId,
    pub by: By,
    /// `None`: what its source says.
    pub to: Option<Meaning>,
}
