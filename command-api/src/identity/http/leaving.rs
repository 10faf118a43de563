//! One's own data as an archive, and the end of one's account.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::access::Action;
use domain::security::{SecurityEvent, WhatIsExported};
use domain::{BusinessId, Code, Email, UserId};
use serde::{Deserialize, Serialize};
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;

use super::extract::{Body, Caller};
use crate::identity::failure::Failure;
use crate::identity::leaving::{self, GRACE};
use crate::identity::mail::{self, Letter};
use crate::identity::{Core, Identity, users};

/// Names of commands, where they are refused.
const REQUEST: &str = "RequestErasure";
const WITHDRAW: &str = "WithdrawErasure";

/// Whether the account is to end, and what keeps it from that.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeavingAnswer {
    requested_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    /// Businesses that have no other owner: somebody else must be one first, or the business be erased.
    #[schema(value_type = Vec<String>)]
    sole_owner_of: Vec<BusinessId>,
}

async fn answer(core: &Core, user: UserId) -> Result<LeavingAnswer, Failure> {
    let leaving = leaving::find(&core.pool, user).await?;
    Ok(LeavingAnswer {
        requested_at: leaving.map(|leaving| leaving.requested_at),
        due_at: leaving.map(|leaving| leaving.due_at),
        sole_owner_of: leaving::sole_owner_of(&core.pool, user).await?,
    })
}

#[utoipa::path(get, path = "/api/v1/identity/erasure", tag = "identity",
    responses((status = 200, body = LeavingAnswer), (status = 401), (status = 422)))]
pub async fn get_erasure(State(identity): State<Identity>, caller: Caller) -> Result<Json<LeavingAnswer>, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    Ok(Json(answer(core, caller.user()?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestErasure {
    /// The address of the account, typed again.
    #[schema(value_type = String, format = "email")]
    confirmation: Email,
}

/// The account ends after thirty days; until then it can be taken back.
#[utoipa::path(post, path = "/api/v1/identity/erasure", tag = "identity", request_body = RequestErasure,
    responses((status = 202, body = LeavingAnswer), (status = 401), (status = 403), (status = 422)))]
pub async fn request_erasure(
    State(identity): State<Identity>,
    caller: Caller,
    Body(body): Body<RequestErasure>,
) -> Result<(StatusCode, Json<LeavingAnswer>), Failure> {
    let core = identity.core();
    caller.may(core, Action::ChangeOwnSecurity, None).await?;
    let user = caller.user()?;
    let profile = users::profile(core, user).await?.ok_or_else(Failure::unauthenticated)?;
    if body.confirmation.key() != profile.email.key() {
        return Err(refused(core, &caller, user, (REQUEST, "Type the address of your account.")).await);
    }
    if !leaving::sole_owner_of(&core.pool, user).await?.is_empty() {
        let why = "A business of yours has no other owner: make somebody else one, or erase the business first.";
        return Err(refused(core, &caller, user, (REQUEST, why)).await);
    }
    let due_at = Utc::now() + GRACE;
    let letter = mail::write(core, &profile.email, Letter::ErasureAskedFor(due_at)).await?;
    let mut change = core.change(Some(user), &caller.origin).await?;
    if leaving::request(&mut *change, user, due_at).await? {
        change.record(SecurityEvent::ErasureRequested { user, due_at }).await?;
        change.send(letter).await?;
    }
    change.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(answer(core, user).await?)))
}

/// The way back.
#[utoipa::path(delete, path = "/api/v1/identity/erasure", tag = "identity",
    responses((status = 204), (status = 401), (status = 422)))]
pub async fn withdraw_erasure(State(identity): State<Identity>, caller: Caller) -> Result<StatusCode, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let user = caller.user()?;
    let mut change = core.change(Some(user), &caller.origin).await?;
    if leaving::withdraw(&mut *change, user).await? {
        change.record(SecurityEvent::ErasureWithdrawn { user }).await?;
    } else if leaving::find(&mut *change, user).await?.is_some() {
        drop(change);
        let why = "It is too late: the erasure of this account has begun.";
        return Err(refused(core, &caller, user, (WITHDRAW, why)).await);
    }
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Recorded as what a rule refuses of a business is.
async fn refused(core: &Core, caller: &Caller, user: UserId, (command, why): (&str, &str)) -> Failure {
    let (aggregate, command, code) = ("user".to_owned(), command.to_owned(), Code::Refused);
    let event = SecurityEvent::CommandRefused { aggregate, id: user.as_uuid(), command, code };
    core.note(event, Some(user), &caller.origin).await;
    Failure::new(code, why)
}

/// Everything about the person as a tar archive.
#[utoipa::path(get, path = "/api/v1/identity/export", tag = "identity",
    responses((status = 200, description = "application/x-tar"), (status = 401), (status = 403), (status = 422)))]
pub async fn export_person(State(identity): State<Identity>, caller: Caller) -> Result<Response, Failure> {
    let core = identity.core();
    caller.may(core, Action::ChangeOwnSecurity, None).await?;
    let user = caller.user()?;
    let gathered = leaving::gather(core, user).await?;
    let (manifest, file) = gathered.unnamed().await?;
    // What cannot be recorded does not leave.
    let mut change = core.change(Some(user), &caller.origin).await?;
    change.record(SecurityEvent::Exported { what: WhatIsExported::Person, rows: manifest.rows() }).await?;
    change.commit().await?;
    let bytes = file.metadata().await?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"workdock-{user}.tar\"")),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = axum::body::Body::from_stream(ReaderStream::new(file));
    Ok((headers, body).into_response())
}
