//! Registration, and the address that it needs.

use axum::extract::State;
use axum::http::StatusCode;
use domain::Email;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Asked, Body};
use crate::identity::failure::Failure;
use crate::identity::mail::{self, Letter};
use crate::identity::opaque::{self, Opaque};
use crate::identity::passwords::{self, Password};
use crate::identity::{Core, Identity, lockout, users};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    #[schema(value_type = String, format = "email")]
    email: Email,
    /// 12 to 128 characters, not among the common ones.
    #[schema(value_type = String, format = "password")]
    password: Password,
    name: String,
}

/// A link goes to the address; the account begins when it is opened. An address that has an account is sent a letter
/// that says so: the answer, and the time that it takes, are the same.
#[utoipa::path(post, path = "/api/v1/identity/register", tag = "identity", request_body = Register,
    responses((status = 202, description = "A letter is on its way"), (status = 422), (status = 429)), security(()))]
pub async fn register(State(identity): State<Identity>, Body(body): Body<Register>) -> Result<StatusCode, Failure> {
    let core = identity.core();
    let name = users::accept_name(&body.name)?;
    passwords::accept(&body.password, &body.email, &core.words)?;
    lockout::begin(core, lockout::letters(&*core.sealer, &body.email, lockout::Asked::Registration)).await?;
    let hash = core.passwords.hash(&body.password).await?;
    keep(core, &body.email, &name, &hash).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The same statements whether the address has an account or not; where it has, the link that nobody gets is dead.
async fn keep(core: &Core, email: &Email, name: &str, password_hash: &str) -> Result<(), Failure> {
    const KEEP: &str = "
insert into access.registration (token_hash, email_hash, email_sealed, name_sealed, password_hash, expires_at)
values ($1, $2, $3, $4, $5, now() + case when $6 then interval '0' else interval '24 hours' end)";
    let (token, sealer) = (Opaque::generate(), &*core.sealer);
    let exists = users::find(core, email).await?.is_some();
    let email_sealed = sealer.seal("registration.email", email.expose().as_bytes()).await?;
    let name_sealed = sealer.seal("registration.name", name.as_bytes()).await?;
    let letter = if exists { Letter::AlreadyHere } else { Letter::Verify(&token) };
    let letter = mail::write(core, email, letter).await?;
    let mut tx = core.pool.begin().await?;
    sqlx::query(KEEP)
        .bind(token.hash())
        .bind(users::email_hash(sealer, email))
        .bind(email_sealed)
        .bind(name_sealed)
        .bind(password_hash)
        .bind(exists)
        .execute(&mut *tx)
        .await?;
    letter.put_in_tx(&mut tx).await?;
    tx.commit().await?;
    mail::ring(core);
    Ok(())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Of the link in the mail.
    pub token: String,
}

#[utoipa::path(post, path = "/api/v1/identity/verify-email", tag = "identity", request_body = Link,
    responses((status = 204, description = "The account is there; sign in"), (status = 422)), security(()))]
pub async fn verify_email(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    Body(link): Body<Link>,
) -> Result<StatusCode, Failure> {
    const READ: &str = "
select email_sealed, name_sealed, password_hash from access.registration where token_hash = $1 and expires_at > now()";
    let core = identity.core();
    let read: Option<(Vec<u8>, Vec<u8>, String)> =
        sqlx::query_as(READ).bind(opaque::hash(&link.token)).fetch_optional(&core.pool).await?;
    let (email, name, hash) = read.ok_or_else(Failure::dead_link)?;
    let email: Email = open(core, "registration.email", &email)
        .await?
        .parse()
        .map_err(|error| Failure::internal(&error, "a registration's address is none"))?;
    let name = open(core, "registration.name", &name).await?;
    let user = users::NewUser { email: &email, name: &name, password_hash: Some(&hash) };
    let account = users::prepare(core, user).await?.ok_or_else(Failure::dead_link)?;
    let mut change = core.change(Some(account.id), &origin).await?;
    if !account.make(&mut change).await? {
        return Err(Failure::dead_link());
    }
    // Whoever else registered with this address did not read its mail.
    sqlx::query("delete from access.registration where email_hash = $1")
        .bind(users::email_hash(&*core.sealer, &email))
        .execute(&mut *change)
        .await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn open(core: &Core, context: &str, sealed: &[u8]) -> Result<String, Failure> {
    let plain = core.sealer.open(context, sealed).await?;
    String::from_utf8(plain).map_err(|error| Failure::internal(&error.utf8_error(), "a registration is no text"))
}
