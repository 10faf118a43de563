//! One's own account: profile, password, address, and the confirmation that it is oneself.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::access::{Action, authorise};
use domain::security::{CredentialChange, Factor, SecurityEvent, SignInFailure};
use domain::{Code, Email, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Asked, Body, Caller};
use super::factors::{counted, judge_code, wrong_code};
use super::register::Link;
use super::sign_in::locked;
use crate::identity::change::Change;
use crate::identity::failure::Failure;
use crate::identity::mail::{self, Letter};
use crate::identity::passwords::{self, Password, Verdict};
use crate::identity::sessions::{self, Shown};
use crate::identity::{Core, Identity, links, lockout, principals, users};

#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileAnswer {
    /// None for the local owner, who has no account.
    #[schema(value_type = Option<String>)]
    id: Option<UserId>,
    name: String,
    #[schema(value_type = Option<String>)]
    email: Option<Email>,
}

#[utoipa::path(get, path = "/api/v1/identity/profile", tag = "identity",
    responses((status = 200, body = ProfileAnswer), (status = 401)))]
pub async fn get_profile(State(identity): State<Identity>, caller: Caller) -> Result<Json<ProfileAnswer>, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let Some(user) = caller.person()? else {
        return Ok(Json(ProfileAnswer { id: None, name: "Owner of this installation".into(), email: None }));
    };
    let profile = users::profile(core, user).await?.ok_or_else(Failure::unauthenticated)?;
    Ok(Json(ProfileAnswer { id: Some(profile.id), name: profile.name, email: Some(profile.email) }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProfile {
    name: String,
}

#[utoipa::path(patch, path = "/api/v1/identity/profile", tag = "identity", request_body = ChangeProfile,
    responses((status = 204), (status = 401), (status = 422)))]
pub async fn change_profile(
    State(identity): State<Identity>,
    caller: Caller,
    Body(body): Body<ChangeProfile>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let user = caller.user()?;
    users::rename(core, user, &users::accept_name(&body.name)?, &caller.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[schema(value_type = String, format = "password")]
    current: Password,
    #[schema(value_type = String, format = "password")]
    new: Password,
}

/// Ends every other session.
#[utoipa::path(post, path = "/api/v1/identity/password", tag = "identity", request_body = ChangePassword,
    responses((status = 204), (status = 401), (status = 403), (status = 422), (status = 429)))]
pub async fn change_password(
    State(identity): State<Identity>,
    caller: Caller,
    Body(body): Body<ChangePassword>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    let profile = prove(&identity, &caller, &body.current).await?;
    passwords::accept(&body.new, &profile.email, &core.words)?;
    let hash = core.passwords.hash(&body.new).await?;
    let letter = mail::write(core, &profile.email, Letter::PasswordChanged).await?;
    let mut change = core.change(Some(profile.id), &caller.origin).await?;
    users::set_password(&mut change, profile.id, &hash, CredentialChange::Changed).await?;
    sessions::revoke_all(&mut change, profile.id, Some(caller.session())).await?;
    change.send(letter).await?;
    change.commit().await?;
    core.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// That it is them: the password, which counts as a confirmation, and what else their own security asks for.
async fn prove(identity: &Identity, caller: &Caller, password: &Password) -> Result<users::Profile, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let user = caller.user()?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::unauthenticated)?;
    confirm_password(identity, caller, &profile, password).await?;
    let now = principals::load_sessions(core, &[caller.session()]).await?;
    let principal = now.first().ok_or_else(Failure::unauthenticated)?.session(chrono::Utc::now()).principal;
    if let Err(problem) = authorise(&principal, Action::ChangeOwnSecurity, None) {
        let event = SecurityEvent::AccessRefused { action: Action::ChangeOwnSecurity, code: problem.code };
        core.note(event, Some(user), &caller.origin).await;
        return Err(problem.into());
    }
    Ok(profile)
}

/// Counted as a sign-in is: a session that was left open is no way to guess the password.
async fn confirm_password(
    identity: &Identity,
    caller: &Caller,
    profile: &users::Profile,
    password: &Password,
) -> Result<(), Failure> {
    let core = identity.core();
    let counted = lockout::confirmation(&*core.sealer, profile.id);
    let attempt = lockout::begin(core, counted).await?;
    let stored = users::password_hash(core, profile.id).await?;
    if core.passwords.verify(stored.as_deref(), password).await? == Verdict::Wrong {
        let (user, reason) = (Some(profile.id), SignInFailure::WrongPassword);
        core.note(SecurityEvent::SignInFailed { user, factor: Factor::Password, reason }, user, &caller.origin).await;
        locked(identity, &attempt, user, &caller.origin).await;
        return Err(Failure::new(Code::Refused, "The password is not right."));
    }
    lockout::succeed(core, &attempt).await?;
    let mut change = core.change(Some(profile.id), &caller.origin).await?;
    step_up(&mut change, caller, profile.id, Factor::Password).await?;
    change.commit().await?;
    core.forget();
    Ok(())
}

