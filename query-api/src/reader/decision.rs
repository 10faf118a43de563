//! Why a transaction means what it means, in words.

use domain::RuleId;
use domain::matching::{Match, Relation};
use domain::meaning::{Basis, By, Meaning};
use rust_decimal::Decimal;

use crate::views::TransactionRow;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub basis: Basis,
    /// 1 to 100.
    pub percent: u8,
    pub reason: String,
    pub rule: Option<RuleId>,
    pub model: Option<String>,
    /// What the source says, where something else stands over it.
    pub reported: Option<Meaning>,
}

impl Decision {
    pub fn of(row: &TransactionRow) -> Self {
        let basis = match (&row.decided, row.category.parse()) {
            (decided, Ok(category)) => Basis::of(decided.as_ref(), &category),
            (_, Err(_)) => Basis::Provider,
        };
        let by = row.decided.as_ref().map(|decided| &decided.by);
        let (rule, learned) = match by {
            Some(By::Rule(rule)) => (Some(*rule), None),
            Some(By::Learned { model, percent }) => (None, Some((model.clone(), *percent))),
            Some(By::Choice | By::Split(_) | By::Match { .. }) | None => (None, None),
        };
        // What parts stand over decides nothing while they stand.
        let matched = by.and_then(By::matched).filter(|_| row.split().is_none());
        let percent = learned.as_ref().map(|(_, percent)| *percent).or(matched.map(|found| found.percent));
        let percent = match by {
            Some(By::Match { accepted: true, .. }) => Basis::Choice.percent(),
            _ => percent.unwrap_or_else(|| basis.percent()),
        };
        Self {
            basis,
            percent,
            reason: match row.split() {
                Some(split) => format!("Somebody of this business split it in {}.", split.parts.len()),
                None => matched.map_or_else(|| reason(basis, percent, row.amount), reason_of_match),
            },
            rule,
            model: learned.map(|(model, _)| model),
            reported: row.decided.as_ref().map(|decided| decided.reported.clone()),
        }
    }
}

fn reason_of_match(found: &Match) -> String {
    let what = match found.relation {
        Relation::Transfer => "It is a transfer between own accounts.",
        Relation::CardSettlement => "It settles a card of this business.",
        Relation::Payout => "It is a payout of what was sold, which is counted where it was sold.",
        Relation::Sale => "The shop counts this sale.",
        Relation::BookEntry => "It is the entry of the books for money that is counted where it moved.",
        Relation::Duplicate => "The same line is counted in another account.",
    };
    what.to_owned()
}

fn reason(basis: Basis, percent: u8, amount: Decimal) -> String {
    match basis {
        Basis::Choice => "Somebody of this business chose it.".to_owned(),
        Basis::Match => "It is the same money as another transaction.".to_owned(),
        Basis::Rule => "A rule of this business says so.".to_owned(),
        Basis::Provider => "Its source says so.".to_owned(),
        Basis::Learned => {
            format!("Transactions with such texts were given this category before; {percent} percent sure.")
        }
        Basis::Default if amount < Decimal::ZERO => "Nothing is known of it but that money went out.".to_owned(),
        Basis::Default => "Nothing is known of it but that money came in.".to_owned(),
    }
}
