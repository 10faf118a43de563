//! What looks like payments that come again, and is none.

use axum::Json;
use axum::extract::State;
use domain::access::Action;
use domain::business::BusinessCommand;
use domain::{BusinessId, SeriesId};
use serde::Deserialize;
use streams::Commands;
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, invalid, placed, refused};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurringChange {
    /// `true`: these payments are not recurring; `false` takes that back.
    ruled_out: Option<bool>,
}

/// Says that payments are not recurring, whatever they look like.
#[utoipa::path(put, path = "/api/v1/businesses/{business_id}/recurring/{series_id}", request_body = RecurringChange,
    params(("business_id" = uuid::Uuid, Path), ("series_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business", content_type = "application/problem+json"),
    ))]
pub async fn rule_out(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, series)): At<(BusinessId, SeriesId)>,
    Body(body): Body<RecurringChange>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let out = body.ruled_out.ok_or_else(|| invalid("Say ruled_out: true or false."))?;
    let command = BusinessCommand::RuleOutRecurring { series, out };
    let receipt = commands.business(business, command, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: series.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}
