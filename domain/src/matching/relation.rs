use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::meaning::Meaning;
use crate::{Category, Kind};

/// What an account is to its business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A bank's or card's own feed.
    Bank,
    /// A statement that was imported.
    File,
    /// Takes cards and pays out.
    Processor,
    /// What was sold, whoever took the money.
    Shop,
    /// What the accountant keeps of the same money.
    Books,
}

impl Role {
    pub const fn is_bank(self) -> bool {
        matches!(self, Self::Bank | Self::File)
    }
}

/// How transactions are the same money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Between two of the business's own accounts.
    Transfer,
    /// What was owed on a card, paid from an account.
    CardSettlement,
    /// What a processor sent to the bank.
    Payout,
    /// A sale or refund of the shop, and the charge that paid it.
    Sale,
    /// A payment and the entry of the books for it: of an invoice, a bill, a purchase.
    BookEntry,
    /// One line of one account, from a file and from a feed.
    Duplicate,
}

/// What a transaction can have only one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// Where its money came from or went to.
    Flow,
    Sale,
    Entry,
    /// The same line elsewhere.
    Counted,
}

impl Relation {
    pub const ALL: [Self; 6] =
        [Self::Transfer, Self::CardSettlement, Self::Payout, Self::Sale, Self::BookEntry, Self::Duplicate];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::CardSettlement => "card_settlement",
            Self::Payout => "payout",
            Self::Sale => "sale",
            Self::BookEntry => "book_entry",
            Self::Duplicate => "duplicate",
        }
    }

    pub const fn slot(self) -> Slot {
        match self {
            Self::Transfer | Self::CardSettlement | Self::Payout => Slot::Flow,
            Self::Sale => Slot::Sale,
            Self::BookEntry => Slot::Entry,
            Self::Duplicate => Slot::Counted,
        }
    }

    /// What its legs mean that do not go on meaning what they mean.
    pub(super) fn meaning(self) -> Option<Meaning> {
        let (kind, category) = match self {
            Self::Transfer => (Kind::InternalTransfer, "transfer"),
            Self::CardSettlement => (Kind::Settlement, "card_settlement"),
            Self::Payout => (Kind::Settlement, "payout"),
            Self::Sale => (Kind::Settlement, "sale_elsewhere"),
            Self::BookEntry => (Kind::Settlement, "book_entry"),
            Self::Duplicate => (Kind::Settlement, "duplicate"),
        };
        Category::from_label(category).map(|category| Meaning { kind, category })
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no relation of transactions")]
pub struct UnknownRelation(pub String);

impl FromStr for Relation {
    type Err = UnknownRelation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or_else(|| UnknownRelation(text.to_owned()))
    }
}
