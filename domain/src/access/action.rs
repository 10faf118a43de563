use serde::{Deserialize, Serialize};

use super::Role;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Action {
    /// One's own profile, sessions, factors and list of businesses.
    UseOwnAccount,
    /// One's own password, address, factors: what an intruder would change first.
    ChangeOwnSecurity,
    /// A new business.
    Register,
    /// Figures, transactions and the list of members of a business.
    Read,
    /// Leaving a business that one is a member of.
    Leave,
    /// The audit history of a business, its proofs and its archive of them.
    ReadAudit,
    /// Transactions into a business's accounts.
    Import,
    /// Settings, accounts and sources of a business.
    Manage,
    /// Closing a month and opening it again.
    CloseMonth,
    /// Who was invited, with the addresses that letters went to.
    ReadInvitations,
    /// Invitations, roles, and who is a member; the second factor that all of them need.
    ManageMembers,
    /// Keys for machines and secrets of partners.
    ManageKeys,
    /// Everything about a business as an archive.
    Export,
    /// Erasing a business.
    Erase,
    /// The way back from it.
    WithdrawErasure,
    /// Legal holds, and how long the history is kept.
    KeepRecords,
}

/// Who may do it. No role: it concerns no business, and anyone signed in may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub roles: &'static [Role],
    pub needs: Needs,
}

/// What must have been shown within the last ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// The second factor; of a user who has none, the password: otherwise nobody could set up the first one.
    Confirmation,
    SecondFactor,
}

const ANYONE: &[Role] = &[];
const READERS: &[Role] = &Role::ALL;
const AUDITORS: &[Role] = &[Role::Owner, Role::Auditor];
const EDITORS: &[Role] = &[Role::Owner, Role::Manager];
const OWNERS: &[Role] = &[Role::Owner];

impl Action {
    pub const ALL: [Self; 16] = [
        Self::UseOwnAccount,
        Self::ChangeOwnSecurity,
        Self::Register,
        Self::Read,
        Self::Leave,
        Self::ReadAudit,
        Self::Import,
        Self::Manage,
        Self::CloseMonth,
        Self::ReadInvitations,
        Self::ManageMembers,
        Self::ManageKeys,
        Self::Export,
        Self::Erase,
        Self::WithdrawErasure,
        Self::KeepRecords,
    ];

    /// The one table of rights.
    pub const fn rule(self) -> Rule {
        let (roles, needs) = match self {
            Self::UseOwnAccount => (ANYONE, Needs::Nothing),
            Self::ChangeOwnSecurity => (ANYONE, Needs::Confirmation),
            Self::Register => (ANYONE, Needs::Nothing),
            Self::Read | Self::Leave => (READERS, Needs::Nothing),
            Self::ReadAudit | Self::ReadInvitations => (AUDITORS, Needs::Nothing),
            Self::Import => (EDITORS, Needs::Nothing),
            Self::Manage => (EDITORS, Needs::Nothing),
            Self::CloseMonth => (OWNERS, Needs::Nothing),
            Self::ManageMembers => (OWNERS, Needs::SecondFactor),
            Self::ManageKeys => (OWNERS, Needs::SecondFactor),
            Self::Export => (OWNERS, Needs::SecondFactor),
            Self::Erase | Self::KeepRecords => (OWNERS, Needs::SecondFactor),
            Self::WithdrawErasure => (OWNERS, Needs::Nothing),
        };
        Rule { roles, needs }
    }
}
