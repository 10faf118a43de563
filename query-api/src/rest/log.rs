//! The whole log of a business with its proofs, as `workdock audit verify` checks it.

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, FromRef, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::BusinessId;
use domain::access::{Action, Origin, authorise};
use domain::security::WhatIsExported;
use futures::{StreamExt, stream};
use streams::proof::{Export, ExportError, Exported, Signatory};
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;
use tokio_util::io::ReaderStream;

use super::answers::ProblemBody;
use super::audit::note_export;
use super::extract::{Ask, At};
use super::params::LogParams;
use super::proof::{failed, unsigned};
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Reader;

/// Routes as axum has them, for a test that finds each of them described.
pub const ROUTES: &[&str] = &["/api/v1/businesses/{business_id}/audit/log"];

/// What the route needs.
#[derive(Debug, Clone, FromRef)]
pub(crate) struct Signing {
    reader: Reader,
    signatory: Signatory,
}

/// `signatory`: whoever signs the checkpoint that the log ends under.
pub fn router(reader: Reader, signatory: Signatory) -> Router {
    Router::new()
        .route("/api/v1/businesses/{business_id}/audit/log", get(get_log))
        .with_state(Signing { reader, signatory })
}

/// Bytes that are written before they are sent.
const AHEAD: usize = 1 << 20;

/// The log of a business with its proofs, a line of JSON for each event, for `workdock audit verify`. Texts in it are
/// sealed.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/audit/log",
    params(("business_id" = Uuid, Path), LogParams),
    responses(
        (status = 200, body = String, content_type = "application/jsonl"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Nobody signs checkpoints just now",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_log(
    State(reader): State<Reader>,
    State(signatory): State<Signatory>,
    Caller(principal): Caller,
    origin: Option<Extension<Origin>>,
    At(business): At<BusinessId>,
    Ask(params): Ask<LogParams>,
) -> Result<Response, Failure> {
    authorise(&principal, Action::ReadAudit, Some(business))?;
    let earlier: Vec<u64> = params.from.into_iter().collect();
    let export = Export::prepare(reader.pool(), &signatory, business, &earlier).await.map_err(refused)?;
    let events = export.events().unsigned_abs();
    note_export(&reader, (&principal, origin), business, WhatIsExported::AuditLog, events).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"workdock-log-{business}.jsonl\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, body(export)).into_response())
}

/// The file as it is written. A reader that goes away ends the writing.
fn body(export: Export) -> Body {
    let (mut written, sent) = tokio::io::duplex(AHEAD);
    streamed(sent, tokio::spawn(async move { export.write(&mut written, |_, _| ()).await }))
}

/// What fails on the way breaks the transfer off, so that no cut file looks whole.
fn streamed(sent: DuplexStream, writing: JoinHandle<Result<Exported, ExportError>>) -> Body {
    let end = stream::once(ended(writing)).filter_map(async |ended| ended.err().map(Err));
    Body::from_stream(ReaderStream::new(sent).chain(end))
}

async fn ended(writing: JoinHandle<Result<Exported, ExportError>>) -> Result<(), std::io::Error> {
    let error = match writing.await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::error!(error, "a log was not written to its end");
    Err(std::io::Error::other("the log could not be read to its end"))
}

fn refused(error: ExportError) -> Failure {
    match error {
        ExportError::Nothing => Failure::not_found("There is no event of this business yet."),
        ExportError::Later { earlier, size } => {
            Failure::invalid(format!("The checkpoint is over {earlier} events, more than the {size} of this log."))
        }
        ExportError::Notary(error) => unsigned(error),
        ExportError::Tree(error) => failed(error),
        ExportError::Database(error) => error.into(),
        // Nothing is written before the answer begins.
        ExportError::Write(error) => sqlx::Error::Io(error).into(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn a_log_that_cannot_be_read_to_its_end_is_broken_off() {
        let (mut written, sent) = tokio::io::duplex(AHEAD);
        let writing = tokio::spawn(async move {
            written.write_all(b"{}\n").await?;
            Err(ExportError::Nothing)
        });
        let taken = axum::body::to_bytes(streamed(sent, writing), usize::MAX).await;
        assert!(taken.is_err(), "{taken:?}");
    }
}
