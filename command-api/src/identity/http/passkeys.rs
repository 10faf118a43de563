//! Passkeys: as the only thing shown, as second factor, and to confirm. Each takes two requests, joined by a cookie.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::access::Action;
use domain::security::{CredentialChange, Factor, SecurityEvent, SignInFailure};
use domain::{Code, UserId};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::step_up;
use super::cookies::{self, Kind};
use super::extract::{Asked, Body, Caller};
use super::factors::{SECOND_FACTOR, changing, end_pending_in_tx, over, own_security, pending_user};
use super::sign_in::{Step, done};
use crate::identity::factors;
use crate::identity::factors::passkeys::{self, Purpose, Started};
use crate::identity::failure::Failure;
use crate::identity::mail::Letter;
use crate::identity::sessions::{self, Shown};
use crate::identity::{Core, Identity, users};

fn started(core: &Core, started: Started) -> Response {
    let mut response = Json(started.options).into_response();
    cookies::pending(&core.settings, response.headers_mut(), Kind::Ceremony, started.ceremony.expose());
    response
}

fn ceremony(core: &Core, headers: &HeaderMap) -> Result<String, Failure> {
    cookies::read(&core.settings, headers, Kind::Ceremony).ok_or_else(over)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// By which its owner knows the device.
    name: String,
}

/// Answers the `CredentialCreationOptions` of WebAuthn for the browser.
#[utoipa::path(post, path = "/api/v1/identity/factors/passkeys/start", tag = "identity", request_body = NewPasskey,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 422)))]
pub async fn start_passkey(
    State(identity): State<Identity>,
    caller: Caller,
    Body(body): Body<NewPasskey>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let profile = own_security(core, &caller).await?;
    let name = users::accept_name(&body.name)?;
    Ok(started(core, passkeys::start_enrolment(core, &profile, &name).await?))
}

/// Takes the `RegistrationResponseJSON` of WebAuthn.
#[utoipa::path(post, path = "/api/v1/identity/factors/passkeys/finish", tag = "identity", request_body = Object,
    responses((status = 204), (status = 401), (status = 403), (status = 409)))]
pub async fn finish_passkey(
    State(identity): State<Identity>,
    caller: Caller,
    headers: HeaderMap,
    Body(answer): Body<Value>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let profile = own_security(core, &caller).await?;
    let passkey = passkeys::finish_enrolment(core, profile.id, &ceremony(core, &headers)?, &answer).await?;
    let added = (Factor::Passkey, CredentialChange::Added);
    let mut changing = changing(core, &profile, added, Letter::FactorAdded("A passkey"), &caller).await?;
    passkey.add_in_tx(&mut changing).await?;
    sessions::confirm_in_tx(&mut changing, caller.session(), SECOND_FACTOR).await?;
    changing.commit().await?;
    core.forget();
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookies::clear(&core.settings, response.headers_mut(), &[Kind::Ceremony]);
    Ok(response)
}

#[utoipa::path(delete, path = "/api/v1/identity/factors/passkeys/{id}", tag = "identity", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn remove_passkey(
    State(identity): State<Identity>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    let profile = own_security(core, &caller).await?;
    let removed = (Factor::Passkey, CredentialChange::Removed);
    let mut changing = changing(core, &profile, removed, Letter::FactorRemoved("A passkey"), &caller).await?;
    if !passkeys::remove_in_tx(&mut changing, profile.id, id).await? {
        return Err(Failure::new(Code::NotFound, "There is no such passkey."));
    }
    factors::settle_in_tx(&mut changing, profile.id).await?;
    changing.commit().await?;
    core.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Answers the `CredentialRequestOptions` of WebAuthn. The device offers its own accounts, so none is named.
#[utoipa::path(post, path = "/api/v1/identity/sign-in/passkey/start", tag = "identity",
    responses((status = 200, body = Object), (status = 422)), security(()))]
pub async fn start_sign_in(State(identity): State<Identity>) -> Result<Response, Failure> {
    let core = identity.core();
    Ok(started(core, passkeys::start(core, Purpose::SignIn, None).await?))
}

/// Takes the `AuthenticationResponseJSON` of WebAuthn: alone, or after a password, of the same account then.
#[utoipa::path(post, path = "/api/v1/identity/sign-in/passkey/finish", tag = "identity", request_body = Object,
    responses((status = 200, body = Step), (status = 401)), security(()))]
pub async fn finish_sign_in(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    headers: HeaderMap,
    Body(answer): Body<Value>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let ceremony = ceremony(core, &headers)?;
    let shown = passkeys::finish(core, Purpose::SignIn, None, &ceremony, &answer).await;
    let user = match shown {
        Ok(user) => user,
        Err(failure) => {
            let event =
                SecurityEvent::SignInFailed { user: None, factor: Factor::Passkey, reason: SignInFailure::WrongCode };
            core.note(event, None, &origin).await;
            return Err(failure);
        }
    };
    let pending = after_password(core, &headers, user).await?;
    let profile = users::profile(core, user).await?.ok_or_else(over)?;
    let password = pending.is_some();
    let shown = Shown { password, second_factor: true };
    let beginning = sessions::prepare(core, Some(user), shown, &origin).await?;
    let mut change = core.change(Some(user), &origin).await?;
    if let Some(pending) = pending
        && !end_pending_in_tx(&mut change, &pending).await?
    {
        return Err(over());
    }
    let factors = if password { vec![Factor::Password, Factor::Passkey] } else { vec![Factor::Passkey] };
    let issued = beginning.begin(&mut change, factors).await?;
    change.commit().await?;
    Ok(done(core, &issued, Some(&profile.email)))
}

/// The sign-in that a password of the same account began. One of another is left alone: the passkey suffices.
async fn after_password(core: &Core, headers: &HeaderMap, user: UserId) -> Result<Option<String>, Failure> {
    let Some(pending) = cookies::read(&core.settings, headers, Kind::Pending) else { return Ok(None) };
    let whose = pending_user(core, &pending).await?;
    Ok((whose == Some(user)).then_some(pending))
}

#[utoipa::path(post, path = "/api/v1/identity/confirm/passkey/start", tag = "identity",
    responses((status = 200, body = Object), (status = 401), (status = 422)))]
pub async fn start_confirmation(State(identity): State<Identity>, caller: Caller) -> Result<Response, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let user = caller.user()?;
    Ok(started(core, passkeys::start(core, Purpose::Confirm, Some(user)).await?))
}

/// What `confirm` does, with a passkey.
#[utoipa::path(post, path = "/api/v1/identity/confirm/passkey/finish", tag = "identity", request_body = Object,
    responses((status = 204), (status = 401)))]
pub async fn finish_confirmation(
    State(identity): State<Identity>,
    caller: Caller,
    headers: HeaderMap,
    Body(answer): Body<Value>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let user = caller.user()?;
    let ceremony = ceremony(core, &headers)?;
    let shown = passkeys::finish(core, Purpose::Confirm, Some(user), &ceremony, &answer).await?;
    if shown != user {
        return Err(Failure::new(Code::Refused, "This passkey is of another account."));
    }
    let mut change = core.change(Some(user), &caller.origin).await?;
    step_up(&mut change, &caller, user, Factor::Passkey).await?;
    change.commit().await?;
    core.forget();
    Ok(StatusCode::NO_CONTENT)
}
