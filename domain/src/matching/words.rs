//! What stands in texts, as far as it tells one transaction from another.

use std::collections::BTreeSet;

/// Words that say nothing of which money it is.
const COMMON: &[&str] = &[
    "the",
    "and",
    "for",
    "from",
    "ltd",
    "llc",
    "inc",
    "gmbh",
    "limited",
    "payment",
    "payments",
    "ref",
    "card",
    "order",
    "invoice",
    "purchase",
    "sale",
    "sales",
    "direct",
    "debit",
    "credit",
    "transaction",
    "account",
    "with",
    "two",
];

/// Words and numbers of a transaction's texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    words: BTreeSet<String>,
    /// Long identifiers, of digits or not.
    numbers: BTreeSet<String>,
    /// What follows the word "order".
    order: Option<String>,
}

impl Words {
    pub fn of<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut all = Self::default();
        for text in texts.into_iter().flatten() {
            let lower = text.to_lowercase();
            let mut before = "";
            for token in lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|token| !token.is_empty()) {
                let digits = token.bytes().filter(u8::is_ascii_digit).count();
                if before == "order" && digits == token.len() {
                    all.order = Some(token.to_owned());
                } else if digits >= 6 || (digits > 1 && token.len() >= 12) {
                    all.numbers.insert(token.to_owned());
                } else if digits == 0 && token.chars().count() >= 3 && !COMMON.contains(&token) {
                    all.words.insert(token.to_owned());
                }
                before = token;
            }
        }
        all
    }

    pub fn shared_words(&self, other: &Self) -> u8 {
        u8::try_from(self.words.intersection(&other.words).count()).unwrap_or(u8::MAX)
    }

    pub fn shares_number(&self, other: &Self) -> bool {
        (self.order.is_some() && self.order == other.order) || !self.numbers.is_disjoint(&other.numbers)
    }

    /// Both name an order, and not the same one.
    pub fn contradicts(&self, other: &Self) -> bool {
        matches!((&self.order, &other.order), (Some(one), Some(other)) if one != other)
    }
}
