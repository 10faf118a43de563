use serde::{Deserialize, Serialize};

use super::invitations::{Fate, Invitation, Invitations, LASTS};
use super::members::Members;
use super::{BusinessEvent, TeamCommand, TeamError};

/// Who works in a business, and who was asked to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    pub members: Members,
    pub invitations: Invitations,
    pub needs_second_factor: bool,
}

impl Team {
    /// The event that follows from a command; none where nothing would change.
    pub(super) fn decide(&self, command: TeamCommand) -> Result<Option<BusinessEvent>, TeamError> {
        use BusinessEvent as Event;
        Ok(match command {
            TeamCommand::Invite { invitation, email, addressee, role, token, now } => {
                self.invitations.may_invite(&email, now)?;
                let (addressee, expires_at) = (Some(addressee), now + LASTS);
                Some(Event::MemberInvited { invitation, email, addressee, role, token, expires_at })
            }
            TeamCommand::Resend { invitation, token, now } => {
                self.invitations.to_resend(invitation)?;
                Some(Event::InvitationResent { invitation, token, expires_at: now + LASTS })
            }
            TeamCommand::Withdraw { invitation } => {
                self.invitations.to_withdraw(invitation)?.then_some(Event::InvitationWithdrawn { invitation })
            }
            TeamCommand::EraseInvitee { emails } => match self.invitations.to_any(&emails) {
                none if none.is_empty() => None,
                invitations => Some(Event::InviteeErased { invitations }),
            },
            TeamCommand::Accept { invitation, token, user, email, now } => {
                let role = self.invitations.to_accept(invitation, &token, &email, now)?;
                if self.members.role(user).is_some() {
                    return Err(TeamError::AlreadyAMember);
                }
                Some(Event::MemberJoined { user, role, invitation: Some(invitation) })
            }
            TeamCommand::ChangeRole { user, role } => match self.members.role(user).ok_or(TeamError::NotAMember)? {
                was if was == role => None,
                _ => Some(Event::RoleChanged { user, was: self.members.give_up(user)?, role }),
            },
            TeamCommand::Remove { user } => {
                self.members.give_up(user)?;
                Some(Event::MemberRemoved { user })
            }
            TeamCommand::Leave { user } => {
                self.members.give_up(user)?;
                Some(Event::MemberLeft { user })
            }
            TeamCommand::RequireSecondFactor { required } => {
                (required != self.needs_second_factor).then_some(Event::SecondFactorPolicyChanged { required })
            }
        })
    }

    /// Events of others change nothing here.
    pub(super) fn apply(&mut self, event: BusinessEvent) {
        match event {
            BusinessEvent::MemberInvited { invitation, email, addressee: _, role, token, expires_at } => {
                self.invitations.put(invitation, Invitation { email, role, expires_at, fate: Fate::Open, token });
            }
            BusinessEvent::InvitationResent { invitation, token, expires_at } => {
                self.invitations.change(invitation, |known| (known.token, known.expires_at) = (token, expires_at));
            }
            BusinessEvent::InvitationWithdrawn { invitation } => {
                self.invitations.change(invitation, |known| known.fate = Fate::Withdrawn);
            }
            BusinessEvent::InviteeErased { invitations } => self.invitations.forget(&invitations),
            BusinessEvent::MemberJoined { user, role, invitation } => {
                self.members.put(user, role);
                if let Some(invitation) = invitation {
                    self.invitations.change(invitation, |known| known.fate = Fate::Accepted);
                }
            }
            BusinessEvent::RoleChanged { user, was: _, role } => self.members.put(user, role),
            BusinessEvent::MemberRemoved { user } | BusinessEvent::MemberLeft { user } => self.members.drop(user),
            BusinessEvent::SecondFactorPolicyChanged { required } => self.needs_second_factor = required,
            // Of others.
            _ => {}
        }
    }
}
