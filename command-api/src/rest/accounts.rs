//! Accounts: renamed and closed.

use axum::Json;
use axum::extract::State;
use domain::access::Action;
use domain::account::AccountCommand;
use domain::{AccountId, BusinessId, Code, Problem};
use serde::Deserialize;
use streams::Commands;
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, placed, refused};

/// What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChanges {
    name: Option<String>,
    /// `true` closes it; a closed account is not opened again.
    closed: Option<bool>,
}

/// Renames an account, closes it, or both at once.
#[utoipa::path(patch, path = "/api/v1/businesses/{business_id}/accounts/{account_id}", request_body = AccountChanges,
    params(("business_id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such account of this business", content_type = "application/problem+json"),
        (status = 422, description = "Refused by a rule", content_type = "application/problem+json"),
    ))]
pub async fn change_account(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, id)): At<(BusinessId, AccountId)>,
    Body(body): Body<AccountChanges>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let mut orders: Vec<_> = body.name.map(|name| AccountCommand::Rename { name }).into_iter().collect();
    match body.closed {
        Some(true) => orders.push(AccountCommand::Close),
        Some(false) => return Err(Problem::new(Code::Refused, "A closed account is not opened again.").into()),
        None => {}
    }
    let receipt = commands.account_pages(id, orders, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: id.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}
