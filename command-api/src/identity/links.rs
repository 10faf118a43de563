//! Links in mails: for one purpose, once, for a while. A new one of a purpose replaces the one before.

use chrono::TimeDelta;
use domain::UserId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Core;
use super::failure::Failure;
use super::opaque::{self, Opaque};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Reset,
    Email,
    Unlock,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Email => "email",
            Self::Unlock => "unlock",
        }
    }

    const fn lasts(self) -> TimeDelta {
        match self {
            Self::Reset => TimeDelta::hours(1),
            Self::Email | Self::Unlock => TimeDelta::hours(24),
        }
    }
}

fn context(user: UserId) -> String {
    format!("mail_token:{user}")
}

/// A link that is about to be made.
pub struct NewLink {
    pub token: Opaque,
    user: UserId,
    purpose: Purpose,
    sealed: Option<Vec<u8>>,
}

pub async fn prepare(core: &Core, user: UserId, purpose: Purpose, payload: Option<&str>) -> Result<NewLink, Failure> {
    let sealed = match payload {
        Some(payload) => Some(core.sealer.seal(&context(user), payload.as_bytes()).await?),
        None => None,
    };
    Ok(NewLink { token: Opaque::generate(), user, purpose, sealed })
}

impl NewLink {
    pub async fn make_in_tx(self, tx: &mut PgConnection) -> Result<(), Failure> {
        const MAKE: &str = "
with gone as (delete from access.mail_token where user_id = $2 and purpose = $3)
insert into access.mail_token (token_hash, user_id, purpose, payload_sealed, expires_at) values ($1, $2, $3, $4, $5)";
        sqlx::query(MAKE)
            .bind(self.token.hash())
            .bind(self.user.as_uuid())
            .bind(self.purpose.as_str())
            .bind(self.sealed)
            .bind(chrono::Utc::now() + self.purpose.lasts())
            .execute(tx)
            .await?;
        Ok(())
    }
}

/// Whether the user has one that can still be opened.
pub async fn is_alive(core: &Core, user: UserId, purpose: Purpose) -> Result<bool, Failure> {
    const ALIVE: &str = "
select exists (select from access.mail_token
    where user_id = $1 and purpose = $2 and used_at is null and expires_at > now())";
    Ok(sqlx::query_scalar(ALIVE).bind(user.as_uuid()).bind(purpose.as_str()).fetch_one(&core.pool).await?)
}

/// Whose link it is, and what it holds. It can be used after that.
pub async fn read(core: &Core, token: &str, purpose: Purpose) -> Result<(UserId, Option<String>), Failure> {
    const READ: &str = "
select user_id, payload_sealed from access.mail_token
where token_hash = $1 and purpose = $2 and used_at is null and expires_at > now()";
    let read: Option<(Uuid, Option<Vec<u8>>)> =
        sqlx::query_as(READ).bind(opaque::hash(token)).bind(purpose.as_str()).fetch_optional(&core.pool).await?;
    let (user, sealed) = read.ok_or_else(Failure::dead_link)?;
    let user = UserId::from_uuid(user);
    let payload = match sealed {
        Some(sealed) => Some(core.sealer.open(&context(user), &sealed).await?),
        None => None,
    };
    let payload = payload.map(String::from_utf8).transpose();
    let payload = payload.map_err(|error| Failure::internal(&error.utf8_error(), "a link's payload is no text"))?;
    Ok((user, payload))
}

/// Of many who open it at once, one does.
pub async fn use_in_tx(tx: &mut PgConnection, token: &str, purpose: Purpose) -> Result<(), Failure> {
    const USE: &str = "
update access.mail_token set used_at = now()
where token_hash = $1 and purpose = $2 and used_at is null and expires_at > now()";
    let used = sqlx::query(USE).bind(opaque::hash(token)).bind(purpose.as_str()).execute(tx).await?;
    if used.rows_affected() == 0 {
        return Err(Failure::dead_link());
    }
    Ok(())
}
