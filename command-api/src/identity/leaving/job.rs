//! Carrying out what is due.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::business::{BusinessCommand, BusinessError, TeamCommand, TeamError};
use domain::security::SecurityEvent;
use domain::{BusinessId, Code, Email, UserId};
use streams::erasure::person;
use streams::{CommandError, Commands, Meta};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::gone;
use crate::identity::failure::Failure;
use crate::identity::{Core, Identity, mail, users};

/// Between looks at what is due.
const EVERY: Duration = Duration::from_secs(60);
const ACTOR: &str = "system:erasure";

/// Erases accounts that are due, until `stop`.
pub async fn run(identity: Identity, commands: Commands, stop: CancellationToken) {
    loop {
        if let Err(problem) = erase_due(&identity, &commands, Utc::now()).await {
            tracing::warn!(error = %problem, "an account waits to be erased");
        }
        if let Err(problem) = say_farewell(&identity).await {
            tracing::warn!(error = %problem, "the certificate of an erasure waits to be sent");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// How many accounts were erased. One whose business would lose its last owner waits.
pub async fn erase_due(identity: &Identity, commands: &Commands, now: DateTime<Utc>) -> Result<u64, domain::Problem> {
    let core = identity.core();
    let due = "select user_id from access.leaving where due_at <= $1 order by due_at";
    let due: Vec<Uuid> =
        sqlx::query_scalar(due).bind(now).fetch_all(&core.pool).await.map_err(|error| Failure::from(error).problem)?;
    let mut erased = 0;
    for user in due.into_iter().map(UserId::from_uuid) {
        erased += u64::from(erase(core, commands, user, now).await.map_err(|failure| failure.problem)?);
    }
    Ok(erased)
}

async fn erase(core: &Core, commands: &Commands, user: UserId, now: DateTime<Utc>) -> Result<bool, Failure> {
    if !super::sole_owner_of(&core.pool, user).await?.is_empty() {
        tracing::info!(%user, "the erasure of an account waits: a business has no other owner");
        return Ok(false);
    }
    let of = "select business from access.member where user_id = $1";
    let businesses: Vec<Uuid> = sqlx::query_scalar(of).bind(user.as_uuid()).fetch_all(&core.pool).await?;
    for business in businesses.into_iter().map(BusinessId::from_uuid) {
        if !leave(commands, business, user).await? {
            return Ok(false);
        }
    }
    // Withdrawn a moment ago: then nothing goes. From here on it cannot be.
    let begin = "update access.leaving set begun_at = coalesce(begun_at, now()) where user_id = $1 and due_at <= $2";
    let begun = sqlx::query(begin).bind(user.as_uuid()).bind(now).execute(&core.pool).await?;
    let Some(profile) = users::profile(core, user).await?.filter(|_| begun.rows_affected() == 1) else {
        return Ok(false);
    };
    let addresses = users::addresses(core, &profile).await?;
    forget_invitations(core, commands, &addresses).await?;
    if !person::is_decided(&core.pool, user).await? {
        let erased = core.journal.record(SecurityEvent::AccountErased { user }, &Meta::installation(ACTOR)).await;
        erased.map_err(|error| Failure::internal(&error, "the end of an account cannot be recorded"))?;
    }
    gone::delete(core, &profile, &addresses).await?;
    core.forget();
    Ok(true)
}

/// In every business that ever invited them.
async fn forget_invitations(core: &Core, commands: &Commands, emails: &[Email]) -> Result<(), Failure> {
    const INVITING: &str = "
select distinct aggregate_id::uuid from store.events where event_type = 'business.member_invited'";
    let inviting: Vec<Uuid> = sqlx::query_scalar(INVITING).fetch_all(&core.pool).await?;
    for business in inviting.into_iter().map(BusinessId::from_uuid) {
        let command = BusinessCommand::Team(TeamCommand::EraseInvitee { emails: emails.to_vec() });
        match commands.business(business, command, &Meta::new(business, ACTOR)).await {
            // Of one that was erased nobody reads an invitation.
            Ok(_) | Err(CommandError::Business(BusinessError::Erased)) => {}
            Err(error) if error.code() == Code::Internal => {
                return Err(Failure::internal(&error, "an invitation cannot be forgotten"));
            }
            Err(error) => return Err(Failure::from(error.problem())),
        }
    }
    Ok(())
}

/// Sends certificates to those whose erasure is done; how many. Then nothing knows where they went.
pub async fn say_farewell(identity: &Identity) -> Result<u64, domain::Problem> {
    let mut letters = 0;
    while gone::say_farewell(identity.core()).await.map_err(|failure| failure.problem)? {
        letters += 1;
    }
    if letters > 0 {
        mail::ring(identity.core());
    }
    Ok(letters)
}

/// Whether the user is no member any more.
async fn leave(commands: &Commands, business: BusinessId, user: UserId) -> Result<bool, Failure> {
    let command = BusinessCommand::Team(TeamCommand::Leave { user });
    match commands.business(business, command, &Meta::new(business, ACTOR)).await {
        Ok(_) | Err(CommandError::Business(BusinessError::Team(TeamError::NotAMember))) => Ok(true),
        Err(CommandError::Business(BusinessError::Team(TeamError::LastOwner))) => Ok(false),
        Err(error) if error.code() == Code::Internal => Err(Failure::internal(&error, "a membership cannot be ended")),
        Err(error) => Err(Failure::from(error.problem())),
    }
}
