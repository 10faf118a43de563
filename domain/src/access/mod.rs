//! Who may do what. Every handler, field, command and subscription passes [`authorise`]; no handler decides for itself.
//!
//! [`Role`] and the table in [`Action::rule`] are the whole of it: to see what a viewer may do, read that table.

mod action;
mod origin;
mod people;
mod place;
mod principal;
mod recorder;
mod role;
#[cfg(test)]
mod tests;

pub use action::{Action, Needs, Rule};
pub use origin::Origin;
pub use people::{People, PeopleError, Person};
pub use place::{Place, PlaceKind, Places};
pub use principal::{Assurance, Membership, Principal, SessionId, Subject, UnknownSubject};
pub use recorder::{Recorder, Refused, Told, Viewed};
pub use role::{Role, UnknownRole};

use crate::{BusinessId, Code, Problem};

/// Allows or refuses `action`, on `business` where it concerns one.
///
/// A business of others is told as one that does not exist. Where the role suffices but the sign-in does not, the
/// refusal is [`Code::SecondFactor`], so that a page can ask for it and go on. Whoever records refusals is told.
pub fn authorise(principal: &Principal, action: Action, business: Option<BusinessId>) -> Result<(), Problem> {
    decide(principal, action, business).inspect_err(|problem| principal.refused(action, business, problem.code))
}

/// The same as a question: nothing was asked for, so nothing is refused or recorded.
pub fn may(principal: &Principal, action: Action, business: BusinessId) -> bool {
    decide(principal, action, Some(business)).is_ok()
}

fn decide(principal: &Principal, action: Action, business: Option<BusinessId>) -> Result<(), Problem> {
    let rule = action.rule();
    if !principal.has_scope(action) {
        return Err(Problem::new(Code::Forbidden, "This key was not made for that."));
    }
    match business {
        None if rule.roles.is_empty() => {}
        Some(business) if !rule.roles.is_empty() => on_business(principal, rule, business)?,
        _ => return Err(forbidden()),
    }
    let missing = match rule.needs {
        Needs::Confirmation if !principal.assurance.is_confirmed() => {
            "Confirm first that it is you: with your second factor or, without one, your password. It counts for ten minutes."
        }
        Needs::SecondFactor if !principal.assurance.is_stepped_up() => {
            "Confirm with your second factor first; it counts for ten minutes."
        }
        _ => return Ok(()),
    };
    Err(Problem::new(Code::SecondFactor, missing))
}

/// What concerns no business alone, for whoever may do `action` in at least one.
pub fn authorise_anywhere(principal: &Principal, action: Action) -> Result<(), Problem> {
    match principal.memberships() {
        None => Ok(()),
        Some(memberships) if memberships.keys().any(|business| may(principal, action, *business)) => Ok(()),
        Some(_) => {
            principal.refused(action, None, Code::Forbidden);
            Err(forbidden())
        }
    }
}

/// What concerns the installation as a whole, for whoever runs it.
pub fn authorise_installation(principal: &Principal) -> Result<(), Problem> {
    authorise(principal, Action::UseOwnAccount, None)?;
    if principal.memberships().is_some() {
        principal.refused(Action::ReadAudit, None, Code::Forbidden);
        return Err(Problem::new(Code::Forbidden, "This is for whoever runs the installation."));
    }
    Ok(())
}

fn on_business(principal: &Principal, rule: Rule, business: BusinessId) -> Result<(), Problem> {
    let Some(membership) = principal.membership(business) else {
        return Err(Problem::new(Code::NotFound, "There is no such business."));
    };
    if !rule.roles.contains(&membership.role) {
        return Err(forbidden());
    }
    if membership.needs_second_factor && !principal.assurance.has_second_factor() {
        let detail =
            "This business asks for a second factor. Set one up under Settings, Security, then sign in with it.";
        return Err(Problem::new(Code::SecondFactor, detail));
    }
    Ok(())
}

fn forbidden() -> Problem {
    Problem::new(Code::Forbidden, "Your role does not allow this.")
}
