//! The accounts of people. Address and name lie sealed in the row, with a key of the person's own; an address is found by
//! its keyed hash.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::access::{Origin, People, PeopleError, Person};
use domain::security::{CredentialChange, Factor, SecurityEvent};
use domain::{AddresseeId, Code, Email, Problem, UserId};
use sqlx::{PgConnection, Row};
use streams::Meta;
use uuid::Uuid;

use super::change::Change;
use super::failure::Failure;
use super::seal::Sealer;
use super::{Core, Identity, own};

const MOST_NAME: usize = 100;

/// What the user shows others.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    pub id: UserId,
    pub email: Email,
    pub name: String,
}

/// What sign-in needs.
pub struct Credentials {
    pub id: UserId,
    pub password_hash: Option<String>,
}

/// A name as it is kept: something, on one line, not endless.
pub fn accept_name(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > MOST_NAME || name.chars().any(char::is_control) {
        return Err(Failure::new(Code::Refused, format!("A name has 1 to {MOST_NAME} characters, on one line.")));
    }
    Ok(name.to_owned())
}

pub fn email_hash(sealer: &dyn Sealer, email: &Email) -> [u8; 32] {
    sealer.index("account.email", email.key().as_bytes())
}

pub fn context(field: &str, id: UserId) -> String {
    format!("account.{field}:{id}")
}

pub struct NewUser<'a> {
    pub email: &'a Email,
    pub name: &'a str,
    pub password_hash: Option<&'a str>,
}

/// An account that is about to be made.
pub struct NewAccount {
    pub id: UserId,
    email_hash: [u8; 32],
    email_sealed: Vec<u8>,
    name_sealed: Vec<u8>,
    password_hash: Option<String>,
}

/// `None` where the address has an account: no key for nobody.
pub async fn prepare(core: &Core, user: NewUser<'_>) -> Result<Option<NewAccount>, Failure> {
    if find(core, user.email).await?.is_some() {
        return Ok(None);
    }
    let id = UserId::new();
    Ok(Some(NewAccount {
        id,
        email_hash: email_hash(&*core.sealer, user.email),
        email_sealed: own::seal(core, id, &context("email", id), user.email.expose()).await?,
        name_sealed: own::seal(core, id, &context("name", id), user.name).await?,
        password_hash: user.password_hash.map(str::to_owned),
    }))
}

impl NewAccount {
    /// Whether the address is still free.
    pub async fn make(self, change: &mut Change<'_>) -> Result<bool, Failure> {
        const CREATE: &str = "
insert into access.user_account (id, email_hash, email_sealed, name_sealed, password_hash) values ($1, $2, $3, $4, $5)
on conflict (email_hash) do nothing";
        let made = sqlx::query(CREATE)
            .bind(self.id.as_uuid())
            .bind(self.email_hash)
            .bind(self.email_sealed)
            .bind(self.name_sealed)
            .bind(self.password_hash)
            .execute(&mut **change)
            .await?;
        if made.rows_affected() == 0 {
            return Ok(false);
        }
        change.record(SecurityEvent::AccountMade { user: self.id }).await?;
        Ok(true)
    }
}

pub async fn find(core: &Core, email: &Email) -> Result<Option<Credentials>, Failure> {
    let found: Option<(Uuid, Option<String>)> =
        sqlx::query_as("select id, password_hash from access.user_account where email_hash = $1")
            .bind(email_hash(&*core.sealer, email))
            .fetch_optional(&core.pool)
            .await?;
    Ok(found.map(|(id, password_hash)| Credentials { id: UserId::from_uuid(id), password_hash }))
}

pub async fn password_hash(core: &Core, id: UserId) -> Result<Option<String>, Failure> {
    let hash: Option<Option<String>> =
        sqlx::query_scalar("select password_hash from access.user_account where id = $1")
            .bind(id.as_uuid())
            .fetch_optional(&core.pool)
            .await?;
    Ok(hash.flatten())
}

pub async fn profile(core: &Core, id: UserId) -> Result<Option<Profile>, Failure> {
    Ok(profiles(core, &[id]).await?.pop().map(|(profile, _)| profile))
}

