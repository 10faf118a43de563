//! Ways back in by mail: a forgotten password, and the end of a wait after failed sign-ins.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Email;
use domain::access::Origin;
use domain::security::{CredentialChange, Factor, SecurityEvent, SessionEnd};
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
    let found = users::find(core, email).await?;
    let user = found.as_ref().map(|found| found.id);
    core.note(SecurityEvent::PasswordResetRequested { user }, user, origin).await;
    let Some(user) = found else { return Ok(()) };
    let mut tx = core.pool.begin().await?;
    let token = links::make_in_tx(core, &mut tx, user.id, links::Purpose::Reset, None).await?;
    mail::enqueue_in_tx(core, &mut tx, Letter::Reset(&token).to(email, &core.settings.base_url)).await?;
    tx.commit().await?;
    mail::ring(core);
    Ok(())
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
    let mut tx = core.pool.begin().await?;
    let (user, _) = links::take_in_tx(core, &mut tx, &body.token, links::Purpose::Reset).await?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::dead_link)?;
    // Refused, the link can be used again.
    passwords::accept(&body.password, &profile.email, &core.words)?;
    users::set_password_in_tx(&mut tx, user, &hash).await?;
    let ended = sessions::end_all_in_tx(&mut tx, user, None, SessionEnd::Revoked).await?;
    let letter = Letter::PasswordChanged.to(&profile.email, &core.settings.base_url);
    mail::enqueue_in_tx(core, &mut tx, letter).await?;
    tx.commit().await?;
    core.forget();
    mail::ring(core);
    lockout::unlock(core, user, &profile.email).await?;
    let change = CredentialChange::Reset;
    core.note(SecurityEvent::FactorChanged { user, factor: Factor::Password, change }, Some(user), &origin).await;
    core.note_ended(user, &ended, &origin).await;
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
    let mut tx = core.pool.begin().await?;
    let (user, _) = links::take_in_tx(core, &mut tx, &link.token, links::Purpose::Unlock).await?;
    tx.commit().await?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::dead_link)?;
    lockout::unlock(core, user, &profile.email).await?;
    core.note(SecurityEvent::Unlocked { user }, Some(user), &origin).await;
    Ok(known_from_now_on(core, &profile.email))
}

/// Whoever reads the mail of the account is counted apart from those who guess: they cannot make this browser wait.
fn known_from_now_on(core: &Core, email: &Email) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let device = lockout::device_token(&*core.sealer, email);
    cookies::known_device(&core.settings, response.headers_mut(), &device);
    response
}
