//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::access::Origin;
use domain::security::{Factor, SecurityEvent, SessionEnd, SignInFailure};
use domain::{Code, Email, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cookies::{self, Kind};
use super::extract::{Asked, Body};
use super::register::Link;
use crate::identity::factors::{self, Method};
use crate::identity::failure::Failure;
use crate::identity::lockout::{self, Attempt};
use crate::identity::mail::{self, Letter};
use crate::identity::passwords::{Password, Verdict};
use crate::identity::principals::{self, Session};
use crate::identity::sessions::{self, Issued, Shown};
use crate::identity::users::Credentials;
use crate::identity::{Core, Identity, links, owner, users};

/// What the browser keeps of us goes with the session (<https://www.w3.org/TR/clear-site-data/>).
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[schema(value_type = String, format = "email")]
    email: Email,
    #[schema(value_type = String, format = "password")]
    password: Password,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Next {
    Done,
    SecondFactor,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    pub next: Next,
    /// The ways to show the second factor, where it is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<Method>,
}

/// With address and password. Unknown addresses, wrong passwords and accounts without one are refused alike, after the
/// same work.
#[utoipa::path(post, path = "/api/v1/identity/sign-in", tag = "identity", request_body = SignIn,
    responses((status = 200, body = Step), (status = 401), (status = 429)), security(()))]
pub async fn sign_in(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    headers: HeaderMap,
    Body(body): Body<SignIn>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let device = cookies::read(&core.settings, &headers, Kind::Device);
    let counted = lockout::sign_in(&*core.sealer, &body.email, device.as_deref(), origin.address);
    let found = users::find(core, &body.email).await?;
    let user = found.as_ref().map(|found| found.id);
    let attempt = match lockout::begin(core, counted).await {
        Ok(attempt) => attempt,
        Err(failure) => {
            refused(core, user, SignInFailure::Locked, &origin).await;
            return Err(failure);
        }
    };
    let Some(right) = judge(core, found, &body.password).await? else {
        failed(&identity, &attempt, user, &origin).await;
        return Err(wrong());
    };
    lockout::succeed(core, &attempt).await?;
    let methods = factors::of(&core.pool, right).await?.methods();
    if !methods.is_empty() {
        return second_factor(core, right, methods).await;
    }
    let shown = Shown { password: true, second_factor: false };
    let beginning = sessions::prepare(core, Some(right), shown, &origin).await?;
    let mut change = core.change(Some(right), &origin).await?;
    let issued = beginning.begin(&mut change, vec![Factor::Password]).await?;
    change.commit().await?;
    Ok(done(core, &issued, Some(&body.email)))
}

async fn second_factor(core: &Core, user: UserId, methods: Vec<Method>) -> Result<Response, Failure> {
    let pending = super::factors::begin_pending(core, user).await?;
    let mut response = Json(Step { next: Next::SecondFactor, methods }).into_response();
    cookies::pending(&core.settings, response.headers_mut(), Kind::Pending, pending.expose());
    Ok(response)
}

/// Whose password it is. One that is kept in a weaker way than today's is hashed anew.
async fn judge(core: &Core, user: Option<Credentials>, password: &Password) -> Result<Option<UserId>, Failure> {
    let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let verdict = core.passwords.verify(stored, password).await?;
    let Some(user) = user.filter(|_| verdict != Verdict::Wrong) else { return Ok(None) };
    if verdict == Verdict::Weak {
        let hash = core.passwords.hash(password).await?;
        users::strengthen(core, &user, &hash).await?;
    }
    Ok(Some(user.id))
}

fn wrong() -> Failure {
    Failure::new(Code::Unauthenticated, "Address or password are not right.")
}

async fn refused(core: &Core, user: Option<UserId>, reason: SignInFailure, origin: &Origin) {
    core.note(SecurityEvent::SignInFailed { user, factor: Factor::Password, reason }, user, origin).await;
}

/// Records it; where it was one too many, the owner is told, behind the answer.
async fn failed(identity: &Identity, attempt: &Attempt, user: Option<UserId>, origin: &Origin) {
    let reason = if user.is_some() { SignInFailure::WrongPassword } else { SignInFailure::UnknownAccount };
    refused(identity.core(), user, reason, origin).await;
    locked(identity, attempt, user, origin).await;
}

/// Told once when a wait begins, and again where the link of the last letter has run out: there is always one to open.
pub async fn locked(identity: &Identity, attempt: &Attempt, user: Option<UserId>, origin: &Origin) {
    if let Some(until) = attempt.address_until {
        // Of the address, whoever was named: it stands with the event as where it came from.
        identity.core().note(SecurityEvent::LockedOut { user: None, until }, None, origin).await;
    }
    let Some(until) = attempt.blocked_until else { return };
    let begins = attempt.locks();
    if begins {
        identity.core().note(SecurityEvent::LockedOut { user, until }, user, origin).await;
    }
    let Some(user) = user else { return };
    let behind = identity.clone();
    identity.behind(async move { tell_locked(behind.core(), user, begins).await }).await;
}

