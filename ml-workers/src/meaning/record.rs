//! Decisions become commands.

use std::collections::BTreeMap;

use domain::account::{AccountCommand, Decision, Synced};
use domain::meaning::{Decided, Facts, Meaning, decide};
use domain::{AccountId, BusinessId, Currency, TransactionId};
use rust_decimal::Decimal;
use streams::{Commands, Meta};

use super::Failure;
use super::brain::Brain;

/// Who decides, as the log names it.
pub(super) const ACTOR: &str = "system:meaning";

/// What is decided about.
pub(super) struct Seen<'a> {
    pub id: TransactionId,
    pub account: AccountId,
    pub amount: Decimal,
    pub currency: Currency,
    pub meaning: &'a Meaning,
    pub decided: Option<&'a Decided>,
    pub words: &'a str,
}

/// Decisions by account.
#[derive(Default)]
pub(super) struct Decisions(BTreeMap<AccountId, Vec<Decision>>);

impl Decisions {
    pub fn look(&mut self, brain: &Brain, seen: &Seen<'_>) {
        let reported = seen.decided.map_or(seen.meaning, |decided| &decided.reported);
        let facts = Facts {
            account: seen.account,
            amount: seen.amount,
            currency: seen.currency,
            reported: &reported.category,
            words: seen.words,
        };
        let learned = || brain.learned(&facts);
        let Some(verdict) = decide(&brain.rules, &facts, seen.decided, seen.meaning, learned) else { return };
        let decision = match (verdict, seen.decided) {
            (Some((to, by)), _) => Decision { id: seen.id, by, to: Some(to) },
            (None, Some(decided)) => Decision { id: seen.id, by: decided.by.clone(), to: None },
            (None, None) => return,
        };
        self.0.entry(seen.account).or_default().push(decision);
    }

    /// # Errors
    /// What may succeed later. What an account refuses is passed over.
    pub async fn record(self, commands: &Commands, business: BusinessId, cause: i64) -> Result<(), Failure> {
        for (account, decisions) in self.0 {
            for decisions in decisions.chunks(Synced::MOST) {
                let command = AccountCommand::Recategorise { decisions: decisions.to_vec(), note: None };
                let meta = Meta { causation: Some(format!("position:{cause}")), ..Meta::new(business, ACTOR) };
                match commands.account(account, command, &meta).await {
                    Ok(_) => {}
                    Err(error) if crate::may_pass(error.code()) => return Err(error.into()),
                    Err(error) => tracing::debug!(%account, %error, "an account takes no decision"),
                }
            }
        }
        Ok(())
    }
}
