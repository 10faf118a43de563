//! Who asks: made from what is stored, for each request.
//!
//! What was read is remembered for two seconds, and forgotten at once when a session, a membership, a factor or a key
//! changes: the tables tell every process. Should a message be lost, two seconds are the longest that a right lasts
//! after it was taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Action, Assurance, Membership, Origin, Principal, Role};
use domain::security::{KeyFault, SecurityEvent, TokenFault};
use domain::{BusinessId, KeyId, UserId};
use sqlx::Row;
use sqlx::postgres::PgRow;
use streams::Meta;
use uuid::Uuid;

use super::failure::Failure;
use super::{Core, opaque, tokens};

/// How long a confirmation counts.
const STEPPED_UP: TimeDelta = TimeDelta::minutes(10);
/// What API keys begin with, so that they are found where they should not lie.
pub const KEY_PREFIX: &str = "wdk_";

/// A valid session or key; an extension of the request.
#[derive(Debug, Clone)]
pub struct Session {
    /// Of the session or the key.
    pub id: Uuid,
    pub principal: Principal,
    /// When it is over at the latest.
    pub ends_at: DateTime<Utc>,
    /// Whether the local owner or a user is behind it, and not a key.
    pub is_person: bool,
}

/// What is stored of it; the principal follows from it and the time.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub id: Uuid,
    who: Who,
    pub ends_at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
enum Who {
    LocalOwner,
    User {
        id: UserId,
        confirmed_at: Option<DateTime<Utc>>,
        second_factor_at: Option<DateTime<Utc>>,
        has_factor: bool,
        memberships: BTreeMap<BusinessId, Membership>,
    },
    Key(Box<Principal>),
}

impl Stored {
    pub fn session(&self, now: DateTime<Utc>) -> Session {
        let principal = match &self.who {
            Who::LocalOwner => Principal::local_owner(),
            Who::User { id, memberships, .. } => Principal::user(*id, self.assurance(now), memberships.clone()),
            Who::Key(principal) => (**principal).clone(),
        };
        Session { id: self.id, principal, ends_at: self.ends_at, is_person: !matches!(self.who, Who::Key(_)) }
    }

    fn assurance(&self, now: DateTime<Utc>) -> Assurance {
        let Who::User { confirmed_at, second_factor_at, has_factor, .. } = &self.who else {
            return Assurance::SteppedUp;
        };
        let fresh = |at: &Option<DateTime<Utc>>| at.is_some_and(|at| now - at < STEPPED_UP);
        match second_factor_at {
            Some(_) if fresh(second_factor_at) => Assurance::SteppedUp,
            Some(_) => Assurance::TwoFactors,
            None if !has_factor && fresh(confirmed_at) => Assurance::Confirmed,
            None => Assurance::OneFactor,
        }
    }

    /// Whether an open socket may go on as it began.
    pub fn reaches_as_much_as(&self, then: &Self) -> bool {
        match (&self.who, &then.who) {
            (Who::LocalOwner, Who::LocalOwner) => true,
            (Who::User { memberships: now, .. }, Who::User { memberships: then, .. }) => now == then,
            (Who::Key(now), Who::Key(then)) => now == then,
            _ => false,
        }
    }
}

/// Why a token or key opens nothing; whoever shows it is told the same of all.
#[derive(Debug)]
pub(super) enum Rejected {
    Token(TokenFault),
    Key {
        fault: KeyFault,
        /// Which it is, and whose.
        known: Option<(KeyId, BusinessId)>,
    },
    /// Its session has ended, as a page finds out that was open meanwhile.
    Over,
    Failed(Failure),
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<sqlx::Error> for Rejected {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Failed(failure) => failure,
            _ => Self::unauthenticated(),
        }
    }
}

