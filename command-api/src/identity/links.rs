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

pub async fn make_in_tx(
    core: &Core,
    tx: &mut PgConnection,
    user: UserId,
    purpose: Purpose,
    payload: Option<&str>,
) -> Result<Opaque, Failure> {
    const MAKE: &str = "
with gone as (delete from access.mail_token where user_id = $2 and purpose = $3)
insert into access.mail_token (token_hash, user_id, purpose, payload_sealed, expires_at) values ($1, $2, $3, $4, $5)";
    let token = Opaque::generate();
    let sealed = match payload {
        Some(payload) => Some(core.sealer.seal(&context(user), payload.as_bytes()).await?),
        None => None,
    };
    sqlx::query(MAKE)
        .bind(token.hash())
        .bind(user.as_uuid())
        .bind(purpose.as_str())
        .bind(sealed)
        .bind(chrono::Utc::now() + purpose.lasts())
        .execute(tx)
        .await?;
    Ok(token)
}

/// Whether the user has one that can still be opened.
pub async fn is_alive(core: &Core, user: UserId, purpose: Purpose) -> Result<bool, Failure> {
    const ALIVE: &str = "
select exists (select from access.mail_token
    where user_id = $1 and purpose = $2 and used_at is null and expires_at > now())";
    Ok(sqlx::query_scalar(ALIVE).bind(user.as_uuid()).bind(purpose.as_str()).fetch_one(&core.pool).await?)
}

/// Whose link it is, and what it holds. It is used with that.
pub async fn take_in_tx(
    core: &Core,
    tx: &mut PgConnection,
    token: &str,
    purpose: Purpose,
) -> Result<(UserId, Option<String>), Failure> {
    const TAKE: &str = "
update access.mail_token set used_at = now()
where token_hash = $1 and purpose = $2 and used_at is null and expires_at > now() returning user_id, payload_sealed";
    let taken: Option<(Uuid, Option<Vec<u8>>)> =
        sqlx::query_as(TAKE).bind(opaque::hash(token)).bind(purpose.as_str()).fetch_optional(tx).await?;
    let (user, sealed) = taken.ok_or_else(Failure::dead_link)?;
    let user = UserId::from_uuid(user);
    let payload = match sealed {
        Some(sealed) => Some(core.sealer.open(&context(user), &sealed).await?),
        None => None,
    };
    let payload = payload.map(String::from_utf8).transpose();
    let payload = payload.map_err(|error| Failure::internal(&error.utf8_error(), "a link's payload is no text"))?;
    Ok((user, payload))
}
