//! Sessions: begun by a sign-in, kept alive by refresh tokens, ended by their owner, by reuse or by time.
//!
//! A refresh token is used once and replaced. One that comes twice was copied: the whole session ends. Only within
//! ten seconds, as when two tabs ask at once, the second is told that the first has it, and gets nothing.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Origin, Subject};
use domain::security::{Factor, SecurityEvent, SessionEnd};
use domain::{Code, UserId};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::change::Change;
use super::failure::Failure;
use super::mail::{self, Letter};
use super::opaque::{self, Opaque};
use super::used_from::{self, UsedFrom};
use super::{Core, tokens, users};

/// A person's session ends after this, whatever happens.
const LONGEST: TimeDelta = TimeDelta::days(30);
/// The local owner prints a new link instead.
const LONGEST_LOCAL: TimeDelta = TimeDelta::hours(12);
/// A refresh token that was not used for so long is dead.
const IDLE: TimeDelta = TimeDelta::days(7);
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// What a browser is given.
#[derive(Debug)]
pub struct Issued {
    pub session: Uuid,
    pub access: String,
    pub refresh: Opaque,
    pub ends_at: DateTime<Utc>,
}

/// What was shown when the session began.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    pub password: bool,
    pub second_factor: bool,
}

/// A session that is about to begin: its tokens are made, and where it is used from is sealed.
pub struct Beginning {
    issued: Issued,
    user: Option<UserId>,
    shown: Shown,
    origin_sealed: Option<Vec<u8>>,
}

pub async fn prepare(core: &Core, user: Option<UserId>, shown: Shown, origin: &Origin) -> Result<Beginning, Failure> {
    let session = Uuid::now_v7();
    let ends_at = Utc::now() + if user.is_some() { LONGEST } else { LONGEST_LOCAL };
    let origin_sealed = used_from::seal(core, (session, user), origin, None).await?;
    let access = tokens::issue(core, session, &subject(user), ends_at).await?;
    let issued = Issued { session, access, refresh: Opaque::generate(), ends_at };
    Ok(Beginning { issued, user, shown, origin_sealed })
}

impl Beginning {
    pub async fn begin(self, change: &mut Change<'_>, factors: Vec<Factor>) -> Result<Issued, Failure> {
        const BEGIN: &str = "
insert into access.session (id, user_id, ends_at, origin_sealed, confirmed_at, second_factor_at)
values ($1, $2, $3, $4, case when $5 then now() end, case when $6 then now() end)";
        let Self { issued, user, shown, origin_sealed } = self;
        sqlx::query(BEGIN)
            .bind(issued.session)
            .bind(user.map(UserId::as_uuid))
            .bind(issued.ends_at)
            .bind(origin_sealed)
            .bind(shown.password)
            .bind(shown.second_factor)
            .execute(&mut **change)
            .await?;
        add_token(change, issued.session, &issued.refresh).await?;
        change.record(SecurityEvent::SignedIn { user, session: issued.session, factors }).await?;
        Ok(issued)
    }
}

fn subject(user: Option<UserId>) -> Subject {
    user.map_or(Subject::LocalOwner, Subject::User)
}

async fn add_token(tx: &mut PgConnection, session: Uuid, token: &Opaque) -> Result<(), Failure> {
    sqlx::query("insert into access.refresh_token (token_hash, session) values ($1, $2)")
        .bind(token.hash())
        .bind(session)
        .execute(tx)
        .await?;
    Ok(())
}

