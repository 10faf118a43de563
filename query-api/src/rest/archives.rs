//! Archived parts of a history: the list, and the files.

use std::io::ErrorKind;

use axum::body::Body;
use axum::extract::{Extension, FromRef, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use domain::access::{Action, Origin, Principal, authorise, authorise_installation};
use domain::security::WhatIsExported;
use domain::{BusinessId, Code, Problem};
use serde::Serialize;
use streams::retention::Archives;
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::audit::note_export;
use super::extract::{Ask, At};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Reader;
use crate::views::{self, ArchiveRow};

/// Routes as axum has them, for a test that asks each of them without a session.
pub const ROUTES: &[&str] = &[
    "/api/v1/businesses/{business_id}/audit/archives",
    "/api/v1/businesses/{business_id}/audit/archives/{position}",
    "/api/v1/audit/archives",
    "/api/v1/audit/archives/{position}",
];

/// What the routes need.
#[derive(Debug, Clone, FromRef)]
pub struct Kept {
    reader: Reader,
    archives: Archives,
}

/// `archives`: the folder of the process that writes them.
pub fn router(reader: Reader, archives: Archives) -> Router {
    Router::new()
        .route("/api/v1/businesses/{business_id}/audit/archives", get(list_archives))
        .route("/api/v1/businesses/{business_id}/audit/archives/{position}", get(get_archive))
        .route("/api/v1/audit/archives", get(list_installation_archives))
        .route("/api/v1/audit/archives/{position}", get(get_installation_archive))
        .with_state(Kept { reader, archives })
}

/// A part of a history that stands in a file with its proof, and no longer among the entries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryArchive)]
pub struct ArchiveBody {
    /// Of the event with which it left the history; names it in the address of the file.
    position: i64,
    at: DateTime<Utc>,
    file: String,
    first_position: i64,
    last_position: i64,
    events: i64,
    /// All of it was known before.
    before: DateTime<Utc>,
    /// Of the file, in hexadecimal digits.
    sha256: String,
    bytes: i64,
}

impl From<ArchiveRow> for ArchiveBody {
    fn from(row: ArchiveRow) -> Self {
        let ArchiveRow { position, at, file, first_position, last_position, events, before, sha256, bytes } = row;
        Self { position, at, file, first_position, last_position, events, before, sha256, bytes }
    }
}

/// The archived parts of a business's history, newest first.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/audit/archives",
    params(("business_id" = Uuid, Path), ReadParams),
    responses(
        (status = 200, body = [ArchiveBody]),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_archives(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ReadParams>,
) -> Result<Response, Failure> {
    authorise(&principal, Action::ReadAudit, Some(business))?;
    list(&reader, business, &params).await
}

/// Those of what concerns no business. For the local owner alone.
#[utoipa::path(get, path = "/api/v1/audit/archives", params(ReadParams), responses(
    (status = 200, body = [ArchiveBody]),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 403, body = ProblemBody, content_type = "application/problem+json"),
))]
pub async fn list_installation_archives(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    Ask(params): Ask<ReadParams>,
) -> Result<Response, Failure> {
    authorise_installation(&principal)?;
    list(&reader, installation(), &params).await
}

/// The file, for `workdock audit verify`.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/audit/archives/{position}",
    params(("business_id" = Uuid, Path), ("position" = i64, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/gzip"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_archive(
    State(kept): State<Kept>,
    Caller(principal): Caller,
    origin: Option<Extension<Origin>>,
    At((business, position)): At<(BusinessId, i64)>,
) -> Result<Response, Failure> {
    authorise(&principal, Action::ReadAudit, Some(business))?;
    kept.send(&principal, origin, business, position).await
}

/// The same of what concerns no business. For the local owner alone.
#[utoipa::path(get, path = "/api/v1/audit/archives/{position}",
    params(("position" = i64, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/gzip"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_installation_archive(
    State(kept): State<Kept>,
    Caller(principal): Caller,
    origin: Option<Extension<Origin>>,
    At(position): At<i64>,
) -> Result<Response, Failure> {
    authorise_installation(&principal)?;
    kept.send(&principal, origin, installation(), position).await
}

const fn installation() -> BusinessId {
    BusinessId::from_uuid(Uuid::nil())
}

async fn list(reader: &Reader, business: BusinessId, params: &ReadParams) -> Result<Response, Failure> {
    reader.shown_in_audit(params.min_position).await?;
    let rows = views::archives(reader.pool(), business).await?;
    let bodies: Vec<_> = rows.into_iter().map(ArchiveBody::from).collect();
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(bodies)).into_response())
}

impl Kept {
    async fn send(
        &self,
        principal: &Principal,
        origin: Option<Extension<Origin>>,
        business: BusinessId,
        position: i64,
    ) -> Result<Response, Failure> {
        let rows = views::archives(self.reader.pool(), business).await?;
        let Some(row) = rows.into_iter().find(|row| row.position == position) else {
            return Err(Failure::not_found("There is no such archive."));
        };
        let file = self.open(business, &row).await?;
        let events = row.events.unsigned_abs();
        note_export(&self.reader, (principal, origin), business, WhatIsExported::AuditLog, events).await?;
        // Made of numbers by this program.
        let disposition = format!("attachment; filename=\"{}\"", row.file);
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/gzip")),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|error| unreadable(&error))?),
        ];
        Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
    }

    async fn open(&self, business: BusinessId, row: &ArchiveRow) -> Result<File, Failure> {
        match File::open(self.archives.path(business, row.first_position, row.last_position)).await {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::not_found(
                "This archive is not where archives are kept (audit.archive_folder): it was moved, or another process \
                 writes them. Ask whoever runs the installation for the file.",
            )),
            Err(error) => Err(unreadable(&error)),
        }
    }
}

fn unreadable(error: &dyn std::error::Error) -> Failure {
    tracing::error!(%error, "an archive cannot be read");
    Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.").into()
}
