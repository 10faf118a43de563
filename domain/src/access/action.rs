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
    /// Erasing a business or a person's data.
    Erase,
}

/// Who may do it. No role: it concerns no business, and anyone signed in may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub roles: &'static [Role],
    /// The second factor must have been shown within the last ten minutes.
    pub step_up: bool,
}

const ANYONE: &[Role] = &[];
const READERS: &[Role] = &Role::ALL;
const AUDITORS: &[Role] = &[Role::Owner, Role::Auditor];
const EDITORS: &[Role] = &[Role::Owner, Role::Manager];
const OWNERS: &[Role] = &[Role::Owner];

impl Action {
    pub const ALL: [Self; 14] = [
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
    ];

    /// The one table of rights.
    pub const fn rule(self) -> Rule {
        let (roles, step_up) = match self {
            Self::UseOwnAccount => (ANYONE, false),
            Self::ChangeOwnSecurity => (ANYONE, true),
            Self::Register => (ANYONE, false),
            Self::Read | Self::Leave => (READERS, false),
            Self::ReadAudit | Self::ReadInvitations => (AUDITORS, false),
            Self::Import => (EDITORS, false),
            Self::Manage => (EDITORS, false),
            Self::CloseMonth => (OWNERS, false),
            Self::ManageMembers => (OWNERS, true),
            Self::ManageKeys => (OWNERS, true),
            Self::Export => (OWNERS, true),
            Self::Erase => (OWNERS, true),
        };
        Rule { roles, step_up }
    }
}
