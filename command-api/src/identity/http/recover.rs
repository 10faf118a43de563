//! Ways back in by mail: a forgotten password, and the end of a wait after failed sign-ins.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Email;
use domain::access::Origin;
use domain::security::{CredentialChange, SecurityEvent};
use serde::Deserialize;
use utoipa::ToSchema;

use super::cookies;
use super::extract::{Asked, Body};
use super::register::Link;
use crate::identity::failure::Failure;
use crate::identity::mail::{self, Letter};
use crate::identity::passwords::{self, Password};
use crate::identity::{Core, Identity, links, lockout, sessions, users};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgot {
    #[schema(value_type = String, format = "email")]
    email: Email,
}

/// A letter goes to the address if it has an account. Whether it has is found out behind the answer.
#[utoipa::path(post, path = "/api/v1/identity/forgot-password", tag = "identity", request_body = Forgot,
    responses((status = 202), (status = 429)), security(()))]
pub async fn forgot_password(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    Body(body): Body<Forgot>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    lockout::begin(core, lockout::letters(&*core.sealer, &body.email, lockout::Asked::Reset)).await?;
    let behind = identity.clone();
    identity.behind(async move { send_link(behind.core(), &body.email, &origin).await }).await;
    Ok(StatusCode::ACCEPTED)
}

async fn send_link(core: &Core, email: &Email, origin: &Origin) -> Result<(), Failure> {
    let Some(user) = users::find(core, email).await?.map(|found| found.id) else {
        core.note(SecurityEvent::PasswordResetRequested { user: None }, None, origin).await;
        return Ok(());
    };
    let link = links::prepare(core, user, links::Purpose::Reset, None).await?;
    let letter = mail::write(core, email, Letter::Reset(&link.token)).await?;
    let mut change = core.change(Some(user), origin).await?;
    link.make_in_tx(&mut change).await?;
    change.record(SecurityEvent::PasswordResetRequested { user: Some(user) }).await?;
    change.send(letter).await?;
    change.commit().await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    token: String,
    #[schema(value_type = String, format = "password")]
    password: Password,
}

/// Ends every session. A second factor is still asked for at the next sign-in.
#[utoipa::path(post, path = "/api/v1/identity/reset-password", tag = "identity", request_body = Reset,
    responses((status = 204), (status = 422)), security(()))]
pub async fn reset_password(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    Body(body): Body<Reset>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let hash = core.passwords.hash(&body.password).await?;
    let (user, _) = links::read(core, &body.token, links::Purpose::Reset).await?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::dead_link)?;
    // Refused, the link can be used again.
    passwords::accept(&body.password, &profile.email, &core.words)?;
    let letter = mail::write(core, &profile.email, Letter::PasswordChanged).await?;
    let mut change = core.change(Some(user), &origin).await?;
    links::use_in_tx(&mut change, &body.token, links::Purpose::Reset).await?;
    users::set_password(&mut change, user, &hash, CredentialChange::Reset).await?;
    sessions::revoke_all(&mut change, user, None).await?;
    lockout::unlock_in_tx(core, &mut change, user, &profile.email).await?;
    change.send(letter).await?;
    change.commit().await?;
    core.forget();
    Ok(known_from_now_on(core, &profile.email))
}

/// Ends the waits after failed sign-ins, codes and confirmations, whichever the letter was about.
#[utoipa::path(post, path = "/api/v1/identity/unlock", tag = "identity", request_body = Link,
    responses((status = 204), (status = 422)), security(()))]
pub async fn unlock(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    Body(link): Body<Link>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let (user, _) = links::read(core, &link.token, links::Purpose::Unlock).await?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::dead_link)?;
    let mut change = core.change(Some(user), &origin).await?;
    links::use_in_tx(&mut change, &link.token, links::Purpose::Unlock).await?;
    lockout::unlock_in_tx(core, &mut change, user, &profile.email).await?;
    change.record(SecurityEvent::Unlocked { user }).await?;
    change.commit().await?;
    Ok(known_from_now_on(core, &profile.email))
}

/// Whoever reads the mail of the account is counted apart from those who guess: they cannot make this browser wait.
fn known_from_now_on(core: &Core, email: &Email) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let device = lockout::device_token(&*core.sealer, email);
    cookies::known_device(&core.settings, response.headers_mut(), &device);
    response
}