impl Rejected {
    /// What the journal is told. A key that was is told to the business that it belonged to.
    pub fn told(&self) -> Option<(SecurityEvent, Meta)> {
        match self {
            Self::Token(reason) => {
                Some((SecurityEvent::TokenRefused { reason: *reason }, Meta::installation("anonymous")))
            }
            Self::Key { fault, known: Some((key, business)) } => {
                let event = SecurityEvent::KeyRefused { key: Some(*key), reason: *fault };
                Some((event, Meta::new(*business, format!("key:{key}"))))
            }
            Self::Key { fault, known: None } => {
                Some((SecurityEvent::KeyRefused { key: None, reason: *fault }, Meta::installation("anonymous")))
            }
            Self::Over | Self::Failed(_) => None,
        }
    }
}

/// The session or key of a bearer token or cookie. `origin`: where it was shown.
pub(super) async fn of_token(core: &Core, token: &str, origin: &Origin) -> Result<Arc<Stored>, Rejected> {
    let hash: [u8; 32] = opaque::hash(token).try_into().map_err(|_| Failure::unauthenticated())?;
    let now = Utc::now();
    if let Some((stored, _)) = core.cache.get(&hash).filter(|(_, expires)| *expires > now) {
        return Ok(stored);
    }
    let epoch = core.epoch();
    let (stored, expires) = if token.starts_with(KEY_PREFIX) {
        let stored = load_key(core, &hash, origin).await?;
        let ends = stored.ends_at;
        (stored, ends)
    } else {
        let claims = tokens::read(core, token).await?.map_err(Rejected::Token)?;
        let stored = load_sessions(core, &[claims.sid]).await?.pop().ok_or(Rejected::Over)?;
        if stored.session(now).principal.subject.to_string() != claims.sub {
            return Err(Rejected::Token(TokenFault::Forged));
        }
        let expires = DateTime::from_timestamp(claims.exp, 0).unwrap_or(now);
        (stored, expires)
    };
    let stored = Arc::new(stored);
    // What was read before a change is not remembered after it.
    if core.epoch() == epoch {
        core.cache.insert(hash, (Arc::clone(&stored), expires));
    }
    Ok(stored)
}

const SESSIONS: &str = "
with used as (
    update access.session set used_at = now()
    where id = any($1) and ended_at is null and used_at < now() - $2::interval)
select s.id, s.user_id, s.ends_at, s.confirmed_at, s.second_factor_at,
    exists (select from access.totp t where t.user_id = s.user_id and t.confirmed_at is not null)
        or exists (select from access.passkey p where p.user_id = s.user_id) has_factor,
    array(select m.business from access.membership m where m.user_id = s.user_id order by m.business) businesses,
    array(select m.role from access.membership m where m.user_id = s.user_id order by m.business) roles,
    array(select m.needs_second_factor from access.membership m where m.user_id = s.user_id order by m.business) needs
from access.session s where s.id = any($1) and s.ended_at is null and s.ends_at > now()";

/// Those of `ids` that are alive.
pub(super) async fn load_sessions(core: &Core, ids: &[Uuid]) -> Result<Vec<Stored>, Failure> {
    let interval = sqlx::postgres::types::PgInterval { months: 0, days: 0, microseconds: 60_000_000 };
    let rows = sqlx::query(SESSIONS).bind(ids).bind(interval).fetch_all(&core.pool).await?;
    rows.iter().map(session).collect()
}

fn session(row: &PgRow) -> Result<Stored, Failure> {
    let who = match row.try_get::<Option<Uuid>, _>("user_id")? {
        None => Who::LocalOwner,
        Some(id) => Who::User {
            id: UserId::from_uuid(id),
            confirmed_at: row.try_get("confirmed_at")?,
            second_factor_at: row.try_get("second_factor_at")?,
            has_factor: row.try_get("has_factor")?,
            memberships: memberships(row)?,
        },
    };
    Ok(Stored { id: row.try_get("id")?, who, ends_at: row.try_get("ends_at")? })
}

