//! Who works in a business, and who was asked to.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::{self, Action, People, Person, authorise};
use domain::business::{self, Fate};
use domain::security::SealedField;
use domain::{BusinessId, Code, InvitationId, Problem, UserId};
use streams::Commands;
use uuid::Uuid;

use super::cost;
use super::principal;
use crate::Failure;
use crate::reader::Reader;
use crate::views::{self, MemberRow};

/// Role of a member, as `command-api` names it too.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "access::Role")]
pub enum Role {
    Owner,
    Manager,
    Viewer,
    Auditor,
}

/// What became of an invitation.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
pub enum InvitationState {
    Open,
    Accepted,
    Withdrawn,
    /// Nobody came within seven days; it can be sent again.
    Expired,
}

/// A member. Name and address are those of the account now; empty where it is gone.
#[derive(Debug, Clone, SimpleObject)]
pub struct Member {
    user: Uuid,
    name: String,
    email: String,
    role: Role,
    since: DateTime<Utc>,
    last_seen: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, SimpleObject)]
pub struct Invitation {
    id: Uuid,
    email: String,
    role: Role,
    expires_at: DateTime<Utc>,
    state: InvitationState,
}

pub struct Team {
    pub business: BusinessId,
}

#[Object]
impl Team {
    /// What the viewer is in this business; a key is what it was made as. As it stands now.
    async fn viewer_role(&self, ctx: &Context<'_>) -> Result<Role> {
        let principal = principal(ctx)?;
        authorise(principal, Action::Read, Some(self.business))?;
        let membership = principal.membership(self.business);
        let role = membership.map(|membership| membership.role.into());
        role.ok_or_else(|| Problem::new(Code::NotFound, "There is no such business.").into())
    }

    /// Every member must have shown a second factor to see anything of the business. As it stands now.
    async fn needs_second_factor(&self, ctx: &Context<'_>) -> Result<bool> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        Ok(self.now(ctx).await?.team().needs_second_factor)
    }

    /// Owners first. The local owner is a member of every business and listed in none. As they stand now.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        principal(ctx)?.viewed(SealedField::Address, self.business);
        let rows = views::members(ctx.data::<Reader>()?.pool(), self.business).await.map_err(Failure::from)?;
        let mut people = people(ctx, &rows).await?;
        Ok(rows.iter().map(|row| member(row, people.remove(&row.user))).collect())
    }

    /// Newest first. As they stand now.
    #[graphql(complexity = "cost::list(5, child_complexity)")]
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Vec<Invitation>> {
        authorise(principal(ctx)?, Action::ReadInvitations, Some(self.business))?;
        principal(ctx)?.viewed(SealedField::Address, self.business);
        let (business, now) = (self.now(ctx).await?, Utc::now());
        let mut invitations: Vec<_> =
            business.team().invitations.iter().map(|(id, one)| invitation(id, one, now)).collect();
        // Ids are ordered by when they were made.
        invitations.reverse();
        Ok(invitations)
    }
}

impl Team {
    async fn now(&self, ctx: &Context<'_>) -> Result<business::Business> {
        let now = ctx.data::<Commands>()?.business_now(self.business).await;
        Ok(now.map_err(|error| {
            tracing::error!(%error, business = %self.business, "a business cannot be read");
            Problem::new(error.code(), "This cannot be read just now. Nothing is lost; try again.")
        })?)
    }
}

async fn people(ctx: &Context<'_>, rows: &[MemberRow]) -> Result<HashMap<UserId, Person>> {
    let Some(known) = ctx.data_opt::<Arc<dyn People>>() else { return Ok(HashMap::new()) };
    let ids: Vec<_> = rows.iter().map(|row| row.user).collect();
    let people = known.people(&ids).await.map_err(|error| {
        tracing::error!(%error, "members cannot be named");
        Problem::new(Code::Unavailable, "Members cannot be named just now; try again.")
    })?;
    Ok(people.into_iter().map(|person| (person.id, person)).collect())
}

fn member(row: &MemberRow, person: Option<Person>) -> Member {
    let (name, email, last_seen) = match person {
        Some(person) => (person.name, person.email.expose().to_owned(), person.last_seen),
        None => Default::default(),
    };
    Member { user: row.user.as_uuid(), name, email, role: row.role.into(), since: row.since, last_seen }
}

fn invitation(id: InvitationId, one: &business::Invitation, now: DateTime<Utc>) -> Invitation {
    let state = match one.fate {
        Fate::Accepted => InvitationState::Accepted,
        Fate::Withdrawn => InvitationState::Withdrawn,
        Fate::Open if one.is_open(now) => InvitationState::Open,
        Fate::Open => InvitationState::Expired,
    };
    let email = one.email.expose().to_owned();
    Invitation { id: id.as_uuid(), email, role: one.role.into(), expires_at: one.expires_at, state }
}
