//! A month's report, as a page and as a PDF, and the check of one by its code.

mod font;
mod html;
mod pdf;
mod sheet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::access::{Action, authorise};
use domain::business::{ReportCode, SealedFigure};
use domain::{BusinessId, Code, Month, Problem};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::params::{ReportFormat, ReportParams};
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Reader;
use sheet::Sheet;

/// The figures of a month: sealed where it was closed, with what came since then apart from them.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/reports/{month}",
    params(("business_id" = Uuid, Path), ("month" = String, Path, description = "E.g. 2026-03"), ReportParams),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "A page, or with `format=pdf` a PDF"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_report(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    At((business, month)): At<(BusinessId, Month)>,
    Ask(params): Ask<ReportParams>,
) -> Result<Response, Failure> {
    authorise(&principal, Action::Read, Some(business))?;
    let view = reader.view(business, None, params.min_position).await?;
    reader.shown_in_audit(params.min_position).await?;
    let sheet = Sheet::of(&view.business.name, &reader.month(&view, month).await?);
    let mut response = match params.format {
        None | Some(ReportFormat::Html) => {
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html::page(&sheet)).into_response()
        }
        Some(ReportFormat::Pdf) => {
            let disposition = format!("inline; filename=\"report-{month}.pdf\"");
            let headers =
                [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
            (headers, document(&sheet)?).into_response()
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn document(sheet: &Sheet) -> Result<Vec<u8>, Failure> {
    pdf::document(sheet).map_err(|error| {
        tracing::error!(%error, "a report cannot be set");
        Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.").into()
    })
}

/// The style of reports, for browsers that show one.
pub async fn get_style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, html::STYLE).into_response()
}

/// What was sealed, for whoever holds the report and compares.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifiedReport)]
pub struct VerifiedBody {
    #[schema(value_type = String)]
    month: Month,
    closed_at: DateTime<Utc>,
    /// The last event that the figures hold.
    known_position: i64,
    /// The closing's own.
    position: i64,
    hash: String,
    checkpoint: Option<String>,
    figures: Vec<VerifiedFigureBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifiedFigure)]
pub struct VerifiedFigureBody {
    currency: String,
    kind: String,
    #[serde(rename = "in")]
    inflow: Decimal,
    #[serde(rename = "out")]
    outflow: Decimal,
    count: i64,
}

impl From<SealedFigure> for VerifiedFigureBody {
    fn from(figure: SealedFigure) -> Self {
        Self {
            currency: figure.currency.to_string(),
            kind: figure.kind.to_string(),
            inflow: figure.inflow,
            outflow: figure.outflow,
            count: figure.count,
        }
    }
}

/// Checks a report by the code that is printed on it. Whoever holds it may ask: nobody else can have its 80 bits.
#[utoipa::path(get, path = "/api/v1/reports/{code}", params(("code" = String, Path)), security(()),
    responses(
        (status = 200, body = VerifiedBody),
        (status = 404, body = ProblemBody, content_type = "application/problem+json",
            description = "No report was ever sealed with this code"),
    ))]
pub async fn verify_report(State(reader): State<Reader>, At(code): At<String>) -> Result<Response, Failure> {
    let unknown = || Failure::not_found("No report was ever sealed with this code.");
    let code: ReportCode = code.parse().map_err(|_| unknown())?;
    let (_, state) = reader.closing(code).await?.ok_or_else(unknown)?;
    let closing = state.closing.ok_or_else(unknown)?;
    let body = VerifiedBody {
        month: state.month,
        closed_at: closing.at,
        known_position: state.known,
        position: closing.position,
        hash: closing.hash,
        checkpoint: closing.checkpoint,
        figures: state.figures.into_iter().map(VerifiedFigureBody::from).collect(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}
