//! Dividing one transaction into parts. Nothing of its amount, its account's balance or its source's word changes.

use rust_decimal::Decimal;

use super::{AccountError, AccountEvent, Divided, Known, LookupError, Recategorised, Redecided, Rejoined};
use crate::meaning::{LEAST_PARTS, MOST_PARTS, Part};
use crate::{AccountId, Transaction, TransactionId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SplitCommand {
    /// In place of earlier parts.
    Into { transaction: TransactionId, parts: Vec<NotedPart> },
    /// What is not split stays as it is.
    Undo { transaction: TransactionId },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedPart {
    pub part: Part,
    /// At most [`Recategorised::MOST_LETTERS`].
    pub note: Option<String>,
}

impl SplitCommand {
    pub const fn transaction(&self) -> TransactionId {
        match self {
            Self::Into { transaction, .. } | Self::Undo { transaction } => *transaction,
        }
    }
}

pub(super) async fn decide(
    account: AccountId,
    version: u64,
    command: SplitCommand,
    known: &dyn Known,
) -> Result<Option<AccountEvent>, AccountError> {
    let transaction = command.transaction();
    let revision = known.lookup(account, version, &[transaction]).await?.remove(&transaction);
    let revision = revision.ok_or(AccountError::NoSuchTransaction(transaction))?;
    let mut standing = known.revisions(account, &[(transaction, revision.version)]).await?;
    let was = standing.remove(&transaction).ok_or(LookupError::Stale)?;
    Ok(match command {
        SplitCommand::Into { parts, .. } => {
            let (parts, notes): (Vec<_>, Vec<_>) = parts.into_iter().map(|noted| (noted.part, noted.note)).unzip();
            check(&parts, &was)?;
            let notes = notes.into_iter().map(tidy).collect::<Result<_, _>>()?;
            let now = was.clone().divided(parts, version + 1);
            let changed = Box::new(Redecided::new(&was, now));
            Some(AccountEvent::Split(Divided { transaction, changed, notes }))
        }
        SplitCommand::Undo { .. } if was.split().is_none() => None,
        SplitCommand::Undo { .. } => {
            let changed = Box::new(Redecided::new(&was, was.clone().undivided()));
            Some(AccountEvent::Unsplit(Rejoined { transaction, changed }))
        }
    })
}

fn check(parts: &[Part], whole: &Transaction) -> Result<(), AccountError> {
    if !(LEAST_PARTS..=MOST_PARTS).contains(&parts.len()) {
        return Err(AccountError::PartCount(parts.len()));
    }
    if parts.iter().any(|part| part.amount.is_zero()) {
        return Err(AccountError::PartOfZero);
    }
    // Else the money that came and the money that went would be more than what moved.
    if parts.iter().any(|part| part.amount.is_sign_negative() != whole.amount.is_sign_negative()) {
        return Err(AccountError::PartOfOtherSign(!whole.amount.is_sign_negative()));
    }
    let finest = whole.amount.scale().max(whole.currency.exponent());
    if let Some(part) = parts.iter().find(|part| part.amount.normalize().scale() > finest) {
        return Err(AccountError::PartTooFine(part.amount));
    }
    // In whole numbers of the last digit: sums of decimals may round.
    let sum = parts.iter().try_fold(0_i128, |sum, part| sum.checked_add(digits(part.amount, finest)?));
    if sum.is_none() || sum != digits(whole.amount, finest) {
        let parts = sum.and_then(|sum| Decimal::try_from_i128_with_scale(sum, finest).ok()).unwrap_or(Decimal::MAX);
        return Err(AccountError::PartsOfOtherSum { parts: parts.normalize(), whole: whole.amount.normalize() });
    }
    Ok(())
}

fn digits(amount: Decimal, scale: u32) -> Option<i128> {
    let amount = amount.normalize();
    amount.mantissa().checked_mul(10_i128.checked_pow(scale.checked_sub(amount.scale())?)?)
}

fn tidy(note: Option<String>) -> Result<Option<String>, AccountError> {
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    match note {
        Some(note) if note.chars().count() > Recategorised::MOST_LETTERS => Err(AccountError::NoteTooLong),
        note => Ok(note),
    }
}
