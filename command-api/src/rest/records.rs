//! How long a history is kept.

use axum::Json;
use axum::extract::State;
use domain::BusinessId;
use domain::access::Action;
use domain::business::RecordsCommand;
use serde::Deserialize;
use streams::Commands;
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, placed, refused};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    #[schema(minimum = 3, maximum = 240)]
    months: u16,
}

/// For how many months the audit history is kept where people read it; what is older is archived to a file with its proof.
#[utoipa::path(put, path = "/api/v1/businesses/{business_id}/audit/retention", request_body = Retention,
    params(("business_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "Fewer than 3 or more than 240", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role, or no fresh second factor", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
    ))]
pub async fn set_retention(
    State(commands): State<Commands>,
    asker: Asker,
    At(business): At<BusinessId>,
    Body(body): Body<Retention>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::KeepRecords, business)?;
    let retain = RecordsCommand::Retain { months: body.months };
    let receipt = commands.business(business, retain.into(), &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: business.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}
