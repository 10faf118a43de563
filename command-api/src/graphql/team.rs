//! Who works in a business: invitations, roles, and the second factor that all of them need.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, Object};
use chrono::Utc;
use domain::access::{self, Action, People, PeopleError, Principal, Subject};
use domain::business::{BusinessCommand, Fate, TeamCommand, TeamError};
use domain::{BusinessId, Code, Email, InvitationId, Problem, UserId};
use streams::{Commands, Meta};
use uuid::Uuid;

use super::invitation::{Token, letter};
use super::{Receipt, allowed, failed, meta, placed, refused};
use crate::mail::{Mailer, PageAddress};

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "access::Role")]
pub enum Role {
    Owner,
    Manager,
    Viewer,
    Auditor,
}

#[derive(Debug, Default)]
pub struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Sends a letter to the address; the receipt names the invitation.
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        email: String,
        role: Role,
    ) -> Result<Receipt, Error> {
        let on = On::managed(ctx, business)?;
        let post = Post::of(ctx)?;
        let (invitation, role): (_, access::Role) = (InvitationId::new(), role.into());
        let email: Email = email
            .parse()
            .map_err(|error: domain::InvalidEmail| refused(Problem::new(Code::Invalid, error.to_string())))?;
        let addressee = people(ctx)?.addressee(&email).await.map_err(|error| unreadable(&error))?;
        let token = Token::issue(on.business, invitation);
        let (hash, now) = (token.hash(), Utc::now());
        let invite = TeamCommand::Invite { invitation, email: email.clone(), addressee, role, token: hash, now };
        let receipt = on.order(ctx, invitation.as_uuid(), invite).await?;
        post.send(ctx, &on, email, role, &token).await?;
        Ok(receipt)
    }

    /// With a new link, for another seven days; the one before is worth nothing from here on.
    async fn resend_invitation(&self, ctx: &Context<'_>, business: Uuid, id: Uuid) -> Result<Receipt, Error> {
        let on = On::managed(ctx, business)?;
        let post = Post::of(ctx)?;
        let invitation = InvitationId::from_uuid(id);
        let known = ctx.data::<Commands>()?.business_now(on.business).await.map_err(|error| failed(&error))?;
        let open = known.team().invitations.get(invitation).filter(|known| known.fate == Fate::Open).cloned();
        let token = Token::issue(on.business, invitation);
        let resend = TeamCommand::Resend { invitation, token: token.hash(), now: Utc::now() };
        let receipt = on.order(ctx, id, resend).await?;
        // Where it is over the order was refused.
        if let Some(open) = open {
            post.send(ctx, &on, open.email, open.role, &token).await?;
        }
        Ok(receipt)
    }

    async fn withdraw_invitation(&self, ctx: &Context<'_>, business: Uuid, id: Uuid) -> Result<Receipt, Error> {
        let withdraw = TeamCommand::Withdraw { invitation: InvitationId::from_uuid(id) };
        On::managed(ctx, business)?.order(ctx, id, withdraw).await
    }

    /// For whoever is signed in with the address that the letter went to; the receipt names the business.
    async fn accept_invitation(&self, ctx: &Context<'_>, token: String) -> Result<Receipt, Error> {
        let principal = allowed(ctx, Action::UseOwnAccount, None)?;
        let user = user_of(principal)?;
        let token = Token::read(&token);
        let email = if token.is_some() { verified_email(ctx, user).await? } else { None };
        let (token, email) = match (token, email) {
            (Some(token), Some(email)) => (token, email),
            (token, _) => {
                // Whatever business it names: who may not come into one writes nothing into its history.
                let meta = meta(ctx, Meta::installation("").business, principal);
                let business = token.map(|token| token.business().as_uuid()).unwrap_or_default();
                ctx.data::<Commands>()?.declined(("business", business), "Accept", Code::Refused, &meta).await;
                return Err(not_valid());
            }
        };
        let accept =
            TeamCommand::Accept { invitation: token.invitation(), token: token.hash(), user, email, now: Utc::now() };
        let on = On { business: token.business(), principal };
        on.order(ctx, token.business().as_uuid(), accept).await
    }

    async fn change_role(&self, ctx: &Context<'_>, business: Uuid, user: Uuid, role: Role) -> Result<Receipt, Error> {
        let change = TeamCommand::ChangeRole { user: UserId::from_uuid(user), role: role.into() };
        On::managed(ctx, business)?.order(ctx, business, change).await
    }

    async fn remove_member(&self, ctx: &Context<'_>, business: Uuid, user: Uuid) -> Result<Receipt, Error> {
        let remove = TeamCommand::Remove { user: UserId::from_uuid(user) };
        On::managed(ctx, business)?.order(ctx, business, remove).await
    }

    async fn leave_business(&self, ctx: &Context<'_>, business: Uuid) -> Result<Receipt, Error> {
        let on = On::allowed(ctx, Action::Leave, business)?;
        let leave = TeamCommand::Leave { user: user_of(on.principal)? };
        on.order(ctx, business, leave).await
    }

    /// Whether every member must have shown a second factor to see anything of the business.
    async fn set_second_factor_policy(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        required: bool,
    ) -> Result<Receipt, Error> {
        On::managed(ctx, business)?.order(ctx, business, TeamCommand::RequireSecondFactor { required }).await
    }
}