async fn profiles(core: &Core, ids: &[UserId]) -> Result<Vec<(Profile, Option<DateTime<Utc>>)>, Failure> {
    const PROFILES: &str = "
select u.id, u.email_sealed, u.name_sealed, (select max(s.used_at) from access.session s where s.user_id = u.id) seen
from access.user_account u where u.id = any($1)";
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows = sqlx::query(PROFILES).bind(ids).fetch_all(&core.pool).await?;
    let mut profiles = Vec::with_capacity(rows.len());
    for row in &rows {
        profiles.push((open(core, row).await?, row.try_get("seen")?));
    }
    Ok(profiles)
}

async fn open(core: &Core, row: &sqlx::postgres::PgRow) -> Result<Profile, Failure> {
    let id = UserId::from_uuid(row.try_get("id")?);
    let field = async |name: &str, column: &str| -> Result<String, Failure> {
        own::open(core, id, &context(name, id), row.try_get(column)?).await
    };
    let email = field("email", "email_sealed").await?;
    let email = email.parse().map_err(|error| Failure::internal(&error, "an account's address is none"))?;
    Ok(Profile { id, email, name: field("name", "name_sealed").await? })
}

pub async fn rename(core: &Core, user: UserId, name: &str, origin: &Origin) -> Result<(), Failure> {
    let sealed = own::seal(core, user, &context("name", user), name).await?;
    let mut change = core.change(Some(user), origin).await?;
    sqlx::query("update access.user_account set name_sealed = $2 where id = $1")
        .bind(user.as_uuid())
        .bind(sealed)
        .execute(&mut *change)
        .await?;
    change.record(SecurityEvent::ProfileChanged { user }).await?;
    change.commit().await
}

pub async fn set_password(
    change: &mut Change<'_>,
    user: UserId,
    hash: &str,
    how: CredentialChange,
) -> Result<(), Failure> {
    sqlx::query("update access.user_account set password_hash = $2, password_at = now() where id = $1")
        .bind(user.as_uuid())
        .bind(hash)
        .execute(&mut **change)
        .await?;
    change.record(SecurityEvent::FactorChanged { user, factor: Factor::Password, change: how }).await
}

/// Replaces a weaker hash of the same password, unless it was changed meanwhile.
pub async fn strengthen(core: &Core, user: &Credentials, hash: &str) -> Result<(), Failure> {
    sqlx::query("update access.user_account set password_hash = $2 where id = $1 and password_hash = $3")
        .bind(user.id.as_uuid())
        .bind(hash)
        .bind(&user.password_hash)
        .execute(&core.pool)
        .await?;
    Ok(())
}

/// Another address of an account, about to be set. The one before is kept with it: it is the person's, too.
pub struct NewAddress {
    user: UserId,
    hash: [u8; 32],
    sealed: Vec<u8>,
    former_hash: [u8; 32],
    former_sealed: Vec<u8>,
}

pub async fn prepare_address(core: &Core, was: &Profile, email: &Email) -> Result<NewAddress, Failure> {
    let (user, sealer) = (was.id, &*core.sealer);
    Ok(NewAddress {
        user,
        hash: email_hash(sealer, email),
        sealed: own::seal(core, user, &context("email", user), email.expose()).await?,
        former_hash: email_hash(sealer, &was.email),
        former_sealed: own::seal(core, user, &context("former_email", user), was.email.expose()).await?,
    })
}

impl NewAddress {
    /// Whether it was free.
    pub async fn set(self, change: &mut Change<'_>) -> Result<bool, Failure> {
        const SET: &str = "
update access.user_account set email_hash = $2, email_sealed = $3 where id = $1
and not exists (select from access.user_account where email_hash = $2 and id <> $1)";
        const NO_FORMER: &str = "delete from access.former_address where user_id = $1 and email_hash = $2";
        let id = self.user.as_uuid();
        let set = sqlx::query(SET).bind(id).bind(self.hash).bind(&self.sealed).execute(&mut **change).await?;
        if set.rows_affected() == 0 {
            return Ok(false);
        }
        self.keep_former_in_tx(change).await?;
        sqlx::query(NO_FORMER).bind(id).bind(self.hash).execute(&mut **change).await?;
        change.record(SecurityEvent::AddressChanged { user: self.user }).await?;
        Ok(true)
    }

