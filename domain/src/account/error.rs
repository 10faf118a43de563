use rust_decimal::Decimal;

use super::{LookupError, Synced};

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("this account is already open")]
    AlreadyOpen,
    #[error("there is no such account; open it first")]
    NotOpen,
    #[error("this account is closed")]
    Closed,
    #[error("an account needs a name of 1 to 120 characters")]
    InvalidName,
    #[error("a page has at most {most} transactions, this one has {0}", most = Synced::MOST)]
    PageTooLarge(usize),
    #[error("a page names the transaction {0} twice")]
    NamedTwice(crate::TransactionId),
    #[error("there is no such transaction in this account: {0}")]
    NoSuchTransaction(crate::TransactionId),
    #[error("a note has at most {most} letters", most = super::Recategorised::MOST_LETTERS)]
    NoteTooLong,
    #[error("a transaction is split in {least} to {most} parts, not in {0}", least = crate::meaning::LEAST_PARTS, most = crate::meaning::MOST_PARTS)]
    PartCount(usize),
    #[error("no part of a transaction is zero")]
    PartOfZero,
    #[error("money goes the same way in all parts of a transaction: each is {}", if *.0 { "above zero" } else { "below zero" })]
    PartOfOtherSign(bool),
    #[error("{0} has more decimals than its currency and its transaction")]
    PartTooFine(Decimal),
    #[error("the parts sum to {parts}, and the transaction is {whole}")]
    PartsOfOtherSum { parts: Decimal, whole: Decimal },
    #[error("a transaction has at most {most} files", most = super::MOST_FILES)]
    TooManyFiles,
    #[error("there is no such file beside this transaction")]
    NoSuchFile,
    #[error("a memo has at most {most} letters", most = super::MOST_MEMO_LETTERS)]
    MemoTooLong,
    #[error(transparent)]
    Lookup(#[from] LookupError),
}

impl PartialEq for AccountError {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}
