//! What a transaction is split in, for both edges.

use domain::account::{AccountCommand, NotedPart, SplitCommand};
use domain::meaning::{Meaning, Part};
use domain::{Code, Kind, Problem, TransactionId};
use rust_decimal::Decimal;

use crate::meaning::to_meaning;

/// A part as it is asked for: without kind it is the category's usual one.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub amount: Decimal,
    pub category: String,
    pub kind: Option<Kind>,
    pub note: Option<String>,
}

pub(crate) fn split(
    transaction: TransactionId,
    parts: impl IntoIterator<Item = Asked>,
) -> Result<AccountCommand, Problem> {
    let parts = parts.into_iter().map(part).collect::<Result<_, _>>()?;
    Ok(AccountCommand::Split(SplitCommand::Into { transaction, parts }))
}

pub(crate) const fn unsplit(transaction: TransactionId) -> AccountCommand {
    AccountCommand::Split(SplitCommand::Undo { transaction })
}

fn part(asked: Asked) -> Result<NotedPart, Problem> {
    let Asked { amount, category, kind, note } = asked;
    let to = to_meaning(Some(&category), kind)?;
    let Meaning { kind, category } = to.ok_or_else(|| Problem::new(Code::Invalid, "Each part needs a category."))?;
    Ok(NotedPart { part: Part { amount, kind, category }, note })
}