/// What this session has shown just now counts for a while.
pub async fn step_up(change: &mut Change<'_>, caller: &Caller, user: UserId, factor: Factor) -> Result<(), Failure> {
    let (session, password) = (caller.session(), factor == Factor::Password);
    sessions::confirm_in_tx(change, session, Shown { password, second_factor: !password }).await?;
    change.record(SecurityEvent::SteppedUp { user, session, factor }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Confirm {
    Password {
        #[schema(value_type = String, format = "password")]
        password: Password,
    },
    Code {
        /// Of the authenticator app, or a recovery code.
        code: String,
    },
}

/// That it is still them, for what asks for it; it counts for ten minutes.
#[utoipa::path(post, path = "/api/v1/identity/confirm", tag = "identity", request_body = Confirm,
    responses((status = 204), (status = 401), (status = 422), (status = 429)))]
pub async fn confirm(
    State(identity): State<Identity>,
    caller: Caller,
    headers: HeaderMap,
    Body(body): Body<Confirm>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let user = caller.user()?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::unauthenticated)?;
    match body {
        Confirm::Password { password } => {
            confirm_password(&identity, &caller, &profile, &password).await?;
        }
        Confirm::Code { code } => {
            let counted = counted(core, &profile, &headers);
            let right = judge_code(&identity, &profile, counted, (None, &code), &caller.origin).await?;
            let right = right.ok_or_else(|| wrong_code(Code::Refused))?;
            let factor = right.factor();
            let mut change = core.change(Some(user), &caller.origin).await?;
            if !right.take(&mut change).await? {
                return Err(wrong_code(Code::Refused));
            }
            step_up(&mut change, &caller, user, factor).await?;
            change.commit().await?;
            core.forget();
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    #[schema(value_type = String, format = "email")]
    email: Email,
    #[schema(value_type = String, format = "password")]
    password: Password,
}

/// A link goes to the new address, and word to the old one. Whether the new one has an account already, nobody but its
/// reader learns.
#[utoipa::path(post, path = "/api/v1/identity/email", tag = "identity", request_body = ChangeEmail,
    responses((status = 202), (status = 401), (status = 403), (status = 422), (status = 429)))]
pub async fn change_email(
    State(identity): State<Identity>,
    caller: Caller,
    Body(body): Body<ChangeEmail>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    let profile = prove(&identity, &caller, &body.password).await?;
    lockout::begin(core, lockout::letters(&*core.sealer, &body.email, lockout::Asked::Address)).await?;
    let user = profile.id;
    let letter = mail::write(core, &profile.email, Letter::EmailAskedFor).await?;
    let mut change = core.change(Some(user), &caller.origin).await?;
    change.record(SecurityEvent::AddressChangeRequested { user }).await?;
    change.send(letter).await?;
    change.commit().await?;
    let behind = identity.clone();
    identity.behind(async move { send_link(behind.core(), user, &body.email).await }).await;
    Ok(StatusCode::ACCEPTED)
}

async fn send_link(core: &Core, user: UserId, new: &Email) -> Result<(), Failure> {
    let link = links::prepare(core, user, links::Purpose::Email, Some(new.expose())).await?;
    let taken = users::find(core, new).await?.is_some();
    let letter = if taken { Letter::AlreadyHere } else { Letter::ConfirmEmail(&link.token) };
    let letter = mail::write(core, new, letter).await?;
    let mut tx = core.pool.begin().await?;
    if !taken {
        link.make_in_tx(&mut tx).await?;
    }
    letter.put_in_tx(&mut tx).await?;
    tx.commit().await?;
    mail::ring(core);
    Ok(())
}

/// With the link that went to the new address.
#[utoipa::path(post, path = "/api/v1/identity/email/confirm", tag = "identity", request_body = Link,
    responses((status = 204), (status = 422)), security(()))]
pub async fn confirm_email(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    Body(link): Body<Link>,
) -> Result<StatusCode, Failure> {
    let core = identity.core();
    let (user, payload) = links::read(core, &link.token, links::Purpose::Email).await?;
    let new: Email = payload.and_then(|payload| payload.parse().ok()).ok_or_else(Failure::dead_link)?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::dead_link)?;
    let address = users::prepare_address(core, &profile, &new).await?;
    let letter = mail::write(core, &profile.email, Letter::EmailChanged).await?;
    let mut change = core.change(Some(user), &origin).await?;
    links::use_in_tx(&mut change, &link.token, links::Purpose::Email).await?;
    if !address.set(&mut change).await? {
        return Err(Failure::dead_link());
    }
    change.send(letter).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
