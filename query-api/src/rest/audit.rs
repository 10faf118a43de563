//! The audit history as pages of JSON, or all of it as CSV.

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::access::{Action, Origin, Principal, authorise, authorise_installation};
use domain::security::{SealedField, SecurityEvent, WhatIsExported};
use domain::{BusinessId, TimeZone};
use futures::stream::{self, Stream};
use serde::Serialize;
use streams::Meta;
use streams::export::no_formula;
use streams::security::{Journal, SecurityLog};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::params::{AuditFormat, AuditParams};
use crate::edge::Caller;
use crate::reader::{AuditAsked, Page, Reader};
use crate::views::{AuditFilter, AuditRow};
use crate::{Failure, cursor};

/// A page of the history, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Audit)]
pub struct AuditBody {
    entries: Vec<AuditEntryBody>,
    /// Cursor of the next page.
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryBody {
    position: i64,
    at: DateTime<Utc>,
    kind: String,
    actor: String,
    on_behalf_of: Option<String>,
    subject: Uuid,
    summary: String,
    /// The fields that the event set, as they were.
    #[schema(value_type = Option<Object>)]
    before: Option<serde_json::Value>,
    #[schema(value_type = Option<Object>)]
    after: Option<serde_json::Value>,
    request: Option<String>,
    address: Option<String>,
    /// What the browser or program called itself that somebody signed in with.
    agent: Option<String>,
    trace: Option<String>,
    hash: String,
}

impl From<AuditRow> for AuditEntryBody {
    fn from(row: AuditRow) -> Self {
        let object = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            position: row.position,
            at: row.at,
            kind: row.kind,
            actor: row.actor,
            on_behalf_of: row.on_behalf_of,
            subject: row.subject,
            summary: row.summary,
            before: object(row.before),
            after: object(row.after),
            request: row.request,
            address: row.address,
            agent: row.agent,
            trace: row.trace,
            hash: row.hash,
        }
    }
}

