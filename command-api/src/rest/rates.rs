//! Exchange rates that a person enters.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::BusinessId;
use domain::access::Action;
use rust_decimal::Decimal;
use serde::Deserialize;
use streams::Commands;
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, refused};
use crate::rates::{Entered, record};

/// One unit of `base` was worth `rate` units of `quote` on `day`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateBody {
    day: NaiveDate,
    base: String,
    quote: String,
    /// An exact decimal as a string.
    #[schema(value_type = String)]
    rate: Decimal,
    /// Why, at most 500 characters.
    note: Option<String>,
}

/// Records a rate. It stands over what is published for the day; what was known before stays known.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/rates", request_body = RateBody,
    params(("business_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
        (status = 422, description = "A rate that cannot be meant", content_type = "application/problem+json"),
    ))]
pub async fn record_rate(
    State(commands): State<Commands>,
    asker: Asker,
    At(business): At<BusinessId>,
    Body(body): Body<RateBody>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let RateBody { day, base, quote, rate, note } = body;
    let entered = Entered { day, base, quote, rate, note };
    let quoted = entered.quoted()?;
    let position = record(&commands, business, quoted, entered.note.as_deref(), &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: business.as_uuid(), position }))
}