async fn tell_locked(core: &Core, user: UserId, begins: bool) -> Result<(), Failure> {
    let purpose = links::Purpose::Unlock;
    if !begins && links::is_alive(core, user, purpose).await? {
        return Ok(());
    }
    let Some(profile) = users::profile(core, user).await? else { return Ok(()) };
    let link = links::prepare(core, user, purpose, None).await?;
    let letter = mail::write(core, &profile.email, Letter::Locked(&link.token)).await?;
    let mut tx = core.pool.begin().await?;
    link.make_in_tx(&mut tx).await?;
    letter.put_in_tx(&mut tx).await?;
    tx.commit().await?;
    mail::ring(core);
    Ok(())
}

/// The answer with the cookies of a session. `email`: this browser is known for that account from now on.
pub fn done(core: &Core, issued: &Issued, email: Option<&Email>) -> Response {
    let mut response = Json(Step { next: Next::Done, methods: Vec::new() }).into_response();
    let headers = response.headers_mut();
    cookies::signed_in(&core.settings, headers, issued);
    cookies::clear(&core.settings, headers, &[Kind::Pending, Kind::Ceremony]);
    if let Some(email) = email {
        cookies::known_device(&core.settings, headers, &lockout::device_token(&*core.sealer, email));
    }
    response
}

/// With the one-time link of the local owner.
#[utoipa::path(post, path = "/api/v1/session", tag = "identity", request_body = Link,
    responses((status = 204), (status = 401)), security(()))]
pub async fn exchange(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    Body(link): Body<Link>,
) -> Result<Response, Failure> {
    let core = identity.core();
    let beginning = sessions::prepare(core, None, Shown::default(), &origin).await?;
    let mut change = core.change(None, &origin).await?;
    if !owner::redeem_in_tx(&mut change, &link.token).await? {
        drop(change);
        let event =
            SecurityEvent::SignInFailed { user: None, factor: Factor::OneTimeLink, reason: SignInFailure::Expired };
        core.note(event, None, &origin).await;
        let detail = "This link was used, has expired, or is not one of ours. `workdock sign-in` prints a new one.";
        return Err(Failure::new(Code::Unauthenticated, detail));
    }
    let issued = beginning.begin(&mut change, vec![Factor::OneTimeLink]).await?;
    change.commit().await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookies::signed_in(&core.settings, response.headers_mut(), &issued);
    Ok(response)
}

/// A new access token, and the next refresh token, for the one in the cookie. 409: it was used a moment ago, as by
/// another tab; whoever did has the new ones.
#[utoipa::path(post, path = "/api/v1/identity/refresh", tag = "identity",
    responses((status = 204), (status = 401), (status = 409)), security(()))]
pub async fn refresh(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let core = identity.core();
    let token = cookies::read(&core.settings, &headers, Kind::Refresh).ok_or_else(Failure::unauthenticated)?;
    let issued = sessions::refresh(core, &token, &origin).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookies::signed_in(&core.settings, response.headers_mut(), &issued);
    Ok(response)
}

/// Ends the session, for whoever copied its tokens too. Answers the same where it is over already.
#[utoipa::path(post, path = "/api/v1/identity/sign-out", tag = "identity", responses((status = 204)), security(()))]
pub async fn sign_out(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let core = identity.core();
    let access = cookies::read(&core.settings, &headers, Kind::Session);
    let refresh = cookies::read(&core.settings, &headers, Kind::Refresh);
    let by_access = match access {
        Some(token) => {
            principals::of_token(core, &token, &origin).await.ok().map(|stored| stored.session(chrono::Utc::now()))
        }
        None => None,
    };
    let found = match (by_access, refresh) {
        (Some(session), _) => Some((session.id, super::user_of(&session))),
        (None, Some(token)) => sessions::of_refresh_token(core, &token).await?,
        (None, None) => None,
    };
    if let Some((session, user)) = found {
        sessions::end(core, user, session, SessionEnd::SignedOut, &origin).await?;
    }
    Ok(signed_out(core))
}

/// The same, for whoever is signed in.
#[utoipa::path(delete, path = "/api/v1/session", tag = "identity", responses((status = 204), (status = 401)))]
pub async fn end_session(
    State(identity): State<Identity>,
    Asked(origin): Asked,
    session: Option<Extension<Session>>,
) -> Result<Response, Failure> {
    let Extension(session) = session.ok_or_else(Failure::unauthenticated)?;
    let (core, user) = (identity.core(), super::user_of(&session));
    sessions::end(core, user, session.id, SessionEnd::SignedOut, &origin).await?;
    Ok(signed_out(core))
}

pub fn signed_out(core: &Core) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    cookies::clear(&core.settings, headers, &[Kind::Session, Kind::Refresh, Kind::Pending]);
    // Not its cookies: that the browser is known stays.
    headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\", \"storage\""));
    response
}
