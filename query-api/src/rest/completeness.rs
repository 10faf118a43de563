//! Whether accounts are complete.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::BusinessId;
use domain::access::{Action, authorise};
use serde::Deserialize;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::graphql::completeness::{AccountStanding, Completeness};
use crate::graphql::connections::statement_days;
use crate::reader::Reader;

/// How each open account stands, by name.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/completeness", tag = "completeness",
    params(("business_id" = Uuid, Path), ReadParams),
    responses((status = 200, body = [AccountStanding]),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_standings(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ReadParams>,
) -> Result<Json<Vec<AccountStanding>>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    let view = reader.view(business, None, params.min_position).await?;
    let standings = reader.standings(&view).await?;
    Ok(Json(standings.into_iter().map(AccountStanding::from).collect()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatementParams {
    /// The 30th day before the last where not given.
    from: Option<NaiveDate>,
    /// Today where not given.
    to: Option<NaiveDate>,
    min_position: Option<i64>,
}

/// Whether each account of a source is complete, day by day.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/connections/{source_id}/completeness",
    tag = "connections", params(("business_id" = Uuid, Path), ("source_id" = Uuid, Path), StatementParams),
    responses((status = 200, body = [Completeness]),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_completeness(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At((business, source)): At<(BusinessId, Uuid)>,
    Ask(params): Ask<StatementParams>,
) -> Result<Json<Vec<Completeness>>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    let view = reader.view(business, None, params.min_position).await?;
    let days = statement_days(&view, params.from, params.to)?;
    let statements = reader.completeness(&view, source, days).await?;
    Ok(Json(statements.into_iter().map(Completeness::from).collect()))
}

/// Whether one account is complete, day by day, wherever its transactions come from.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/accounts/{account_id}/completeness",
    tag = "completeness", params(("business_id" = Uuid, Path), ("account_id" = Uuid, Path), StatementParams),
    responses((status = 200, body = Completeness),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_account_completeness(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At((business, account)): At<(BusinessId, Uuid)>,
    Ask(params): Ask<StatementParams>,
) -> Result<Json<Completeness>, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    let view = reader.view(business, None, params.min_position).await?;
    let days = statement_days(&view, params.from, params.to)?;
    Ok(Json(reader.completeness_of(&view, account, days).await?.into()))
}