/// The next token for one that is used for the first time. One that comes again ends its session.
pub async fn refresh(core: &Core, token: &str, origin: &Origin) -> Result<Issued, Failure> {
    const FIND: &str = "
select r.session, r.made_at, r.used_at, s.user_id, s.ends_at, s.origin_sealed from access.refresh_token r
join access.session s on s.id = r.session
where r.token_hash = $1 and s.ended_at is null and s.ends_at > now()";
    let (hash, now) = (opaque::hash(token), Utc::now());
    let found = sqlx::query(FIND).bind(&hash).fetch_optional(&core.pool).await?;
    let found = found.ok_or_else(Failure::unauthenticated)?;
    let (session, ends_at): (Uuid, DateTime<Utc>) = (found.try_get("session")?, found.try_get("ends_at")?);
    let user: Option<UserId> = found.try_get::<Option<Uuid>, _>("user_id")?.map(UserId::from_uuid);
    if let Some(used_at) = found.try_get::<Option<DateTime<Utc>>, _>("used_at")? {
        if now - used_at < GRACE {
            return Err(renewed());
        }
        end_stolen(core, session, user, origin).await?;
        return Err(Failure::unauthenticated());
    }
    if now - found.try_get::<DateTime<Utc>, _>("made_at")? > IDLE {
        return Err(Failure::unauthenticated());
    }
    let before: Option<Vec<u8>> = found.try_get("origin_sealed")?;
    let origin_sealed = used_from::seal(core, (session, user), origin, before.as_deref()).await?;
    let access = tokens::issue(core, session, &subject(user), ends_at).await?;
    let refresh = Opaque::generate();
    let mut tx = core.pool.begin().await?;
    use_token(&mut tx, &hash).await?;
    add_token(&mut tx, session, &refresh).await?;
    touch(&mut tx, session, origin_sealed).await?;
    tx.commit().await?;
    Ok(Issued { session, access, refresh, ends_at })
}

fn renewed() -> Failure {
    Failure::new(Code::Conflict, "This session was renewed a moment ago, by another tab perhaps.")
}

/// Of many who show it at once, one does.
async fn use_token(tx: &mut PgConnection, hash: &[u8]) -> Result<(), Failure> {
    let used = "update access.refresh_token set used_at = now() where token_hash = $1 and used_at is null";
    match sqlx::query(used).bind(hash).execute(tx).await?.rows_affected() {
        0 => Err(renewed()),
        _ => Ok(()),
    }
}

/// Its owner is told, once.
async fn end_stolen(core: &Core, session: Uuid, user: Option<UserId>, origin: &Origin) -> Result<(), Failure> {
    let profile = match user {
        Some(user) => users::profile(core, user).await?,
        None => None,
    };
    let letter = match &profile {
        Some(profile) => Some(mail::write(core, &profile.email, Letter::SessionStolen).await?),
        None => None,
    };
    let mut change = core.change(user, origin).await?;
    if end_in_tx(&mut change, user, session, SessionEnd::Reuse).await?
        && let Some(letter) = letter
    {
        change.send(letter).await?;
    }
    change.commit().await?;
    core.forget();
    Ok(())
}

async fn touch(tx: &mut PgConnection, session: Uuid, origin_sealed: Option<Vec<u8>>) -> Result<(), Failure> {
    const TOUCH: &str = "
update access.session set used_at = now(), origin_sealed = coalesce($2, origin_sealed) where id = $1";
    sqlx::query(TOUCH).bind(session).bind(origin_sealed).execute(tx).await?;
    Ok(())
}

