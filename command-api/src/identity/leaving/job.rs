//! Carrying out what is due.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::access::Origin;
use domain::business::{BusinessCommand, BusinessError, TeamCommand, TeamError};
use domain::security::SecurityEvent;
use domain::{BusinessId, Code, Email, UserId};
use sqlx::PgConnection;
use streams::{CommandError, Commands, Meta};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::identity::failure::Failure;
use crate::identity::mail::{self, Letter};
use crate::identity::{Core, Identity, users};

/// Between looks at what is due.
const EVERY: Duration = Duration::from_secs(60);
const ACTOR: &str = "system:erasure";

/// Erases accounts that are due, until `stop`.
pub async fn run(identity: Identity, commands: Commands, stop: CancellationToken) {
    loop {
        if let Err(problem) = erase_due(&identity, &commands, Utc::now()).await {
            tracing::warn!(error = %problem, "an account waits to be erased");
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
    let profile = users::profile(core, user).await?;
    core.note_as(SecurityEvent::AccountErased { user }, ACTOR.to_owned(), &Origin::default()).await;
    let mut tx = core.pool.begin().await?;
    // Withdrawn a moment ago: then nothing goes.
    let still = "select user_id from access.leaving where user_id = $1 and due_at <= $2 for update";
    let still: Option<Uuid> = sqlx::query_scalar(still).bind(user.as_uuid()).bind(now).fetch_optional(&mut *tx).await?;
    if still.is_none() {
        return Ok(false);
    }
    if let Some(profile) = &profile {
        forget_address_in_tx(core, &mut tx, &profile.email).await?;
        let letter = Letter::AccountErased.to(&profile.email, &core.settings.base_url);
        mail::enqueue_in_tx(core, &mut tx, letter).await?;
    }
    sqlx::query("delete from erasure.owner where user_id = $1").bind(user.as_uuid()).execute(&mut *tx).await?;
    // Sessions, factors, links and ceremonies go with it.
    sqlx::query("delete from access.user_account where id = $1").bind(user.as_uuid()).execute(&mut *tx).await?;
    tx.commit().await?;
    core.forget();
    mail::ring(core);
    Ok(true)
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

/// Letters that wait, and registrations: both hold the address, sealed.
async fn forget_address_in_tx(core: &Core, tx: &mut PgConnection, email: &Email) -> Result<(), Failure> {
    sqlx::query("delete from access.registration where email_hash = $1")
        .bind(users::email_hash(&*core.sealer, email))
        .execute(&mut *tx)
        .await?;
    mail::forget_in_tx(core, tx, email).await
}
