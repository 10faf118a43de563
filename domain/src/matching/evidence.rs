use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::AccountId;

/// Why two transactions are taken for the same money. It holds nothing of their texts: those are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    SameAmount,
    OppositeAmount,
    /// 0: on the same day.
    DaysApart(u8),
    SameMoment,
    /// An order's number, or a long identifier.
    SharedNumber,
    SharedWords(u8),
    /// Both sources say that it is such money.
    BothSay,
    OneSays,
    /// Nothing else comes into question, for either.
    OnlyCandidate,
    /// Everything else that comes into question is much less likely.
    BestByFar,
    /// Something else is nearly as likely.
    Rivals,
    /// The amount is the sum of so many transactions.
    SumOf(u32),
    /// So many percent of the lines that both accounts could have are in both.
    SameLines(u8),
    /// The provider says which transactions are in it, so many.
    ProviderSays(u32),
}

/// Transactions that a leg is the sum of: those that its provider names, where [`Evidence::ProviderSays`] stands with
/// them, else all of these days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parts {
    pub account: AccountId,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub count: u32,
    /// Before fees.
    #[schemars(with = "String")]
    pub gross: Decimal,
    /// Minus, where any were kept.
    #[schemars(with = "String")]
    pub fees: Decimal,
}

/// What a provider says that a payout is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// So many transactions, whether they are known here or not.
    pub told: u32,
    /// So many of them are.
    pub known: u32,
    /// Of those; `None` where none is.
    pub parts: Option<Parts>,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameAmount => f.write_str("The amounts are equal"),
            Self::OppositeAmount => f.write_str("What left one account reached the other"),
            Self::DaysApart(0) => f.write_str("Both are of the same day"),
            Self::DaysApart(1) => f.write_str("One day lies between them"),
            Self::DaysApart(days) => write!(f, "{days} days lie between them"),
            Self::SameMoment => f.write_str("Both are of the same few minutes"),
            Self::SharedNumber => f.write_str("Both name the same number"),
            Self::SharedWords(1) => f.write_str("Both use one same word"),
            Self::SharedWords(count) => write!(f, "Both use {count} same words"),
            Self::BothSay => f.write_str("Both sources say that it is such money"),
            Self::OneSays => f.write_str("One of the sources says that it is such money"),
            Self::OnlyCandidate => f.write_str("Nothing else comes into question for either"),
            Self::BestByFar => f.write_str("Everything else that comes into question is much less likely"),
            Self::Rivals => f.write_str("Something else is nearly as likely"),
            Self::SumOf(count) => write!(f, "The amount is the sum of {count} transactions"),
            Self::ProviderSays(1) => f.write_str("The provider says which transaction is in it"),
            Self::ProviderSays(count) => write!(f, "The provider says which {count} transactions are in it"),
            Self::SameLines(percent) => write!(f, "{percent} percent of the lines of both accounts are the same"),
        }
    }
}
