//! The list of one's sessions, and their end.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::Code;
use domain::access::{Action, Place, Places};
use domain::security::SessionEnd;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::extract::Caller;
use super::sign_in::signed_out;
use crate::identity::failure::Failure;
use crate::identity::{Identity, sessions};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionAnswer {
    id: Uuid,
    /// What the browser calls itself.
    agent: Option<String>,
    /// The address of its last use.
    address: Option<String>,
    /// Where that is, looked up just now. Null where nobody knows.
    place: Option<Place>,
    created_at: DateTime<Utc>,
    /// To the minute.
    last_used_at: DateTime<Utc>,
    /// The one that asks.
    current: bool,
}

/// Those that are alive, the last used first.
#[utoipa::path(get, path = "/api/v1/identity/sessions", tag = "identity",
    responses((status = 200, body = [SessionAnswer]), (status = 401)))]
pub async fn list_sessions(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<Vec<SessionAnswer>>, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let listed = sessions::list(core, caller.person()?).await?;
    let answer = |one: sessions::Listed| SessionAnswer {
        id: one.id,
        agent: one.from.agent,
        place: identity.place_of_text(one.from.address.as_deref()),
        address: one.from.address,
        created_at: one.begun_at,
        last_used_at: one.used_at,
        current: one.id == caller.session(),
    };
    Ok(Json(listed.into_iter().map(answer).collect()))
}

/// Ends it everywhere, within two seconds. Those of others are told as ones that do not exist.
#[utoipa::path(delete, path = "/api/v1/identity/sessions/{id}", tag = "identity", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 401), (status = 404)))]
pub async fn end_session(
    State(identity): State<Identity>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let core = identity.core();
    caller.may(core, Action::UseOwnAccount, None).await?;
    let user = caller.person()?;
    if !sessions::end(core, user, id, SessionEnd::Ended, &caller.origin).await? {
        return Err(Failure::new(Code::NotFound, "There is no such session."));
    }
    if id == caller.session() {
        return Ok(signed_out(core));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
