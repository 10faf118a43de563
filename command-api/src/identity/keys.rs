//! Keys of machines: of one business, with a role and a list of actions, until they expire or are revoked.
//!
//! 256 random bits behind `wdk_`, of which the hash is kept and the beginning shown, so that its owner tells it from
//! others. A key can do what its role may and its list names, and nothing that asks for a second factor.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Action, Needs, Origin, Role};
use domain::security::SecurityEvent;
use domain::{BusinessId, Code, KeyId};
use streams::Meta;
use uuid::Uuid;

use super::Core;
use super::failure::Failure;
use super::opaque::{self, Opaque};
use super::principals::KEY_PREFIX;

/// Characters of a key that are shown: `wdk_` and eight more, which leaves 208 bits.
const SHOWN: usize = 12;
const MOST_NAME: usize = 100;
/// Of keys of one business that are valid.
const MOST_KEYS: i64 = 100;
/// What the name is sealed as.
const NAME: &str = "access.api_key.name";
const LASTS: TimeDelta = TimeDelta::days(90);
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What a machine may be trusted with: of all actions, those on a business that need no person.
pub const ACTIONS: [Action; 4] = [Action::Read, Action::ReadAudit, Action::Import, Action::Manage];

#[derive(Debug, Clone)]
pub struct NewKey {
    pub name: String,
    pub role: Role,
    pub scopes: Vec<Action>,
    pub expires_at: DateTime<Utc>,
}

