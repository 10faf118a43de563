//! What providers answered, as it came.

use axum::extract::State;
use axum::response::Response;
use domain::BusinessId;
use domain::access::{Action, authorise};
use domain::account::PayloadMedia;
use domain::attachment::FileHash;
use domain::security::SealedField;

use super::answers::ProblemBody;
use super::download::download;
use super::extract::{Ask, At};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Reader;

/// An answer of a provider, byte by byte as it came: always as a download, never shown as a page of ours.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/payloads/{hash}",
    params(("business_id" = uuid::Uuid, Path), ("hash" = String, Path), ReadParams),
    responses(
        (status = 200, description = "The answer", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_payload(
    State(reader): State<Reader>,
    caller: Caller,
    At((business, file)): At<(BusinessId, FileHash)>,
    Ask(params): Ask<ReadParams>,
) -> Result<Response, Failure> {
    authorise(&caller.0, Action::Read, Some(business))?;
    caller.0.viewed(SealedField::Description, business);
    reader.shown(business, params.min_position).await?;
    let found = reader.payload(business, file).await?;
    let (row, opened) = found.ok_or_else(|| Failure::not_found("There is no such payload."))?;
    let name = format!("payload-{}.{}", &file.to_string()[..12], PayloadMedia::ending(&row.media));
    Ok(download(&name, row.media, opened))
}
