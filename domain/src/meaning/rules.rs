//! Rules of a business: what they ask of a transaction, and what they make of it.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Meaning, Pattern, pattern};
use crate::personal::{Personal, Text};
use crate::{AccountId, Category, Currency, RuleId};

/// The most rules of a business: all of them are asked for every transaction, and stand in its state.
pub const MOST_RULES: usize = 200;
/// The most texts that one rule asks for.
pub const MOST_TEXTS: usize = 10;

/// Which way the money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    In,
    Out,
}

/// Everything that is asked must be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct When {
    /// Each must be found in description, counterparty or reference; see [`Pattern`]. They name people: sealed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<Sign>,
    /// Without sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub min_amount: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub max_amount: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The category that the source itself says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Category>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    pub when: When,
    pub then: Meaning,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    #[error("a rule asks for something: a text, an account, a direction, an amount, a currency or a category")]
    AsksNothing,
    #[error("a rule asks for at most {MOST_TEXTS} texts")]
    TooManyTexts,
    #[error("a text of a rule has 2 to {most} letters besides its stars", most = pattern::MOST_LETTERS)]
    Text,
    #[error("the amounts of a rule have no sign, and the least is not above the most")]
    Amounts,
}

impl When {
    /// # Errors
    /// Where it asks for nothing, or for what no transaction can have.
    pub fn check(&self) -> Result<(), InvalidRule> {
        if *self == Self::default() {
            return Err(InvalidRule::AsksNothing);
        }
        if self.text.len() > MOST_TEXTS {
            return Err(InvalidRule::TooManyTexts);
        }
        let letters = |text: &String| text.chars().filter(|c| *c != '*').count();
        if self.text.iter().any(|text| !(2..=pattern::MOST_LETTERS).contains(&letters(text))) {
            return Err(InvalidRule::Text);
        }
        let signed = [self.min_amount, self.max_amount].into_iter().flatten().any(|amount| amount < Decimal::ZERO);
        let crossed = self.min_amount.zip(self.max_amount).is_some_and(|(least, most)| least > most);
        if signed || crossed { Err(InvalidRule::Amounts) } else { Ok(()) }
    }
}

impl Personal for When {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        self.text.iter_mut().for_each(|text| visit(Text::Required(text)));
    }
}

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub account: AccountId,
    pub amount: Decimal,
    pub currency: Currency,
    /// What the source itself says.
    pub reported: &'a Category,
    /// By [`super::words_of`].
    pub words: &'a str,
}

/// The rules of a business, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Ruleset(Vec<(Rule, Vec<Pattern>)>);

impl Ruleset {
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        let ready = |rule: Rule| {
            let patterns = rule.when.text.iter().map(|text| Pattern::new(text)).collect();
            (rule, patterns)
        };
        Self(rules.into_iter().map(ready).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, id: RuleId) -> bool {
        self.0.iter().any(|(rule, _)| rule.id == id)
    }

    /// The first that matches.
    pub fn ask(&self, facts: &Facts<'_>) -> Option<&Rule> {
        let matching = self.0.iter().find(|(rule, patterns)| matches(&rule.when, patterns, facts));
        matching.map(|(rule, _)| rule)
    }
}

fn matches(when: &When, patterns: &[Pattern], facts: &Facts<'_>) -> bool {
    let amount = facts.amount.abs();
    let way = if facts.amount < Decimal::ZERO { Sign::Out } else { Sign::In };
    when.account.is_none_or(|account| account == facts.account)
        && when.sign.is_none_or(|sign| sign == way && !facts.amount.is_zero())
        && when.min_amount.is_none_or(|least| least <= amount)
        && when.max_amount.is_none_or(|most| amount <= most)
        && when.currency.is_none_or(|currency| currency == facts.currency)
        && when.reported.as_ref().is_none_or(|category| category == facts.reported)
        && patterns.iter().all(|pattern| pattern.is_in(facts.words))
}