/// The business that an order is about, and who gives it.
struct On<'a> {
    business: BusinessId,
    principal: &'a Principal,
}

impl<'a> On<'a> {
    fn managed(ctx: &Context<'a>, business: Uuid) -> Result<Self, Error> {
        Self::allowed(ctx, Action::ManageMembers, business)
    }

    fn allowed(ctx: &Context<'a>, action: Action, business: Uuid) -> Result<Self, Error> {
        let business = BusinessId::from_uuid(business);
        Ok(Self { business, principal: allowed(ctx, action, Some(business))? })
    }

    /// `id`: what the receipt names.
    async fn order(&self, ctx: &Context<'_>, id: Uuid, command: TeamCommand) -> Result<Receipt, Error> {
        let commands = ctx.data::<Commands>()?;
        let meta = meta(ctx, self.business, self.principal);
        placed(commands, id, commands.business(self.business, BusinessCommand::Team(command), &meta).await).await
    }
}

/// Whoever takes letters, looked for before anything is recorded: an invitation that nobody gets is none.
struct Post<'a> {
    mailer: &'a Arc<dyn Mailer>,
    page: &'a PageAddress,
}

impl<'a> Post<'a> {
    fn of(ctx: &Context<'a>) -> Result<Self, Error> {
        match (ctx.data_opt(), ctx.data_opt()) {
            (Some(mailer), Some(page)) => Ok(Self { mailer, page }),
            _ => {
                Err(refused(Problem::new(Code::Unavailable, "This installation sends no mail, so nobody is invited.")))
            }
        }
    }

    async fn send(
        &self,
        ctx: &Context<'_>,
        on: &On<'_>,
        to: Email,
        role: access::Role,
        token: &Token,
    ) -> Result<(), Error> {
        let business = ctx.data::<Commands>()?.business_now(on.business).await.map_err(|error| failed(&error))?;
        let mail = letter(to, business.name().unwrap_or_default(), role, token, self.page);
        self.mailer.send(mail).await.map_err(|error| {
            tracing::warn!(%error, business = %on.business, "an invitation was not sent");
            refused(Problem::new(
                Code::Unavailable,
                "The invitation is open, but its letter was not sent; send it again.",
            ))
        })
    }
}

/// A key acts for a business, the local owner is a member of all: both have nothing to join or to leave.
fn user_of(principal: &Principal) -> Result<UserId, Error> {
    match principal.subject {
        Subject::User(user) => Ok(user),
        Subject::LocalOwner | Subject::Key(_) | Subject::System(_) => {
            Err(refused(Problem::new(Code::Refused, "This is for users with an account; sign in as one.")))
        }
    }
}

/// None where it is not verified.
async fn verified_email(ctx: &Context<'_>, user: UserId) -> Result<Option<Email>, Error> {
    let Some(people) = ctx.data_opt::<Arc<dyn People>>() else { return Ok(None) };
    let found = people.people(&[user]).await.map_err(|error| unreadable(&error))?;
    Ok(found.into_iter().find(|person| person.email_is_verified).map(|person| person.email))
}

fn people<'a>(ctx: &Context<'a>) -> Result<&'a Arc<dyn People>, Error> {
    let none = || refused(Problem::new(Code::Unavailable, "This installation has no accounts, so nobody is invited."));
    ctx.data_opt().ok_or_else(none)
}

fn unreadable(error: &PeopleError) -> Error {
    tracing::warn!(%error, "the address of a user cannot be read");
    refused(Problem::new(Code::Unavailable, "This does not work just now; try again in a moment."))
}

fn not_valid() -> Error {
    refused(Problem::new(Code::Refused, TeamError::InvitationNotValid.to_string()))
}