    async fn keep_former_in_tx(&self, tx: &mut PgConnection) -> Result<(), Failure> {
        const KEEP: &str = "
insert into access.former_address (user_id, email_hash, email_sealed) values ($1, $2, $3)
on conflict (user_id, email_hash) do update set until = now()";
        sqlx::query(KEEP)
            .bind(self.user.as_uuid())
            .bind(self.former_hash)
            .bind(&self.former_sealed)
            .execute(tx)
            .await?;
        Ok(())
    }
}

/// Addresses that the account had before, and until when.
pub async fn former(core: &Core, id: UserId) -> Result<Vec<(Email, DateTime<Utc>)>, Failure> {
    let kept = "select email_sealed, until from access.former_address where user_id = $1 order by until";
    let kept: Vec<(Vec<u8>, DateTime<Utc>)> = sqlx::query_as(kept).bind(id.as_uuid()).fetch_all(&core.pool).await?;
    let mut former = Vec::with_capacity(kept.len());
    for (sealed, until) in kept {
        let email = own::open(core, id, &context("former_email", id), &sealed).await?;
        let email = email.parse().map_err(|error| Failure::internal(&error, "an account's address is none"))?;
        former.push((email, until));
    }
    Ok(former)
}

/// All addresses that are the person's: those of today and of before that are nobody else's by now.
pub async fn addresses(core: &Core, profile: &Profile) -> Result<Vec<Email>, Failure> {
    let mut theirs = vec![profile.email.clone()];
    for (email, _) in former(core, profile.id).await? {
        if find(core, &email).await?.is_none() {
            theirs.push(email);
        }
    }
    Ok(theirs)
}

/// The id of the key for whoever reads mail at this address.
async fn addressee(core: &Core, email: &Email) -> Result<AddresseeId, Failure> {
    const FIND_OR_MAKE: &str = "
insert into access.addressee (id, email_hash) values ($1, $2)
on conflict (email_hash) do update set email_hash = excluded.email_hash returning id";
    let id = sqlx::query_scalar(FIND_OR_MAKE)
        .bind(AddresseeId::new().as_uuid())
        .bind(email_hash(&*core.sealer, email))
        .fetch_one(&core.pool)
        .await?;
    Ok(AddresseeId::from_uuid(id))
}

/// An account from elsewhere, with the hash of its password as it was kept there.
pub struct Imported {
    pub email: Email,
    pub name: String,
    /// A PHC string of Argon2, or bcrypt's: it signs in once and is then replaced.
    pub password_hash: String,
}

impl Identity {
    /// The new account; `None` where the address has one, which is left as it is.
    pub async fn import_user(&self, user: &Imported) -> Result<Option<UserId>, Problem> {
        let known = ["$argon2id$", "$argon2i$", "$argon2d$", "$2a$", "$2b$", "$2y$"];
        if !known.iter().any(|kind| user.password_hash.starts_with(kind)) {
            return Err(Problem::new(Code::Invalid, "A password hash is a PHC string of Argon2, or bcrypt's."));
        }
        self.add(user).await.map_err(|failure| failure.problem)
    }

    async fn add(&self, user: &Imported) -> Result<Option<UserId>, Failure> {
        let core = self.core();
        let name = accept_name(&user.name)?;
        let new = NewUser { email: &user.email, name: &name, password_hash: Some(&user.password_hash) };
        let Some(account) = prepare(core, new).await? else { return Ok(None) };
        let id = account.id;
        let mut change = core.change_as(Meta::installation("system:import"), &Origin::default()).await?;
        let made = account.make(&mut change).await?;
        change.commit().await?;
        Ok(made.then_some(id))
    }
}

#[async_trait]
impl People for Identity {
    async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>, PeopleError> {
        let found = profiles(self.core(), ids).await.map_err(|failure| PeopleError(Box::new(failure.problem)))?;
        // An account begins with the link that was sent to its address.
        let person = |(profile, last_seen): (Profile, _)| Person {
            id: profile.id,
            name: profile.name,
            email: profile.email,
            email_is_verified: true,
            last_seen,
        };
        Ok(found.into_iter().map(person).collect())
    }

    async fn addressee(&self, email: &Email) -> Result<AddresseeId, PeopleError> {
        addressee(self.core(), email).await.map_err(|failure| PeopleError(Box::new(failure.problem)))
    }
}