fn memberships(row: &PgRow) -> Result<BTreeMap<BusinessId, Membership>, Failure> {
    let businesses: Vec<Uuid> = row.try_get("businesses")?;
    let (roles, needs): (Vec<String>, Vec<bool>) = (row.try_get("roles")?, row.try_get("needs")?);
    let mut memberships = BTreeMap::new();
    for ((business, role), needs_second_factor) in businesses.into_iter().zip(&roles).zip(needs) {
        let role = Role::from_str(role).map_err(|error| Failure::internal(&error, "a membership has no role"))?;
        memberships.insert(BusinessId::from_uuid(business), Membership { role, needs_second_factor });
    }
    Ok(memberships)
}

const KEY: &str = "
select k.id, k.business, k.role, k.scopes, k.expires_at,
    k.used_at is null or k.used_at < now() - interval '1 minute' as is_rested
from access.api_key k
where (k.key_hash = $1 or k.id = any($2)) and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())";

async fn load_key(core: &Core, hash: &[u8], origin: &Origin) -> Result<Stored, Rejected> {
    let row = sqlx::query(KEY).bind(hash).bind(Vec::<Uuid>::new()).fetch_optional(&core.pool).await?;
    let Some(row) = row else { return Err(what_was(core, hash).await?) };
    let stored = key(&row)?;
    if row.try_get("is_rested")? {
        let (key, business) = (KeyId::from_uuid(stored.id), BusinessId::from_uuid(row.try_get("business")?));
        use_key(core, key, business, origin).await?;
    }
    Ok(stored)
}

/// Written at most once a minute; the first use in an hour is told the journal, or the key is not used.
async fn use_key(core: &Core, key: KeyId, business: BusinessId, origin: &Origin) -> Result<(), Failure> {
    const USED: &str = "
update access.api_key k set used_at = now() from (select id, used_at from access.api_key where id = $1 for update) was
where k.id = was.id and (was.used_at is null or was.used_at < now() - interval '1 minute')
returning was.used_at is null or was.used_at < now() - interval '1 hour'";
    let mut change = core.change_as(Meta::new(business, format!("key:{key}")), origin).await?;
    let first: Option<bool> = sqlx::query_scalar(USED).bind(key.as_uuid()).fetch_optional(&mut *change).await?;
    if first == Some(true) {
        change.record(SecurityEvent::KeyUsed { key }).await?;
    }
    change.commit().await
}

/// Why a key is not valid.
async fn what_was(core: &Core, hash: &[u8]) -> Result<Rejected, Failure> {
    const WAS: &str = "select id, business, revoked_at is not null from access.api_key where key_hash = $1";
    let was: Option<(Uuid, Uuid, bool)> = sqlx::query_as(WAS).bind(hash).fetch_optional(&core.pool).await?;
    let Some((key, business, revoked)) = was else {
        return Ok(Rejected::Key { fault: KeyFault::Unknown, known: None });
    };
    let fault = if revoked { KeyFault::Revoked } else { KeyFault::Expired };
    Ok(Rejected::Key { fault, known: Some((KeyId::from_uuid(key), BusinessId::from_uuid(business))) })
}

/// Those of `ids` that are valid.
pub(super) async fn load_keys(core: &Core, ids: &[Uuid]) -> Result<Vec<Stored>, Failure> {
    sqlx::query(KEY).bind(Vec::<u8>::new()).bind(ids).fetch_all(&core.pool).await?.iter().map(key).collect()
}

fn key(row: &PgRow) -> Result<Stored, Failure> {
    let id: Uuid = row.try_get("id")?;
    let role = Role::from_str(row.try_get("role")?).map_err(|error| Failure::internal(&error, "a key has no role"))?;
    let names: Vec<String> = row.try_get("scopes")?;
    let scopes: BTreeSet<Action> = names.iter().filter_map(|name| super::keys::action(name)).collect();
    let business = BusinessId::from_uuid(row.try_get("business")?);
    let principal = Principal::key(KeyId::from_uuid(id), business, role, scopes);
    let ends_at = row.try_get::<Option<DateTime<Utc>>, _>("expires_at")?.unwrap_or(DateTime::<Utc>::MAX_UTC);
    Ok(Stored { id, who: Who::Key(Box::new(principal)), ends_at })
}
