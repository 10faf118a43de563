//! What somebody says of transactions that may be the same money.

use axum::Json;
use axum::extract::State;
use domain::access::Action;
use domain::{BusinessId, MatchId, Problem};
use serde::Deserialize;
use streams::Commands;
use streams::matches::{Say, SayError, say};
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, invalid, refused};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchDecision {
    /// `accept`: it is the same money; `refuse`: it is not, of what was proposed or of what stands.
    #[serde(default)]
    decision: String,
}

/// Says whether transactions are the same money. It stands over what is found by itself, for ever or until somebody
/// says otherwise.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/matches/{match_id}/decision",
    request_body = MatchDecision,
    params(("business_id" = uuid::Uuid, Path), ("match_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such business or match", content_type = "application/problem+json"),
    ))]
pub async fn decide_match(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, id)): At<(BusinessId, MatchId)>,
    Body(body): Body<MatchDecision>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let decision = match body.decision.as_str() {
        "accept" => Say::Accept,
        "refuse" => Say::Refuse,
        _ => return Err(invalid("Say decision: accept or refuse.")),
    };
    match say(&commands, id, decision, &meta).await {
        Ok(position) => Ok(Json(Recorded { id: id.as_uuid(), position })),
        Err(SayError::Command(error)) => Err(refused(error)),
        Err(error) => {
            tracing::debug!(%error, "a match could not be decided");
            let detail = match error {
                SayError::NotThere => "There is no such match; it may have been found otherwise meanwhile.",
                _ => "It cannot be recorded now; try again in a moment.",
            };
            Err(Problem::new(error.code(), detail).into())
        }
    }
}
