//! Why a transaction means what it means, in words.

use domain::RuleId;
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
            Some(By::Choice) | None => (None, None),
        };
        let percent = learned.as_ref().map_or(basis.percent(), |(_, percent)| *percent);
        Self {
            basis,
            percent,
            reason: reason(basis, percent, row.amount),
            rule,
            model: learned.map(|(model, _)| model),
            reported: row.decided.as_ref().map(|decided| decided.reported.clone()),
        }
    }
}

fn reason(basis: Basis, percent: u8, amount: Decimal) -> String {
    match basis {
        Basis::Choice => "Somebody of this business chose it.".to_owned(),
        Basis::Rule => "A rule of this business says so.".to_owned(),
        Basis::Provider => "Its source says so.".to_owned(),
        Basis::Learned => {
            format!("Transactions with such texts were given this category before; {percent} percent sure.")
        }
        Basis::Default if amount < Decimal::ZERO => "Nothing is known of it but that money went out.".to_owned(),
        Basis::Default => "Nothing is known of it but that money came in.".to_owned(),
    }
}
