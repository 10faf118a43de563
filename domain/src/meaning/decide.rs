//! The order in which it is decided what a transaction means.

use super::{Basis, By, Decided, Facts, Meaning, Ruleset};

/// What was learned says of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    pub to: Meaning,
    pub model: String,
    /// 1 to 100.
    pub percent: u8,
}

/// What should stand: `None` where it is what the source says.
pub type Verdict = Option<(Meaning, By)>;

/// A user's choice, then what is the same money, then the rules, then what the source knows, then what was learned, then what the source says
/// anyway. `standing` is what stands now; `learned` is asked only where its answer counts.
///
/// `None`: it stands as it should.
pub fn decide(
    rules: &Ruleset,
    facts: &Facts<'_>,
    standing: Option<&Decided>,
    meaning: &Meaning,
    learned: impl FnOnce() -> Option<Learned>,
) -> Option<Verdict> {
    if standing.is_some_and(|decided| matches!(decided.by, By::Choice | By::Match { .. } | By::Split(_))) {
        return None;
    }
    let knows_itself = Basis::of(None, facts.reported) == Basis::Provider;
    let verdict = match rules.ask(facts) {
        Some(rule) => Some((rule.then.clone(), By::Rule(rule.id))),
        None if knows_itself => None,
        None => learned().map(|Learned { to, model, percent }| (to, By::Learned { model, percent })),
    };
    let stands = match (&verdict, standing) {
        (None, None) => true,
        (Some((to, by)), Some(decided)) => to == meaning && *by == decided.by,
        _ => false,
    };
    (!stands).then_some(verdict)
}