/// Who did what in a business, and when.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/audit",
    params(("business_id" = Uuid, Path), AuditParams),
    responses(
        (status = 200, body = AuditBody, description = "A page, or with `format=csv` all rows as text/csv"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_audit(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    origin: Option<Extension<Origin>>,
    At(business): At<BusinessId>,
    Ask(params): Ask<AuditParams>,
) -> Result<Response, Failure> {
    authorise(&principal, Action::ReadAudit, Some(business))?;
    let zone = reader.view(business, None, params.min_position).await?.business.time_zone;
    answer(reader, &principal, origin, (business, zone), params).await
}

/// What concerns no business: sign-ins, and what was done to the installation. For the local owner alone.
#[utoipa::path(get, path = "/api/v1/audit",
    params(AuditParams),
    responses(
        (status = 200, body = AuditBody, description = "A page, or with `format=csv` all rows as text/csv"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_installation_audit(
    State(reader): State<Reader>,
    Caller(principal): Caller,
    origin: Option<Extension<Origin>>,
    Ask(params): Ask<AuditParams>,
) -> Result<Response, Failure> {
    authorise_installation(&principal)?;
    let installation = BusinessId::from_uuid(Uuid::nil());
    answer(reader, &principal, origin, (installation, TimeZone::UTC), params).await
}

async fn answer(
    reader: Reader,
    principal: &Principal,
    origin: Option<Extension<Origin>>,
    (business, zone): (BusinessId, TimeZone),
    params: AuditParams,
) -> Result<Response, Failure> {
    principal.viewed(SealedField::Address, business);
    let AuditParams { from, to, actor, kind, subject, text, format, first, after, min_position } = params;
    reader.shown_in_audit(min_position).await?;
    let filter = reader
        .audit_filter(business, zone, AuditAsked { from, to, actor, kind, subject, text, position: None })
        .await?;
    let mut response = match format {
        Some(AuditFormat::Csv) => {
            let (filter, rows) = reader.audit_as_it_is(business, filter).await?;
            note_export(&reader, (principal, origin), business, WhatIsExported::AuditTable, rows).await?;
            csv(reader, business, filter)
        }
        None | Some(AuditFormat::Json) => {
            let after = after.as_deref().map(|text| cursor::to_position(business, text)).transpose()?;
            let page = reader.audit(business, &filter, Page::try_new(first.unwrap_or(50), after)?).await?;
            let next =
                page.rows.last().filter(|_| page.has_next).map(|row| cursor::of_position(business, row.position));
            let entries = page.rows.into_iter().map(AuditEntryBody::from).collect();
            Json(AuditBody { entries, next }).into_response()
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// That something of a history leaves, before its first row does: what cannot be recorded does not leave.
pub(super) async fn note_export(
    reader: &Reader,
    (principal, origin): (&Principal, Option<Extension<Origin>>),
    business: BusinessId,
    what: WhatIsExported,
    rows: u64,
) -> Result<(), Failure> {
    let origin = origin.map(|Extension(origin)| origin).unwrap_or_default();
    let journal = SecurityLog::new(reader.pool().clone(), reader.keys().clone());
    let meta = Meta::by(business, principal, &origin);
    let recorded = journal.record(SecurityEvent::Exported { what, rows }, &meta).await;
    recorded.map_err(|error| error.problem().into())
}

/// Rows that are read and written at once; memory does not grow with the answer.
const CHUNK: i32 = 500;

fn csv(reader: Reader, business: BusinessId, filter: AuditFilter) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.csv\"")),
    ];
    (headers, Body::from_stream(lines(reader, business, filter))).into_response()
}

enum Turn {
    Header,
    Before(Option<i64>),
    End,
}

/// The file, chunk by chunk. What fails on the way breaks the transfer off, so that no cut file looks whole.
fn lines(
    reader: Reader,
    business: BusinessId,
    filter: AuditFilter,
) -> impl Stream<Item = Result<Vec<u8>, std::io::Error>> {
    stream::try_unfold(Turn::Header, move |at| {
        let (reader, filter) = (reader.clone(), filter.clone());
        async move {
            let after = match at {
                Turn::Header => return Ok(Some((record(&HEADER)?, Turn::Before(None)))),
                Turn::Before(after) => after,
                Turn::End => return Ok(None),
            };
            let page = Page::try_new(CHUNK, after).map_err(|failure| broken(&failure))?;
            let page = reader.audit(business, &filter, page).await.map_err(|failure| broken(&failure))?;
            let mut text = Vec::new();
            for row in &page.rows {
                text.extend(record(&cells(row))?);
            }
            let next = page.rows.last().filter(|_| page.has_next).map(|row| row.position);
            Ok(Some((text, next.map_or(Turn::End, |position| Turn::Before(Some(position))))))
        }
    })
}

fn broken(failure: &Failure) -> std::io::Error {
    drop(failure.problem());
    std::io::Error::other("the history could not be read to its end")
}

const HEADER: [&str; 14] = [
    "position",
    "at",
    "kind",
    "actor",
    "on_behalf_of",
    "subject",
    "summary",
    "before",
    "after",
    "request",
    "address",
    "agent",
    "trace",
    "hash",
];

fn cells(row: &AuditRow) -> [String; 14] {
    let defused = |text: &str| no_formula(text).into_owned();
    let text = |text: &Option<String>| defused(text.as_deref().unwrap_or_default());
    [
        row.position.to_string(),
        row.at.to_rfc3339(),
        defused(&row.kind),
        defused(&row.actor),
        text(&row.on_behalf_of),
        row.subject.to_string(),
        defused(&row.summary),
        text(&row.before),
        text(&row.after),
        text(&row.request),
        text(&row.address),
        text(&row.agent),
        text(&row.trace),
        row.hash.clone(),
    ]
}

fn record<T: AsRef<[u8]>>(cells: &[T]) -> Result<Vec<u8>, std::io::Error> {
    let mut csv = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    csv.write_record(cells)?;
    csv.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_file_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            let line = String::from_utf8(record(&[no_formula(formula).as_bytes()]).unwrap()).unwrap();
            assert_eq!(line, format!("\"'{formula}\"\n"));
        }
        assert_eq!(record(&[no_formula("say \"=\", twice").as_bytes()]).unwrap(), b"\"say \"\"=\"\", twice\"\n");
    }
}
