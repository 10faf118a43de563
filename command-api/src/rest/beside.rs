//! What is kept beside transactions: files as they are, in the body, and a memo.

use axum::Json;
use axum::body::Body as Raw;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use domain::access::Action;
use domain::account::{AccountCommand, Attached, BesideCommand};
use domain::attachment::MediaType;
use domain::{AccountId, AttachmentId, BusinessId, Code, Problem, TransactionId};
use serde::{Deserialize, Serialize};
use streams::Commands;
use streams::files::{self, FileError, Files, Said};
use utoipa::ToSchema;
use uuid::Uuid;

use super::edge::{Asked, Asker, At, Body, Refusal};
use super::{Recorded, allowed, placed, refused};

/// What the file is called.
#[derive(Debug, Deserialize)]
pub struct Named {
    #[serde(default)]
    name: String,
}

/// A file that stands beside its transaction.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachedBody {
    id: Uuid,
    /// 0 where it stood there already.
    position: i64,
    name: String,
    media: &'static str,
    bytes: u64,
    /// Of the file itself, in hexadecimal.
    sha256: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemoBody {
    /// Null, or nothing but space: there is no memo any more. At most 2,000 letters.
    memo: Option<String>,
}

type Place = At<(BusinessId, AccountId, TransactionId)>;

/// Puts a file beside a transaction: PDF, PNG, JPEG, WebP, plain text or CSV, by what it begins with. The same file again
/// is kept once. `Content-Type` may be left out; one that is not true is refused.
#[utoipa::path(post,
    path = "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments",
    params(("business_id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path), ("transaction_id" = uuid::Uuid, Path),
        ("name" = Option<String>, Query, description = "What the file is called")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file as it is"),
    responses(
        (status = 200, body = AttachedBody),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such account or transaction", content_type = "application/problem+json"),
        (status = 413, description = "Too large", content_type = "application/problem+json"),
        (status = 415, description = "Of a type that is not kept, or not what it is said to be", content_type = "application/problem+json"),
        (status = 422, description = "20 files stand there already", content_type = "application/problem+json"),
    ))]
pub async fn attach(
    State(commands): State<Commands>,
    State(files): State<Files>,
    asker: Asker,
    At((business, account, transaction)): Place,
    Asked(named): Asked<Named>,
    headers: HeaderMap,
    body: Raw,
) -> Result<Json<AttachedBody>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let said = Said { media: declared(&headers)?, name: named.name };
    let stored = files.store(business, said, body.into_data_stream()).await.map_err(unkept)?;
    let id = AttachmentId::new();
    let attached = Attached {
        id,
        transaction,
        file: stored.file,
        bytes: stored.bytes,
        media: stored.media,
        name: stored.name.clone(),
        sha256: Some(stored.sha256.clone()),
    };
    let command = AccountCommand::Keep(BesideCommand::Attach(attached));
    let receipt = commands.account(account, command, &meta).await.map_err(refused)?;
    let id = if receipt.is_empty() {
        let found = files::attachment_of(files.pool(), business, transaction, stored.file).await;
        found.map_err(|error| unkept(error.into()))?.unwrap_or(id)
    } else {
        id
    };
    Ok(Json(AttachedBody {
        id: id.as_uuid(),
        position: placed(&commands, &[receipt]).await?,
        name: stored.name,
        media: stored.media.as_str(),
        bytes: stored.bytes,
        sha256: stored.sha256,
    }))
}

/// Takes a file from beside a transaction; where it stands beside no other one, it is deleted for good.
#[utoipa::path(delete,
    path = "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments/{attachment_id}",
    params(("business_id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path), ("transaction_id" = uuid::Uuid, Path),
        ("attachment_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = Recorded),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such file beside this transaction", content_type = "application/problem+json"),
    ))]
pub async fn detach(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, account, transaction, id)): At<(BusinessId, AccountId, TransactionId, AttachmentId)>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let command = AccountCommand::Keep(BesideCommand::Detach { id, transaction });
    let receipt = commands.account(account, command, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: id.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}

/// Writes a memo beside a transaction, in place of the one that stands there.
#[utoipa::path(put,
    path = "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/memo",
    params(("business_id" = uuid::Uuid, Path), ("account_id" = uuid::Uuid, Path), ("transaction_id" = uuid::Uuid, Path)),
    request_body = MemoBody,
    responses(
        (status = 200, body = Recorded),
        (status = 400, description = "A body that does not fit", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 403, description = "Not your role", content_type = "application/problem+json"),
        (status = 404, description = "No such account or transaction", content_type = "application/problem+json"),
        (status = 422, description = "Too long", content_type = "application/problem+json"),
    ))]
pub async fn set_memo(
    State(commands): State<Commands>,
    asker: Asker,
    At((business, account, transaction)): Place,
    Body(body): Body<MemoBody>,
) -> Result<Json<Recorded>, Refusal> {
    let meta = allowed(&asker.principal, &asker.origin, Action::Manage, business)?;
    let command = AccountCommand::Keep(BesideCommand::SetMemo { transaction, memo: body.memo });
    let receipt = commands.account(account, command, &meta).await.map_err(refused)?;
    Ok(Json(Recorded { id: transaction.as_uuid(), position: placed(&commands, &[receipt]).await? }))
}

/// What the request says that the body is: nothing where it only says that it has bytes.
fn declared(headers: &HeaderMap) -> Result<Option<MediaType>, Refusal> {
    let Some(said) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    let said = said.to_str().unwrap_or("?");
    if said.is_empty() || said == "application/octet-stream" {
        return Ok(None);
    }
    let known = said.parse();
    known.map(Some).map_err(|error: domain::attachment::UnknownMediaType| {
        Problem::new(Code::UnsupportedMedia, format!("{error}.")).into()
    })
}

// For map_err.
#[allow(clippy::needless_pass_by_value)]
fn unkept(error: FileError) -> Refusal {
    error.problem().into()
}