fn reason(end: SessionEnd) -> String {
    serde_json::to_value(end).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether there was such a session of that user (none: of the local owner).
async fn end_in_tx(
    change: &mut Change<'_>,
    user: Option<UserId>,
    session: Uuid,
    why: SessionEnd,
) -> Result<bool, Failure> {
    const END: &str = "
update access.session set ended_at = now(), end_reason = $3
where id = $1 and user_id is not distinct from $2 and ended_at is null";
    let end = sqlx::query(END).bind(session).bind(user.map(UserId::as_uuid)).bind(reason(why));
    let ended = end.execute(&mut **change).await?.rows_affected() == 1;
    if ended {
        change.record(SecurityEvent::SessionEnded { user, session, reason: why }).await?;
    }
    Ok(ended)
}

/// Ends every session of a user but `except`, as what else changes asks for it.
pub async fn revoke_all(change: &mut Change<'_>, user: UserId, except: Option<Uuid>) -> Result<(), Failure> {
    const END: &str = "
update access.session set ended_at = now(), end_reason = $3
where user_id = $1 and ended_at is null and ($2::uuid is null or id <> $2) returning id";
    let why = SessionEnd::Revoked;
    let end = sqlx::query_scalar(END).bind(user.as_uuid()).bind(except).bind(reason(why));
    let ended: Vec<Uuid> = end.fetch_all(&mut **change).await?;
    for session in ended {
        change.record(SecurityEvent::SessionEnded { user: Some(user), session, reason: why }).await?;
    }
    Ok(())
}

/// Whether there was such a session of that user (none: of the local owner).
pub async fn end(
    core: &Core,
    user: Option<UserId>,
    session: Uuid,
    why: SessionEnd,
    origin: &Origin,
) -> Result<bool, Failure> {
    let mut change = core.change(user, origin).await?;
    let ended = end_in_tx(&mut change, user, session, why).await?;
    change.commit().await?;
    core.forget();
    Ok(ended)
}

/// One line of the list of sessions.
#[derive(Debug)]
pub struct Listed {
    pub id: Uuid,
    pub from: UsedFrom,
    pub begun_at: DateTime<Utc>,
    pub used_at: DateTime<Utc>,
}

/// Those that are alive, the last used first.
pub async fn list(core: &Core, user: Option<UserId>) -> Result<Vec<Listed>, Failure> {
    const LIST: &str = "
select id, origin_sealed, begun_at, used_at from access.session
where user_id is not distinct from $1 and ended_at is null and ends_at > now() order by used_at desc limit 200";
    let rows = sqlx::query(LIST).bind(user.map(UserId::as_uuid)).fetch_all(&core.pool).await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = row.try_get("id")?;
        let from = used_from::open(core, (id, user), row.try_get("origin_sealed")?).await?;
        listed.push(Listed { id, from, begun_at: row.try_get("begun_at")?, used_at: row.try_get("used_at")? });
    }
    Ok(listed)
}

/// The password, or the second factor, was shown again.
pub async fn confirm_in_tx(tx: &mut PgConnection, session: Uuid, shown: Shown) -> Result<(), Failure> {
    const CONFIRM: &str = "
update access.session set confirmed_at = case when $2 then now() else confirmed_at end,
    second_factor_at = case when $3 then now() else second_factor_at end where id = $1";
    sqlx::query(CONFIRM).bind(session).bind(shown.password).bind(shown.second_factor).execute(tx).await?;
    Ok(())
}

/// Deletes what has run out, once in a while.
pub async fn clean(core: &Core) -> Result<(), Failure> {
    for statement in [
        "delete from access.session where ends_at < now() or ended_at < now() - interval '1 day'",
        "delete from access.refresh_token where made_at < now() - interval '8 days'",
        "delete from access.registration where expires_at < now()",
        "delete from access.mail_token where expires_at < now()",
        "delete from access.pending_sign_in where expires_at < now()",
        "delete from access.ceremony where expires_at < now()",
        "delete from access.attempt where last_at < now() - interval '2 days'",
        "delete from access.letter where made_at < now() - interval '2 days'",
        "delete from access.sign_in_link where expires_at < now() - interval '1 day'",
    ] {
        sqlx::query(statement).execute(&core.pool).await?;
    }
    Ok(())
}

/// The living session of a refresh token, used or not.
pub async fn of_refresh_token(core: &Core, token: &str) -> Result<Option<(Uuid, Option<UserId>)>, Failure> {
    const FIND: &str = "
select s.id, s.user_id from access.refresh_token r join access.session s on s.id = r.session
where r.token_hash = $1 and s.ended_at is null";
    let found: Option<(Uuid, Option<Uuid>)> =
        sqlx::query_as(FIND).bind(opaque::hash(token)).fetch_optional(&core.pool).await?;
    Ok(found.map(|(session, user)| (session, user.map(UserId::from_uuid))))
}
