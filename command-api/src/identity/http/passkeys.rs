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

use super::account::stepped_up;
use super::cookies::{self, Kind};
use super::extract::{Asked, Body, Caller};
use super::factors::{changed, end_pending, over, own_security, pending_user};
use super::sign_in::{Step, done, signed_in};
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
    passkeys::finish_enrolment(core, profile.id, &ceremony(core, &headers)?, &answer).await?;
    // Whoever made it has just shown it.
    sessions::confirm(core, caller.session(), Shown { password: false, second_factor: true }).await?;
    let event = (Factor::Passkey, CredentialChange::Added);
    changed(core, &profile, event, Letter::FactorAdded("A passkey"), &caller.origin).await?;
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
    if !passkeys::remove(core, profile.id, id).await? {
        return Err(Failure::new(Code::NotFound, "There is no such passkey."));
    }
    factors::settle(core, profile.id).await?;
    let event = (Factor::Passkey, CredentialChange::Removed);
    changed(core, &profile, event, Letter::FactorRemoved("A passkey"), &caller.origin).await?;
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
    let password = after_password(core, &headers, user).await?;
    let profile = users::profile(core, user).await?.ok_or_else(over)?;
    let issued = sessions::begin(core, Some(user), Shown { password, second_factor: true }, &origin).await?;
    let factors = if password { vec![Factor::Password, Factor::Passkey] } else { vec![Factor::Passkey] };
    signed_in(core, Some(user), &issued, factors, &origin).await;
    Ok(done(core, &issued, Some(&profile.email)))
}

/// Whether a password of the same account came before. One of another is left alone: the passkey suffices.
async fn after_password(core: &Core, headers: &HeaderMap, user: UserId) -> Result<bool, Failure> {
    let Some(pending) = cookies::read(&core.settings, headers, Kind::Pending) else { return Ok(false) };
    if pending_user(core, &pending).await? != Some(user) {
        return Ok(false);
    }
    end_pending(core, &pending).await
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
    stepped_up(core, &caller, user, Factor::Passkey).await?;
    Ok(StatusCode::NO_CONTENT)
}
