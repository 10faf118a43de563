//! Connections to providers, and their logs.

use axum::Json;
use axum::extract::State;
use domain::BusinessId;
use domain::access::{Action, authorise};
use serde::Deserialize;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::graphql::connections::{Connection, SyncEntry};
use crate::reader::Reader;

/// Sources that are connected to a provider, newest first.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/connections", tag = "connections",
    params(("business_id" = Uuid, Path), ReadParams),
    responses((status = 200, body = [Connection]),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_connections(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ReadParams>,
) -> Result<Json<Vec<Connection>>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    reader.shown(business, params.min_position).await?;
    let connections = reader.connections(business).await?;
    Ok(Json(connections.into_iter().map(|connection| Connection::of(business, connection)).collect()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogParams {
    /// 1 to 500; 20 where not given.
    first: Option<i32>,
    /// The id of the last entry of the page before.
    after: Option<i64>,
    min_position: Option<i64>,
}

/// What a source's syncs came to, newest first.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/connections/{source_id}/log", tag = "connections",
    params(("business_id" = Uuid, Path), ("source_id" = Uuid, Path), LogParams),
    responses((status = 200, body = [SyncEntry]),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_syncs(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At((business, source)): At<(BusinessId, Uuid)>,
    Ask(params): Ask<LogParams>,
) -> Result<Json<Vec<SyncEntry>>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    reader.shown(business, params.min_position).await?;
    let rows = reader.syncs(business, source, params.first.unwrap_or(20), params.after).await?;
    Ok(Json(rows.into_iter().map(SyncEntry::from).collect()))
}