impl NewKey {
    /// `scopes` empty: all that the role may.
    pub fn try_new(
        name: &str,
        role: Role,
        scopes: Vec<Action>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<Self, Failure> {
        let refused = |why: &str| Failure::new(Code::Refused, why);
        let (name, now) = (name.trim(), Utc::now());
        if name.is_empty() || name.chars().count() > MOST_NAME || name.chars().any(char::is_control) {
            return Err(refused("A key has a name, by which its owner knows what it is for."));
        }
        if role == Role::Owner {
            return Err(refused("A key is a MANAGER, a VIEWER or an AUDITOR; what an owner may needs a person."));
        }
        let possible = of_role(role);
        if !scopes.iter().all(|scope| possible.contains(scope)) {
            return Err(refused("A key does only what its role may and needs no person."));
        }
        let expires_at = expires_at.unwrap_or(now + LASTS);
        if expires_at <= now || expires_at > now + LONGEST {
            return Err(refused("A key expires in the future, within a year."));
        }
        let scopes = if scopes.is_empty() { possible } else { scopes };
        Ok(Self { name: name.to_owned(), role, scopes, expires_at })
    }
}

fn of_role(role: Role) -> Vec<Action> {
    let may = |action: &Action| action.rule().roles.contains(&role) && action.rule().needs == Needs::Nothing;
    ACTIONS.into_iter().filter(may).collect()
}

/// The action of a stored name; none for one that this version no longer has.
pub fn action(name: &str) -> Option<Action> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

fn name_of(action: Action) -> Option<String> {
    serde_json::to_value(action).ok()?.as_str().map(str::to_owned)
}

/// The key, which is never seen again. `by`: a subject.
pub async fn make(
    core: &Core,
    business: BusinessId,
    new: &NewKey,
    by: &str,
    origin: &Origin,
) -> Result<(KeyId, Opaque), Failure> {
    const MAKE: &str = "
insert into access.api_key (id, business, role, scopes, name_sealed, prefix, key_hash, made_by, expires_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9
where (select count(*) from access.api_key
       where business = $2 and revoked_at is null and (expires_at is null or expires_at > now())) < $10";
    let (id, key) = (KeyId::new(), Opaque::prefixed(KEY_PREFIX));
    let scopes: Vec<String> = new.scopes.iter().filter_map(|scope| name_of(*scope)).collect();
    let name_sealed = seal_name(core, business, id.as_uuid(), &new.name).await?;
    let mut change = core.change_as(Meta::new(business, by), origin).await?;
    let made = sqlx::query(MAKE)
        .bind(id.as_uuid())
        .bind(business.as_uuid())
        .bind(new.role.as_str())
        .bind(scopes)
        .bind(name_sealed)
        .bind(shown(&key))
        .bind(opaque::hash(key.expose()))
        .bind(by)
        .bind(new.expires_at)
        .bind(MOST_KEYS)
        .execute(&mut *change)
        .await?;
    if made.rows_affected() == 0 {
        return Err(Failure::new(
            Code::Refused,
            format!("A business has at most {MOST_KEYS} keys. Revoke some first."),
        ));
    }
    let (role, scopes, expires_at) = (new.role, new.scopes.clone(), Some(new.expires_at));
    change.record(SecurityEvent::KeyMade { key: id, role, scopes, expires_at }).await?;
    change.commit().await?;
    Ok((id, key))
}

/// How a key begins.
pub fn shown(key: &Opaque) -> &str {
    &key.expose()[..SHOWN]
}

#[derive(Debug, sqlx::FromRow)]
pub struct Listed {
    pub id: Uuid,
    pub name: String,
    pub prefix: String,
    pub role: String,
    pub scopes: Vec<String>,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub used_at: Option<DateTime<Utc>>,
    name_sealed: Option<String>,
}

/// Those of a business that are not revoked, the newest first; what was is in the audit history.
pub async fn list(core: &Core, business: BusinessId) -> Result<Vec<Listed>, Failure> {
    const LIST: &str = "
select id, coalesce(name, '') as name, name_sealed, prefix, role, scopes, made_by, made_at, expires_at, used_at
from access.api_key where business = $1 and revoked_at is null order by made_at desc, id limit 1000";
    let mut listed: Vec<Listed> = sqlx::query_as(LIST).bind(business.as_uuid()).fetch_all(&core.pool).await?;
    for key in &mut listed {
        if let Some(sealed) = key.name_sealed.take() {
            key.name = open_name(core, business, key.id, &sealed).await?;
        }
    }
    Ok(listed)
}

/// The name is the business's, and goes with it.
async fn seal_name(core: &Core, business: BusinessId, id: Uuid, name: &str) -> Result<String, Failure> {
    let sealed = core.keys.of_business(business).seal(NAME, id, name.as_bytes()).await;
    sealed.map_err(|error| Failure::internal(&error, "the name of a key cannot be sealed"))
}

pub async fn open_name(core: &Core, business: BusinessId, id: Uuid, sealed: &str) -> Result<String, Failure> {
    let opened = core.keys.of_business(business).open(NAME, id, sealed).await;
    let opened = opened.map_err(|error| Failure::internal(&error, "the name of a key cannot be opened"))?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

/// Seals names of before.
pub async fn reseal(core: &Core, at_once: i64) -> Result<(), Failure> {
    const OLD: &str = "select id, business, name from access.api_key where name is not null order by id limit $1";
    const ANEW: &str = "update access.api_key set name_sealed = $2, name = null where id = $1";
    let old: Vec<(Uuid, Uuid, String)> = sqlx::query_as(OLD).bind(at_once).fetch_all(&core.pool).await?;
    for (id, business, name) in old {
        let sealed = seal_name(core, BusinessId::from_uuid(business), id, &name).await?;
        sqlx::query(ANEW).bind(id).bind(sealed).execute(&core.pool).await?;
    }
    Ok(())
}

/// Whether the business had such a key that was valid.
pub async fn revoke(core: &Core, business: BusinessId, key: KeyId, by: &str, origin: &Origin) -> Result<bool, Failure> {
    const REVOKE: &str = "
update access.api_key set revoked_at = now() where id = $1 and business = $2 and revoked_at is null";
    let mut change = core.change_as(Meta::new(business, by), origin).await?;
    let revoke = sqlx::query(REVOKE).bind(key.as_uuid()).bind(business.as_uuid());
    let revoked = revoke.execute(&mut *change).await?.rows_affected() == 1;
    if revoked {
        change.record(SecurityEvent::KeyRevoked { key }).await?;
    }
    change.commit().await?;
    core.forget();
    Ok(revoked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(role: Role, scopes: &[Action], days: i64) -> Result<NewKey, Failure> {
        NewKey::try_new("Till", role, scopes.to_vec(), Some(Utc::now() + TimeDelta::days(days)))
    }

    #[test]
    fn a_key_does_what_its_role_may_and_needs_no_person() {
        use Action::*;
        assert_eq!(new(Role::Manager, &[], 30).unwrap().scopes, [Read, Import, Manage]);
        assert_eq!(new(Role::Auditor, &[], 30).unwrap().scopes, [Read, ReadAudit]);
        assert!(new(Role::Viewer, &[Read], 30).is_ok());
        for (role, scope) in [(Role::Viewer, Import), (Role::Manager, ManageKeys), (Role::Manager, UseOwnAccount)] {
            assert!(new(role, &[scope], 30).is_err(), "{role} {scope:?}");
        }
        assert!(new(Role::Owner, &[Read], 30).is_err());
        assert!(new(Role::Viewer, &[Read], 400).is_err());
        assert!(new(Role::Viewer, &[Read], -1).is_err());
        assert!(ACTIONS.iter().all(|action| self::action(&name_of(*action).unwrap()) == Some(*action)));
    }
}
