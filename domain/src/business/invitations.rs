use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{TeamError, TokenHash};
use crate::access::Role;
use crate::{Email, InvitationId};

/// How long a token is good.
pub const LASTS: TimeDelta = TimeDelta::days(7);
/// So many may be open at once: each is a letter to a stranger.
pub const MOST_OPEN: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub email: Email,
    pub role: Role,
    pub expires_at: DateTime<Utc>,
    pub fate: Fate,
    pub(super) token: TokenHash,
}

/// What became of it. One that is open may have expired; it can still be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    Open,
    Accepted,
    Withdrawn,
}

impl Invitation {
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.fate == Fate::Open && now < self.expires_at
    }
}

/// Everyone who was ever asked in.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitations(BTreeMap<InvitationId, Invitation>);

impl Invitations {
    pub fn iter(&self) -> impl Iterator<Item = (InvitationId, &Invitation)> + '_ {
        self.0.iter().map(|(id, invitation)| (*id, invitation))
    }

    pub fn get(&self, id: InvitationId) -> Option<&Invitation> {
        self.0.get(&id)
    }

    pub(super) fn put(&mut self, id: InvitationId, invitation: Invitation) {
        self.0.insert(id, invitation);
    }

    pub(super) fn change(&mut self, id: InvitationId, change: impl FnOnce(&mut Invitation)) {
        if let Some(invitation) = self.0.get_mut(&id) {
            change(invitation);
        }
    }

    /// Those that went to one of these addresses.
    pub(super) fn to_any(&self, emails: &[Email]) -> Vec<InvitationId> {
        let theirs = self.0.iter().filter(|(_, invitation)| emails.contains(&invitation.email));
        theirs.map(|(id, _)| *id).collect()
    }

    /// Whom they went to is nobody any more, and can accept nothing.
    pub(super) fn forget(&mut self, ids: &[InvitationId]) {
        for id in ids {
            self.change(*id, |known| {
                known.email = Email::erased();
                if known.fate == Fate::Open {
                    known.fate = Fate::Withdrawn;
                }
            });
        }
    }

    /// Whether another one may be sent to this address.
    pub(super) fn may_invite(&self, email: &Email, now: DateTime<Utc>) -> Result<(), TeamError> {
        let open = self.0.values().filter(|invitation| invitation.is_open(now));
        if open.clone().any(|invitation| invitation.email == *email) {
            return Err(TeamError::AlreadyInvited);
        }
        if open.count() >= MOST_OPEN { Err(TeamError::TooManyInvitations(MOST_OPEN)) } else { Ok(()) }
    }

    /// One that can be sent again, also after it has expired.
    pub(super) fn to_resend(&self, id: InvitationId) -> Result<(), TeamError> {
        let invitation = self.get(id).ok_or(TeamError::NoSuchInvitation)?;
        if invitation.fate == Fate::Open { Ok(()) } else { Err(TeamError::InvitationOver) }
    }

    /// Whether there is something to withdraw: twice is as good as once.
    pub(super) fn to_withdraw(&self, id: InvitationId) -> Result<bool, TeamError> {
        match self.get(id).ok_or(TeamError::NoSuchInvitation)?.fate {
            Fate::Open => Ok(true),
            Fate::Withdrawn => Ok(false),
            Fate::Accepted => Err(TeamError::InvitationOver),
        }
    }

    /// The role that whoever holds this token, and reads mail at this address, is invited to.
    pub(super) fn to_accept(
        &self,
        id: InvitationId,
        token: &TokenHash,
        email: &Email,
        now: DateTime<Utc>,
    ) -> Result<Role, TeamError> {
        let invitation = self.get(id).filter(|invitation| invitation.is_open(now));
        let invitation = invitation.filter(|invitation| invitation.token == *token && invitation.email == *email);
        invitation.map(|invitation| invitation.role).ok_or(TeamError::InvitationNotValid)
    }
}
