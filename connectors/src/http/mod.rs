//! Upload of a statement file: first what it would add, then the import.
//!
//! - `POST /api/v1/businesses/{id}/imports/preview` answers `{format, mapping, certainty, certainties,
//!   columns, sample, report}`
//! - `POST /api/v1/businesses/{id}/imports` answers the report, as `workdock import --json` prints it
//!
//! - `POST /api/v1/businesses/{id}/rates/imports` takes a `file` of exchange rates and answers what became of it
//!
//! The first two take `multipart/form-data` with `file`, and optionally `mapping` (JSON or TOML), `account` (a name) and
//! `strict` (`true`). The file is spooled to disk: memory does not grow with it. Errors are
//! `application/problem+json` after RFC 9457, with `line` where a line is at fault, `questions` (`{key, problem,
//! options}`) where the file leaves something open, and where rows are refused the `report` with their lines and
//! reasons.

mod connections;
mod rates;
mod upload;
mod webhooks;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Extension, Multipart, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::access::{Action, Origin, Principal, authorise};
use domain::{BusinessId, Code, Problem};
use serde_json::{Value, json};
use sqlx::PgPool;
use streams::{Commands, Meta};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use crate::file::detect::Question;
use crate::file::import::{self, Request};
use crate::file::{ImportError, Limits, Report, Row};
use upload::Upload;

pub use connections::router as connections_router;

const SAMPLE: usize = 20;

#[derive(OpenApi)]
#[openapi(info(title = "Workdock"), paths(write_import, preview_import, rates::import_rates))]
struct Api;

/// The OpenAPI 3.1 description of these routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut all = Api::openapi();
    all.merge(connections::Api::openapi());
    all
}

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes what a form holds")]
struct ImportForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// JSON or TOML; seen from the file where absent.
    mapping: Option<String>,
    /// What the file's account is called.
    account: Option<String>,
    /// `true`: one refused row refuses the file.
    strict: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Imports {
    pub commands: Commands,
    pub pool: PgPool,
    /// The most bytes of an upload.
    pub most_bytes: u64,
}

pub fn router(imports: Imports) -> Router {
    Router::new()
        .route("/api/v1/businesses/{business_id}/imports", post(write_import))
        .route("/api/v1/businesses/{business_id}/imports/preview", post(preview_import))
        .route("/api/v1/businesses/{business_id}/rates/imports", post(rates::import_rates))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(imports))
}

/// An error as its caller sees it: a problem, and as members of its own what the file leaves open and where it fails.
pub struct Refusal {
    problem: Problem,
    line: Option<u64>,
    questions: Vec<Question>,
    report: Option<Report>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, line: None, questions: Vec::new(), report: None }
    }
}

impl From<ImportError> for Refusal {
    fn from(error: ImportError) -> Self {
        if let ImportError::Unavailable(source) = &error {
            tracing::error!(error = %source, "an import could not be written");
        }
        let report = Some(error.report()).filter(|report| report.refused_count > 0);
        Self { problem: error.problem(), line: error.line(), questions: error.questions().to_vec(), report }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = json!(self.problem);
        if let Some(line) = self.line {
            body["line"] = json!(line);
        }
        if !self.questions.is_empty() {
            body["questions"] = json!(self.questions);
        }
        if let Some(report) = &self.report {
            body["report"] = json!(report);
        }
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

/// Imports a file. Sent again it adds nothing: the rows are known, whatever the reason for a second try.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/imports",
    params(("business_id" = uuid::Uuid, Path)),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What became of it, as `workdock import --json` prints it", body = serde_json::Value),
        (status = 400, description = "No statement file", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
        (status = 413, description = "Too large", content_type = "application/problem+json"),
        (status = 422, description = "It does not fit; nothing was written", content_type = "application/problem+json"),
    ))]
async fn write_import(
    State(imports): State<Arc<Imports>>,
    Path(id): Path<Uuid>,
    principal: Option<Extension<Principal>>,
    origin: Option<Extension<Origin>>,
    form: Multipart,
) -> Result<Response, Refusal> {
    let (upload, request) = received(&imports, id, (principal, origin), form, false).await?;
    let report = import::import(&imports.commands, &imports.pool, &request, |_| ()).await?;
    drop(upload);
    Ok(Json(report).into_response())
}

/// What an import of the file would do; nothing is written.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/imports/preview",
    params(("business_id" = uuid::Uuid, Path)),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The mapping, a sample and the report of a dry run", body = serde_json::Value),
        (status = 400, description = "No statement file", content_type = "application/problem+json"),
        (status = 401, description = "No session", content_type = "application/problem+json"),
        (status = 404, description = "No such business of yours", content_type = "application/problem+json"),
        (status = 413, description = "Too large", content_type = "application/problem+json"),
        (status = 422, description = "It does not fit", content_type = "application/problem+json"),
    ))]
async fn preview_import(
    State(imports): State<Arc<Imports>>,
    Path(id): Path<Uuid>,
    principal: Option<Extension<Principal>>,
    origin: Option<Extension<Origin>>,
    form: Multipart,
) -> Result<Response, Refusal> {
    let (upload, request) = received(&imports, id, (principal, origin), form, true).await?;
    let settled = import::settled(&request).await?;
    let sample = import::sample(&request, &settled, SAMPLE).await?;
    let report = import::import(&imports.commands, &imports.pool, &request, |_| ()).await?;
    drop(upload);
    let unsure: Vec<_> = settled.certainty().iter().filter(|certainty| !certainty.sure).collect();
    let unsure: Vec<String> = unsure.iter().map(|one| format!("{}: {}", one.key, one.why)).collect();
    Ok(Json(json!({
        "format": settled.format().as_str(),
        "mapping": settled.mapping(),
        "certainty": if unsure.is_empty() { "sure".to_owned() } else { unsure.join("; ") },
        "certainties": settled.certainty(),
        "columns": settled.columns(),
        "sample": sample.iter().map(as_json).collect::<Vec<_>>(),
        "report": report,
    }))
    .into_response())
}

fn as_json(row: &Row) -> Value {
    json!({
        "line": row.line,
        "booked": row.booked,
        "amount": row.amount,
        "currency": row.currency,
        "kind": row.kind,
        "category": row.category,
        "description": row.description,
        "counterparty": row.counterparty,
        "account": row.account,
    })
}

/// Authorises before the first byte is read. The upload's file lives as long as [`Upload`].
async fn received(
    imports: &Imports,
    id: Uuid,
    (principal, origin): (Option<Extension<Principal>>, Option<Extension<Origin>>),
    form: Multipart,
    dry_run: bool,
) -> Result<(Upload, Request), Refusal> {
    let Some(Extension(principal)) = principal else {
        return Err(Problem::new(Code::Unauthenticated, "Sign in first.").into());
    };
    let business = BusinessId::from_uuid(id);
    authorise(&principal, Action::Import, Some(business))?;
    let origin = origin.map(|Extension(origin)| origin).unwrap_or_default();
    let upload = Upload::receive(form, imports.most_bytes).await?;
    let request = Request {
        business,
        meta: Meta::by(business, &principal, &origin),
        path: upload.path().to_owned(),
        file: upload.name.clone(),
        mapping: upload.mapping.clone(),
        defaults: import::defaults_of(&imports.pool, imports.commands.keys(), business, upload.account.clone()).await?,
        strict: upload.strict,
        dry_run,
        limits: Limits::default(),
    };
    Ok((upload, request))
}
