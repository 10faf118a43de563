//! What transactions are split in.

use axum::Json;
use axum::extract::State;
use domain::access::Action;
use domain::{AccountId, BusinessId, TransactionId};
use rust_decimal::Decimal;
use serde::Deserialize;
use streams::Commands;
use utoipa::ToSchema;

use super::edge::{Asker, At, Body, Refusal};
use super::{Recorded, allowed, invalid, placed, refused};
use crate::splits::{Asked, split, unsplit};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitBody {
    /// 2 to 20, which sum exactly to the transaction.
    #[serde(default)]
    parts: Vec<SplitPartBody>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitPartBody {
    /// With the transaction's sign.
    amount: Decimal,
    category: String,
    /// Left out: the category's usual one.
    kind: Option<String>,
    /// At most 500 letters.
    note: Option<String>,
}

type Place = At<(BusinessId, AccountId, TransactionId)>;

/// Splits a transaction, in place of earlier parts: figures count the parts instead of its own kind and category.
#[utoipa::path(put,
    path = "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/parts",
    params(("business_id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path), ("transaction_id" = uuid::Uuid, Path)),
    request_body = SplitBody,
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such account or transaction", content_type = "application/problem+json"),
        (status = 422, description = "Parts that are not the transaction", content_type = "application/problem+json"),
    ))]
pub async fn split_transaction(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, account, transaction)): Place,
    Body(body): Body<SplitBody>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let mut parts = Vec::with_capacity(body.parts.len());
    for SplitPartBody { amount, category, kind, note } in body.parts {
        let kind = kind.map(|kind| kind.parse()).transpose().map_err(|error: domain::UnknownKind| invalid(error))?;
        parts.push(Asked { amount, category, kind, note });
    }
    let command = split(transaction, parts)?;
    let receipt = commands.account(account, command, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: transaction.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}

/// Takes the parts of a transaction back: it means again what it meant without them.
#[utoipa::path(delete,
    path = "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/parts",
    params(("business_id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path), ("transaction_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such account or transaction", content_type = "application/problem+json"),
    ))]
pub async fn unsplit_transaction(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, account, transaction)): Place,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let receipt = commands.account(account, unsplit(transaction), &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: transaction.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}
