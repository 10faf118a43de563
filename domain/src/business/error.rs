use super::{InvalidRetention, MonthError};
use crate::meaning::{InvalidRule, MOST_RULES};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusinessError {
    #[error("this business is already registered")]
    AlreadyRegistered,
    #[error("there is no such business; register it first")]
    NotRegistered,
    #[error("a business needs a name of 1 to 120 characters")]
    InvalidName,
    #[error("this business was erased")]
    Erased,
    #[error(transparent)]
    Team(#[from] TeamError),
    #[error(transparent)]
    Rules(#[from] RulesError),
    #[error(transparent)]
    Month(#[from] MonthError),
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error("a business says of at most {most} payments that they are not recurring", most = super::MOST_RULED_OUT)]
    TooManyRuledOut,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    #[error(transparent)]
    Invalid(InvalidRule),
    #[error("there is no such rule")]
    NoSuchRule,
    #[error("a business has at most {MOST_RULES} rules; delete some first")]
    TooMany,
    #[error("an order names every rule once; the list changed meanwhile, look again")]
    NotTheList,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    #[error("a business always has an owner: make somebody else one first")]
    LastOwner,
    #[error("there is no such member")]
    NotAMember,
    #[error("you are a member of this business already")]
    AlreadyAMember,
    #[error("this address has an open invitation; send that one again, or withdraw it")]
    AlreadyInvited,
    #[error("there are {0} open invitations; withdraw some first")]
    TooManyInvitations(usize),
    #[error("there is no such invitation")]
    NoSuchInvitation,
    #[error("this invitation was accepted or withdrawn already")]
    InvitationOver,
    /// Told alike for every reason, so that nothing is learnt by trying.
    #[error(
        "this invitation was used or withdrawn, has expired, or is for another address; sign in with the address that \
         it was sent to, or ask for a new one"
    )]
    InvitationNotValid,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordsError {
    #[error("type the name of the business as it is written")]
    NotConfirmed,
    #[error("its erasure was asked for already")]
    ErasureRequested,
    #[error("nobody asked for its erasure, or it is done")]
    NoErasure,
    #[error("its erasure is not due")]
    NotDue,
    #[error("there is a legal hold: while it stands nothing is erased")]
    Held,
    #[error("there is no legal hold")]
    NotHeld,
    #[error("say why, in 1 to 500 characters")]
    Reason,
    #[error(transparent)]
    Retention(#[from] InvalidRetention),
    #[error("this part of its history is archived already")]
    ArchivedAlready,
    #[error("its history is kept longer than that")]
    NotPast,
}
