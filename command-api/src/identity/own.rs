//! What names a person, sealed with a key of their own: it goes with them, out of backups too.
//!
//! What was sealed before people had keys, with that of the installation, is still read, and sealed anew within the hour.

use domain::UserId;
use sqlx::FromRow;
use uuid::Uuid;

use super::failure::Failure;
use super::seal::SealError;
use super::{Core, keys};

/// Before what a person's own key sealed.
const OWN: &[u8] = b"person.";
/// Rows that are sealed anew at once.
const AT_ONCE: i64 = 500;

/// `context` names the row and the field.
pub async fn seal(core: &Core, user: UserId, context: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let sealed = core.keys.of_person(user.as_uuid()).seal(&field(context), user.as_uuid(), text.as_bytes()).await;
    Ok([OWN, sealed.map_err(|error| refused(context, error))?.as_bytes()].concat())
}

pub async fn open(core: &Core, user: UserId, context: &str, sealed: &[u8]) -> Result<String, Failure> {
    open_of(core, Some(user), context, sealed).await
}

pub async fn open_of(core: &Core, user: Option<UserId>, context: &str, sealed: &[u8]) -> Result<String, Failure> {
    let plain = match sealed.strip_prefix(OWN).zip(user) {
        Some((sealed, user)) => {
            let text = std::str::from_utf8(sealed).unwrap_or_default();
            let opened = core.keys.of_person(user.as_uuid()).open(&field(context), user.as_uuid(), text).await;
            opened.map_err(|error| refused(context, error))?.to_vec()
        }
        None => core.sealer.open(context, sealed).await?,
    };
    String::from_utf8(plain).map_err(|error| Failure::internal(&error.utf8_error(), "an account is no text"))
}

/// Of the local owner, who is no person, with the key of the installation.
pub async fn seal_of(core: &Core, user: Option<UserId>, context: &str, text: &str) -> Result<Vec<u8>, Failure> {
    match user {
        Some(user) => seal(core, user, context, text).await,
        None => Ok(core.sealer.seal(context, text.as_bytes()).await?),
    }
}

fn field(context: &str) -> String {
    format!("access.{context}")
}

fn refused(context: &str, error: streams::sealing::SealError) -> SealError {
    use streams::sealing::SealError as Error;
    match error {
        Error::Forged | Error::Malformed | Error::Erased(_) => SealError::Closed(context.to_owned()),
        error => SealError::Unavailable(Box::new(error)),
    }
}

#[derive(FromRow)]
struct Old {
    id: Uuid,
    email_sealed: Vec<u8>,
    name_sealed: Vec<u8>,
}

/// Seals what is there of before.
pub async fn reseal(core: &Core) -> Result<(), Failure> {
    reseal_accounts(core).await?;
    reseal_passkeys(core).await?;
    keys::reseal(core, AT_ONCE).await
}

async fn reseal_accounts(core: &Core) -> Result<(), Failure> {
    const OLD: &str = "
select id, email_sealed, name_sealed from access.user_account
where substr(email_sealed, 1, 7) <> $1 or substr(name_sealed, 1, 7) <> $1 order by id limit $2";
    const ANEW: &str = "
update access.user_account set email_sealed = $2, name_sealed = $3
where id = $1 and email_sealed = $4 and name_sealed = $5";
    for old in sqlx::query_as::<_, Old>(OLD).bind(OWN).bind(AT_ONCE).fetch_all(&core.pool).await? {
        let user = UserId::from_uuid(old.id);
        let anew = async |field: &str, sealed: &[u8]| {
            let context = super::users::context(field, user);
            seal(core, user, &context, &open(core, user, &context, sealed).await?).await
        };
        sqlx::query(ANEW)
            .bind(old.id)
            .bind(anew("email", &old.email_sealed).await?)
            .bind(anew("name", &old.name_sealed).await?)
            .bind(old.email_sealed)
            .bind(old.name_sealed)
            .execute(&core.pool)
            .await?;
    }
    Ok(())
}

async fn reseal_passkeys(core: &Core) -> Result<(), Failure> {
    const OLD: &str = "select id, user_id, name from access.passkey where name is not null order by id limit $1";
    const ANEW: &str = "update access.passkey set name_sealed = $2, name = null where id = $1";
    let old: Vec<(Uuid, Uuid, String)> = sqlx::query_as(OLD).bind(AT_ONCE).fetch_all(&core.pool).await?;
    for (id, user, name) in old {
        let sealed = seal(core, UserId::from_uuid(user), &passkey_name(id), &name).await?;
        sqlx::query(ANEW).bind(id).bind(sealed).execute(&core.pool).await?;
    }
    Ok(())
}

/// Where the name of a passkey is sealed for.
pub fn passkey_name(id: Uuid) -> String {
    format!("passkey.name:{id}")
}
