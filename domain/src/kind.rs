//! What a transaction means for the business, and why a figure changed.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The accounting kind of a transaction. Revenue, refund, expense and tax are operating; the others move money
/// without earning or spending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Revenue,
    Refund,
    Expense,
    Tax,
    Financing,
    Settlement,
    InternalTransfer,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Revenue,
        Self::Refund,
        Self::Expense,
        Self::Tax,
        Self::Financing,
        Self::Settlement,
        Self::InternalTransfer,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Refund => "refund",
            Self::Expense => "expense",
            Self::Tax => "tax",
            Self::Financing => "financing",
            Self::Settlement => "settlement",
            Self::InternalTransfer => "internal_transfer",
        }
    }

    /// Whether such money usually comes in; `None` where it goes both ways.
    pub const fn usual_sign(self) -> Option<bool> {
        match self {
            Self::Revenue => Some(true),
            Self::Expense => Some(false),
            Self::Refund | Self::Tax | Self::Financing | Self::Settlement | Self::InternalTransfer => None,
        }
    }

    /// Whether it counts in operating cash flow.
    pub const fn is_operating(self) -> bool {
        matches!(self, Self::Revenue | Self::Refund | Self::Expense | Self::Tax)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a kind; use revenue, refund, expense, tax, financing, settlement or internal_transfer")]
pub struct UnknownKind(pub String);

/// A category of transactions in `snake_case`, 1 to 64 characters, e.g. `product_sale`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Category(#[schemars(regex(pattern = r"^[a-z0-9_]{1,64}$"))] String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a category; use 1 to 64 lower-case letters, digits and underscores, such as bank_fee")]
pub struct InvalidCategory(pub String);

impl Category {
    /// Takes any text and makes it a category: `"Bank Fees & Co"` becomes `bank_fees_co`.
    ///
    /// `None` where nothing of the text can stand in a category.
    pub fn from_label(label: &str) -> Option<Self> {
        let mut slug = String::with_capacity(label.len());
        for c in label.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('_') {
                slug.push('_');
            }
        }
        slug.truncate(64);
        let slug = slug.trim_end_matches('_');
        (!slug.is_empty()).then(|| Self(slug.to_owned()))
    }

    /// A source's own word for it as it is kept beside it; `None` where it is the same word.
    pub fn worded(&self, label: &str) -> Option<String> {
        const MOST: usize = 100;
        if label.trim() == self.0 {
            return None;
        }
        let label: String = label.trim().chars().filter(|c| !c.is_control()).take(MOST).collect();
        (!label.is_empty() && label != self.0).then_some(label)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Category {
    type Error = InvalidCategory;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let valid = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if valid { Ok(Self(text)) } else { Err(InvalidCategory(text)) }
    }
}

impl FromStr for Category {
    type Err = InvalidCategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl From<Category> for String {
    fn from(category: Category) -> Self {
        category.0
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a figure changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A transaction of a day that the account had not passed yet.
    New,
    /// A transaction of an earlier day than the account already knew when its batch began.
    Late,
    /// Amount, day or text of a known transaction changed.
    Corrected,
    /// The source took a transaction back.
    Removed,
    /// Only kind or category changed.
    Recategorised,
    /// A rate into the base currency changed.
    ExchangeRate,
}

impl Cause {
    pub const ALL: [Self; 6] =
        [Self::New, Self::Late, Self::Corrected, Self::Removed, Self::Recategorised, Self::ExchangeRate];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Late => "late",
            Self::Corrected => "corrected",
            Self::Removed => "removed",
            Self::Recategorised => "recategorised",
            Self::ExchangeRate => "exchange_rate",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_label_becomes_a_category_or_nothing() {
        let slug = |label: &str| Category::from_label(label).map(String::from);
        assert_eq!(slug("Bank Fees & Co").as_deref(), Some("bank_fees_co"));
        assert_eq!(slug("  "), None);
        assert_eq!("Bank Fee".parse::<Category>(), Err(InvalidCategory("Bank Fee".into())));
    }
}
