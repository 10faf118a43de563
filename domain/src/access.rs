//! The one place that says who may do what. Every handler, field and subscription passes [`authorise`].

use serde::{Deserialize, Serialize};

use crate::{BusinessId, Code, Problem};

/// Who asks. A later version knows members and roles; today there is the local owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// A stable name for the audit history, e.g. `owner`.
    pub subject: String,
    pub role: Role,
}

impl Principal {
    /// The person who can read the data folder of this installation.
    pub fn local_owner() -> Self {
        Self { subject: "owner".to_owned(), role: Role::Owner }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    Owner,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Figures, transactions and events of a business.
    Read,
    /// Transactions into a business's accounts.
    Import,
    /// Settings, accounts and sources of a business.
    Manage,
    /// A new business.
    Register,
}

/// Allows or refuses `action`, on `business` where it concerns one.
pub fn authorise(principal: &Principal, action: Action, business: Option<BusinessId>) -> Result<(), Problem> {
    match (principal.role, action, business) {
        (Role::Owner, Action::Register, None)
        | (Role::Owner, Action::Read, _)
        | (Role::Owner, Action::Import | Action::Manage, Some(_)) => Ok(()),
        _ => Err(Problem::new(Code::Forbidden, "Your session does not allow this.")),
    }
}
