use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::TeamError;
use crate::UserId;
use crate::access::Role;

/// Who is what. Once there was an owner there always is one.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members(BTreeMap<UserId, Role>);

impl Members {
    pub fn role(&self, user: UserId) -> Option<Role> {
        self.0.get(&user).copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = (UserId, Role)> + '_ {
        self.0.iter().map(|(user, role)| (*user, *role))
    }

    pub(super) fn put(&mut self, user: UserId, role: Role) {
        self.0.insert(user, role);
    }

    pub(super) fn drop(&mut self, user: UserId) {
        self.0.remove(&user);
    }

    /// The role that a member gives up; refused to the last owner.
    pub(super) fn give_up(&self, user: UserId) -> Result<Role, TeamError> {
        let role = self.role(user).ok_or(TeamError::NotAMember)?;
        let others = self.iter().any(|(other, role)| other != user && role == Role::Owner);
        if role == Role::Owner && !others { Err(TeamError::LastOwner) } else { Ok(role) }
    }
}
