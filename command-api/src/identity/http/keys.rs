//! Keys of a business's machines.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::access::{Action, Role};
use domain::{BusinessId, Code, KeyId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::extract::{Body, Caller};
use crate::identity::failure::Failure;
use crate::identity::{Identity, keys};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyAnswer {
    id: Uuid,
    name: String,
    /// How the key begins.
    prefix: String,
    role: String,
    /// Actions that it may do.
    scopes: Vec<String>,
    /// A subject as in the audit history.
    created_by: String,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    /// To the minute.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<keys::Listed> for KeyAnswer {
    fn from(key: keys::Listed) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            role: key.role,
            scopes: key.scopes,
            created_by: key.made_by,
            created_at: key.made_at,
            expires_at: key.expires_at,
            last_used_at: key.used_at,
        }
    }
}

/// The newest first. For owners and auditors.
#[utoipa::path(get, path = "/api/v1/businesses/{business}/keys", tag = "identity", params(("business" = Uuid, Path)),
    responses((status = 200, body = [KeyAnswer]), (status = 401), (status = 403), (status = 404)))]
pub async fn list_keys(
    State(identity): State<Identity>,
    caller: Caller,
    Path(business): Path<Uuid>,
) -> Result<Json<Vec<KeyAnswer>>, Failure> {
    let (core, business) = (identity.core(), BusinessId::from_uuid(business));
    caller.may(core, Action::ReadAudit, Some(business)).await?;
    Ok(Json(keys::list(core, business).await?.into_iter().map(KeyAnswer::from).collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MakeKey {
    name: String,
    /// MANAGER, VIEWER or AUDITOR.
    #[schema(value_type = String)]
    role: Role,
    /// READ, READ_AUDIT, IMPORT, MANAGE: those that the role may. None: all of them.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Action>,
    /// Within a year; by default in 90 days.
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MadeKey {
    id: Uuid,
    /// Shown once: send it as `Authorization: Bearer wdk_…`.
    key: String,
    prefix: String,
    scopes: Vec<String>,
    expires_at: DateTime<Utc>,
}

/// For owners who have shown their second factor lately.
#[utoipa::path(post, path = "/api/v1/businesses/{business}/keys", tag = "identity", params(("business" = Uuid, Path)),
    request_body = MakeKey,
    responses((status = 201, body = MadeKey), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub async fn make_key(
    State(identity): State<Identity>,
    caller: Caller,
    Path(business): Path<Uuid>,
    Body(body): Body<MakeKey>,
) -> Result<(StatusCode, Json<MadeKey>), Failure> {
    let (core, business) = (identity.core(), BusinessId::from_uuid(business));
    caller.may(core, Action::ManageKeys, Some(business)).await?;
    let new = keys::NewKey::try_new(&body.name, body.role, body.scopes, body.expires_at)?;
    let actor = caller.session.principal.subject.to_string();
    let (id, key) = keys::make(core, business, &new, &actor, &caller.origin).await?;
    let scopes = serde_json::to_value(&new.scopes).and_then(serde_json::from_value);
    let answer = MadeKey {
        id: id.as_uuid(),
        prefix: keys::shown(&key).to_owned(),
        key: key.expose().to_owned(),
        scopes: scopes.map_err(|error| Failure::internal(&error, "an action has no name"))?,
        expires_at: new.expires_at,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// It is worth nothing within two seconds, everywhere.
#[utoipa::path(delete, path = "/api/v1/businesses/{business}/keys/{key}", tag = "identity",
    params(("business" = Uuid, Path), ("key" = Uuid, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn revoke_key(
    State(identity): State<Identity>,
    caller: Caller,
    Path((business, key)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, Failure> {
    let (core, business) = (identity.core(), BusinessId::from_uuid(business));
    caller.may(core, Action::ManageKeys, Some(business)).await?;
    let (key, actor) = (KeyId::from_uuid(key), caller.session.principal.subject.to_string());
    if !keys::revoke(core, business, key, &actor, &caller.origin).await? {
        return Err(Failure::new(Code::NotFound, "There is no such key."));
    }
    Ok(StatusCode::NO_CONTENT)
}
