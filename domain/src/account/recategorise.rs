//! Which of the asked meanings change anything.

use std::collections::{HashMap, HashSet};

use super::{AccountError, AccountEvent, Decision, Known, LookupError, Recategorised, Redecided, Synced};
use crate::meaning::{By, Decided, Meaning};
use crate::{AccountId, Transaction, TransactionId};

pub(super) async fn decide(
    account: AccountId,
    version: u64,
    decisions: Vec<Decision>,
    note: Option<String>,
    known: &dyn Known,
) -> Result<Option<AccountEvent>, AccountError> {
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > Recategorised::MOST_LETTERS) {
        return Err(AccountError::NoteTooLong);
    }
    let mut standing = standing(account, version, &decisions, known).await?;
    let mut transactions = Vec::new();
    for Decision { id, by, to } in decisions {
        let Some(was) = standing.remove(&id) else {
            match by {
                By::Choice => return Err(AccountError::NoSuchTransaction(id)),
                // Taken back since it was looked at.
                By::Rule(_) | By::Learned { .. } | By::Match { .. } | By::Split(_) => continue,
            }
        };
        let Some(now) = redecide(&was, to, by) else { continue };
        if now.decided != was.decided || now.meaning() != was.meaning() {
            transactions.push(Redecided::new(&was, now));
        }
    }
    Ok((!transactions.is_empty()).then_some(AccountEvent::Recategorised(Recategorised { transactions, note })))
}

/// As it is decided; `None` where whoever decides may not.
fn redecide(was: &Transaction, to: Option<Meaning>, by: By) -> Option<Transaction> {
    // A match is given up where it stands, and nowhere else.
    let given_up = by.matched().filter(|_| to.is_none()).map(|found| found.id);
    if given_up.is_some() && given_up != was.decided.as_ref().and_then(Decided::matched) {
        return None;
    }
    if let (Some(_), Some(split)) = (given_up, was.split()) {
        // Its parts stay; what they stand over is no match any more.
        let beneath = was.clone().undivided();
        let yields = beneath.decided.as_ref().is_some_and(|decided| decided.yields_to(&by));
        return yields.then(|| beneath.redecided(None).divided(split.parts.clone(), split.event));
    }
    if was.decided.as_ref().is_some_and(|decided| !decided.yields_to(&by)) {
        return None;
    }
    Some(was.clone().redecided(to.map(|to| (to, by))))
}

/// The transactions that are decided about, as they stand.
async fn standing(
    account: AccountId,
    version: u64,
    decisions: &[Decision],
    known: &dyn Known,
) -> Result<HashMap<TransactionId, Transaction>, AccountError> {
    if decisions.len() > Synced::MOST {
        return Err(AccountError::PageTooLarge(decisions.len()));
    }
    let ids: Vec<_> = decisions.iter().map(|decision| decision.id).collect();
    let mut seen = HashSet::with_capacity(ids.len());
    if let Some(twice) = ids.iter().find(|id| !seen.insert(**id)) {
        return Err(AccountError::NamedTwice(*twice));
    }
    let revisions = known.lookup(account, version, &ids).await?;
    let wanted: Vec<_> = revisions.iter().map(|(id, revision)| (*id, revision.version)).collect();
    let standing = known.revisions(account, &wanted).await?;
    if standing.len() == wanted.len() { Ok(standing) } else { Err(LookupError::Stale.into()) }
}
