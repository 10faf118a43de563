//! Choices of users, for both edges: what one transaction or many mean.

use std::collections::BTreeMap;

use domain::account::{AccountCommand, Decision, Synced};
use domain::meaning::{By, Meaning, usual_kind};
use domain::{AccountId, Category, Code, Kind, Problem, TransactionId};
use streams::{CommandError, Commands, Meta};

#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub transactions: Vec<(AccountId, TransactionId)>,
    /// `None`: what rules, sources and learning say.
    pub to: Option<Meaning>,
    pub note: Option<String>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chosen {
    /// 0 where nothing changed.
    pub position: i64,
    pub changed: u64,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChooseError {
    #[error(transparent)]
    Refused(#[from] Problem),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// What a category means; `None` without one.
pub(crate) fn to_meaning(category: Option<&str>, kind: Option<Kind>) -> Result<Option<Meaning>, Problem> {
    let Some(text) = category else {
        return match kind {
            Some(_) => Err(Problem::new(Code::Invalid, "A kind needs a category.")),
            None => Ok(None),
        };
    };
    let category: Category =
        text.parse().map_err(|error: domain::InvalidCategory| Problem::new(Code::Invalid, error.to_string()))?;
    let kind = kind.or_else(|| usual_kind(&category)).ok_or_else(|| {
        let text = format!("{category} is none of the usual categories; say of which kind it is.");
        Problem::new(Code::Invalid, text)
    })?;
    Ok(Some(Meaning { kind, category }))
}

/// One event for each account. An account that refuses leaves those before it chosen; the same again changes nothing
/// twice.
pub(crate) async fn choose(commands: &Commands, choice: Choice, meta: &Meta) -> Result<Chosen, ChooseError> {
    if !(1..=Synced::MOST).contains(&choice.transactions.len()) {
        return Err(Problem::new(Code::Invalid, format!("Name 1 to {} transactions.", Synced::MOST)).into());
    }
    let mut of_account: BTreeMap<AccountId, Vec<Decision>> = BTreeMap::new();
    for (account, id) in choice.transactions {
        let decision = Decision { id, by: By::Choice, to: choice.to.clone() };
        of_account.entry(account).or_default().push(decision);
    }
    let mut chosen = Chosen::default();
    for (account, decisions) in of_account {
        let command = AccountCommand::Recategorise { decisions, note: choice.note.clone() };
        let receipt = commands.account(account, command, meta).await?;
        chosen.changed += receipt.counts.amended;
        if let Some(positions) = commands.position_of(&receipt).await? {
            chosen.position = chosen.position.max(positions.last);
        }
    }
    Ok(chosen)
}
