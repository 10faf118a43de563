//! The end of an account: asked for, taken back within the grace, and carried out.
//!
//! **Guarantee.** What names the person goes: addresses, name, factors, sessions with their addresses and devices, letters
//! that wait, and what businesses show of an invitation to them. The log and its histories keep the id, which then names
//! nobody. A business never loses its last owner. Keys and certificate are the job's that erases businesses, too
//! ([`streams::erasure::person`]); the certificate comes with the last letter.
//!
//! **On failure.** Memberships and invitations end one by one, then everything else in one transaction; what was cut off
//! is done again.

mod archive;
mod gone;
mod invited;
mod job;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{BusinessId, UserId};
use sqlx::PgExecutor;
use uuid::Uuid;

pub use archive::gather;
pub use job::{erase_due, run, say_farewell};

use super::failure::Failure;

/// The longest time between the request and the erasure.
pub const GRACE: TimeDelta = TimeDelta::days(30);

/// That somebody asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    pub requested_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

pub async fn find(executor: impl PgExecutor<'_>, user: UserId) -> Result<Option<Leaving>, Failure> {
    let found: Option<(DateTime<Utc>, DateTime<Utc>)> =
        sqlx::query_as("select requested_at, due_at from access.leaving where user_id = $1")
            .bind(user.as_uuid())
            .fetch_optional(executor)
            .await?;
    Ok(found.map(|(requested_at, due_at)| Leaving { requested_at, due_at }))
}

/// Whether it was asked for only now.
pub async fn request(executor: impl PgExecutor<'_>, user: UserId, due_at: DateTime<Utc>) -> Result<bool, Failure> {
    let asked = "insert into access.leaving (user_id, due_at) values ($1, $2) on conflict do nothing";
    let asked = sqlx::query(asked).bind(user.as_uuid()).bind(due_at).execute(executor).await?;
    Ok(asked.rows_affected() == 1)
}

/// Whether there was anything to take back, and still could be.
pub async fn withdraw(executor: impl PgExecutor<'_>, user: UserId) -> Result<bool, Failure> {
    let gone = "delete from access.leaving where user_id = $1 and begun_at is null";
    Ok(sqlx::query(gone).bind(user.as_uuid()).execute(executor).await?.rows_affected() == 1)
}

/// Businesses that have no other owner, and are not to be erased themselves.
pub async fn sole_owner_of(executor: impl PgExecutor<'_>, user: UserId) -> Result<Vec<BusinessId>, Failure> {
    const ALONE: &str = "
select mine.business from access.member mine
where mine.user_id = $1 and mine.role = 'OWNER'
  and not exists (select from access.member other
                  where other.business = mine.business and other.role = 'OWNER' and other.user_id <> $1)
order by mine.business";
    let alone: Vec<Uuid> = sqlx::query_scalar(ALONE).bind(user.as_uuid()).fetch_all(executor).await?;
    Ok(alone.into_iter().map(BusinessId::from_uuid).collect())
}
