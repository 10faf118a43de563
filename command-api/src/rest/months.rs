//! Months: closed, and opened again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::access::Action;
use domain::business::{BusinessCommand, MonthCommand};
use domain::{BusinessId, Month};
use serde::Deserialize;
use streams::{Commands, Meta};
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, placed, refused};
use crate::books::{Books, closing};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The position of the figures that were looked at; where they changed since, nothing is closed.
    #[schema(minimum = 0)]
    seen: Option<i64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reopening {
    /// 3 to 500 characters.
    reason: String,
}

/// Seals the figures of a month that is over; what arrives for it later shows as a difference.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/months/{month}/close", request_body = Closing,
    params(("business_id" = uuid::Uuid, Path), ("month" = String, Path, description = "E.g. 2026-03")),
    responses(
        (status = 200, body = Recorded),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
        (status = 409, description = "Closed already, or changed since", content_type = "application/problem+json"),
        (status = 422, description = "Not over yet", content_type = "application/problem+json"),
    ))]
pub async fn close_month(
    State(commands): State<Commands>,
    State(books): State<Arc<dyn Books>>,
    asker: Asker,
    At((business, month)): At<(BusinessId, Month)>,
    Body(body): Body<Closing>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::CloseMonth, business)?;
    let close = closing(&commands, &*books, month, body.seen, &meta).await?;
    order(&commands, business, close, &meta).await
}

/// The figures are those known now again.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/months/{month}/reopen", request_body = Reopening,
    params(("business_id" = uuid::Uuid, Path), ("month" = String, Path, description = "E.g. 2026-03")),
    responses(
        (status = 200, body = Recorded),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
        (status = 422, description = "Not closed, or no reason", content_type = "application/problem+json"),
    ))]
pub async fn reopen_month(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, month)): At<(BusinessId, Month)>,
    Body(body): Body<Reopening>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::CloseMonth, business)?;
    let reopen = BusinessCommand::Month(MonthCommand::Reopen { month, reason: body.reason });
    order(&commands, business, reopen, &meta).await
}

async fn order(
    commands: &Commands,
    business: BusinessId,
    command: BusinessCommand,
    meta: &Meta,
) -> Result<Json<Recorded>, Refusal> {
    let receipt = commands.business(business, command, meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: business.as_uuid(), position: placed(commands, &[receipt]).await? }))
}
