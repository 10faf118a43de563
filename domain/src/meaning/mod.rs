//! What a transaction means, and who says so.
//!
//! Its source says something of every transaction ([`crate::Transaction::reported`]). A choice of a user's, a rule of
//! the business's or what was learned from choices may stand over that; it is recorded with the transaction, so that
//! folds need neither rules nor texts to compute a figure.

mod decide;
mod pattern;
mod rules;
mod split;
#[cfg(test)]
mod tests;
mod tree;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use decide::{Learned, Verdict, decide};
pub use pattern::{MOST_LETTERS, Pattern, words_of};
pub use rules::{Facts, InvalidRule, MOST_RULES, MOST_TEXTS, Rule, Ruleset, Sign, When};
pub use split::{LEAST_PARTS, MOST_PARTS, Part, Share, Split, shares};
pub(crate) use tree::says_nothing;
pub use tree::{Node, TREE, label, usual_kind};

use crate::matching::Match;
use crate::{Category, Kind, MatchId, RuleId};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Meaning {
    pub kind: Kind,
    pub category: Category,
}

/// What stands over what the source says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decided {
    pub by: By,
    /// What the source itself says.
    pub reported: Meaning,
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A user, of this transaction.
    Choice,
    Rule(RuleId),
    /// What was learned from the business's own choices.
    Learned {
        /// Names what was learned from which choices: the same name, the same decisions.
        model: String,
        /// 1 to 100.
        percent: u8,
    },
    /// It is the same money as another transaction, which is counted.
    Match {
        found: Box<Match>,
        /// A user said so.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        accepted: bool,
    },
    /// A user, of each part of this transaction.
    Split(Box<Split>),
}

impl By {
    /// Also where a split stands over it.
    pub fn matched(&self) -> Option<&Match> {
        match self {
            Self::Match { found, .. } => Some(found),
            Self::Split(split) => split.under.as_deref().and_then(Self::matched),
            _ => None,
        }
    }
}

/// What a meaning rests on, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    Choice,
    Match,
    Rule,
    Provider,
    Learned,
    /// Nothing but the direction of the money is known.
    Default,
}

impl Basis {
    /// What `meaning` rests on.
    pub fn of(decided: Option<&Decided>, category: &Category) -> Self {
        match decided.map(|decided| &decided.by) {
            Some(By::Choice | By::Split(_)) => Self::Choice,
            Some(By::Match { .. }) => Self::Match,
            Some(By::Rule(_)) => Self::Rule,
            Some(By::Learned { .. }) => Self::Learned,
            None if says_nothing(category) => Self::Default,
            None => Self::Provider,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::Match => "match",
            Self::Rule => "rule",
            Self::Provider => "provider",
            Self::Learned => "learned",
            Self::Default => "default",
        }
    }

    /// How sure a meaning is, in percent, where it was not learned. What a person said is certain; a rule may match
    /// what its writer did not think of; a default says the direction only.
    pub const fn percent(self) -> u8 {
        match self {
            Self::Choice => 100,
            Self::Match | Self::Rule => 99,
            Self::Provider => 90,
            Self::Learned => 50,
            Self::Default => 10,
        }
    }
}

impl Decided {
    /// Whether `by` may take its place: what a person chose or split is nobody else's to change, and what was matched
    /// is no rule's.
    pub const fn yields_to(&self, by: &By) -> bool {
        match (&self.by, by) {
            (By::Choice | By::Split(_), By::Match { accepted, .. }) => *accepted,
            (By::Choice | By::Split(_), by) => matches!(by, By::Choice),
            // What a user accepted is not the matcher's to give up.
            (By::Match { accepted: by_user, .. }, By::Match { accepted, .. }) => *accepted || !*by_user,
            (By::Match { .. }, by) => matches!(by, By::Choice),
            _ => true,
        }
    }

    /// The match that it stands by.
    pub fn matched(&self) -> Option<MatchId> {
        self.by.matched().map(|found| found.id)
    }
}
