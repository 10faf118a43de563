use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::BusinessId;
use domain::access::Origin;
use domain::security::WhatIsExported;
use domain::{Code, Problem};
use streams::Meta;
use streams::security::{Journal, SecurityEvent};
use tokio_util::io::ReaderStream;

use super::{ExportError, Exports, export};
use crate::Failure;
use crate::edge::Caller;
use crate::rest::ProblemBody;

/// Routes as axum has them, for a test that finds each of them described.
pub const ROUTES: &[&str] = &["/api/v1/businesses/{business_id}/export"];

/// The archive as a download.
pub fn router(exports: Exports) -> Router {
    Router::new().route("/api/v1/businesses/{business_id}/export", get(get_export)).with_state(exports)
}

/// Everything about a business as a tar file. For its owners, with a second factor that was shown just now.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/export", tag = "export",
    params(("business_id" = Uuid, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/x-tar"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "There is no room to write it just now",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_export(
    State(exports): State<Exports>,
    caller: Caller,
    Path(business): Path<String>,
    origin: Option<Extension<Origin>>,
) -> Result<Response, Failure> {
    let business: BusinessId = business.parse().map_err(|_| Failure::not_found("There is no such business."))?;
    let gathered = export(&exports, &caller.0, business).await.map_err(|error| match error {
        ExportError::Failure(failure) => failure,
        ExportError::Io(error) => failed(&error),
    })?;
    let (manifest, file) = gathered.unnamed().await.map_err(|error| failed(&error))?;
    let meta = Meta::by(business, &caller.0, &origin.map(|Extension(origin)| origin).unwrap_or_default());
    let exported = SecurityEvent::Exported { what: WhatIsExported::Business, rows: manifest.rows() };
    exports.commands.journal().record(exported, &meta).await.map_err(|error| error.problem())?;
    let bytes = file.metadata().await.map_err(|error| failed(&error))?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"workdock-{business}.tar\"")),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

fn failed(error: &std::io::Error) -> Failure {
    tracing::error!(%error, "an archive cannot be written");
    Problem::new(Code::Unavailable, "There is no room to write the archive just now. Try again later.").into()
}
