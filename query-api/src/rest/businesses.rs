use axum::Json;
use axum::extract::State;
use domain::access::{Action, authorise, may};

use super::answers::{BusinessBody, ProblemBody};
use super::extract::Ask;
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Reader;

/// Businesses that you may see.
#[utoipa::path(get, path = "/api/v1/businesses", params(ReadParams), responses(
    (status = 200, body = Vec<BusinessBody>),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub async fn list_businesses(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    Ask(params): Ask<ReadParams>,
) -> Result<Json<Vec<BusinessBody>>, Failure> {
    authorise(&principal, Action::UseOwnAccount, None)?;
    if let Some(position) = params.min_position {
        reader.wait_for(position).await?;
    }
    let rows = reader.businesses().await?;
    let visible = rows.into_iter().filter(|row| may(&principal, Action::Read, row.id));
    let body = visible.map(|row| BusinessBody {
        id: row.id.as_uuid(),
        name: row.name,
        base_currency: row.base_currency.to_string(),
        time_zone: row.time_zone.name().to_owned(),
        fiscal_year_first_month: row.fiscal_year_first_month.get(),
    });
    Ok(Json(body.collect()))
}
