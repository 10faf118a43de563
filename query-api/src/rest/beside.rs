//! What is kept beside transactions, and files as they were sent.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::access::{Action, authorise};
use domain::security::SealedField;
use domain::{AttachmentId, BusinessId, TransactionId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::download::download;
use super::extract::{Ask, At};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::reader::{Attachment, Memo, Reader};

/// Files and a memo, as they stand now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Beside)]
pub struct BesideBody {
    pub attachments: Vec<AttachmentBody>,
    pub memo: Option<MemoBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attachment)]
pub struct AttachmentBody {
    pub id: Uuid,
    pub name: String,
    /// By what the file begins with.
    pub media: String,
    pub bytes: i64,
    /// Of the file itself, in hexadecimal.
    pub sha256: Option<String>,
    pub attached_at: DateTime<Utc>,
    /// As the audit history names them.
    pub by: String,
    pub position: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Memo)]
pub struct MemoBody {
    pub text: String,
    pub at: DateTime<Utc>,
    pub by: String,
    pub position: i64,
}

impl From<Attachment> for AttachmentBody {
    fn from(attachment: Attachment) -> Self {
        Self {
            id: attachment.row.id.as_uuid(),
            name: attachment.name,
            media: attachment.row.media,
            bytes: attachment.row.bytes,
            sha256: attachment.sha256,
            attached_at: attachment.row.at,
            by: attachment.row.actor,
            position: attachment.row.position,
        }
    }
}

impl From<Memo> for MemoBody {
    fn from(memo: Memo) -> Self {
        Self { text: memo.text, at: memo.at, by: memo.actor, position: memo.position }
    }
}

/// Files and a memo beside a transaction.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/transactions/{transaction_id}/beside",
    params(("business_id" = uuid::Uuid, Path), ("transaction_id" = uuid::Uuid, Path), ReadParams),
    responses(
        (status = 200, body = BesideBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_beside(
    State(reader): State<Reader>,
    caller: Caller,
    At((business, transaction)): At<(BusinessId, TransactionId)>,
    Ask(params): Ask<ReadParams>,
) -> Result<Response, Failure> {
    authorise(&caller.0, Action::Read, Some(business))?;
    caller.0.viewed(SealedField::Description, business);
    reader.shown(business, params.min_position).await?;
    let beside = reader.beside(business, transaction).await?;
    let attachments = beside.attachments.into_iter().map(Into::into).collect();
    let body = BesideBody { attachments, memo: beside.memo.map(Into::into) };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// A file as it was sent: always as a download, never shown as a page of ours.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/attachments/{attachment_id}",
    params(("business_id" = uuid::Uuid, Path), ("attachment_id" = uuid::Uuid, Path), ReadParams),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_attachment(
    State(reader): State<Reader>,
    caller: Caller,
    At((business, id)): At<(BusinessId, AttachmentId)>,
    Ask(params): Ask<ReadParams>,
) -> Result<Response, Failure> {
    authorise(&caller.0, Action::Read, Some(business))?;
    caller.0.viewed(SealedField::Description, business);
    reader.shown(business, params.min_position).await?;
    let found = reader.attachment(business, id).await?;
    let (attachment, opened) = found.ok_or_else(|| Failure::not_found("There is no such file."))?;
    Ok(download(&attachment.name, attachment.row.media, opened))
}
