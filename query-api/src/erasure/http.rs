use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, TimeDelta, Utc};
use domain::BusinessId;
use domain::access::{Action, Principal, Subject, authorise};
use domain::{Code, Problem};
use serde::Serialize;
use sqlx::PgPool;
use streams::erasure::{self, State as Erasure};
use streams::proof::Certificate;
use utoipa::ToSchema;

use crate::Failure;
use crate::edge::Caller;
use crate::rest::{Ask, CertificateParams, ProblemBody};

/// How long former owners may load a certificate.
const FOR_OWNERS: TimeDelta = TimeDelta::days(90);

/// What the routes need.
#[derive(Debug, Clone)]
pub struct Erasures {
    pub pool: PgPool,
}

/// Routes as axum has them, for a test that finds each of them described.
pub const ROUTES: &[&str] = &["/api/v1/erasures", "/api/v1/erasures/{business_id}/certificate"];

/// For whoever owned the business when it was erased, and for whoever runs the installation.
pub fn router(erasures: Erasures) -> Router {
    Router::new()
        .route("/api/v1/erasures", get(get_erasures))
        .route("/api/v1/erasures/{business_id}/certificate", get(get_certificate))
        .with_state(erasures)
}

/// Businesses that were erased.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasures)]
pub(crate) struct ErasuresBody {
    erasures: Vec<ErasureBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure)]
struct ErasureBody {
    #[schema(value_type = uuid::Uuid)]
    business: BusinessId,
    erased_at: Option<DateTime<Utc>>,
    /// Whether there is a certificate.
    done: bool,
    /// Until then former owners may load it.
    certificate_until: Option<DateTime<Utc>>,
}

/// Businesses that were erased: those that the caller owned then, or all for whoever runs the installation.
#[utoipa::path(get, path = "/api/v1/erasures", tag = "erasure", responses(
    (status = 200, body = ErasuresBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn get_erasures(
    State(erasures): State<Erasures>,
    caller: Caller,
) -> Result<Json<ErasuresBody>, Failure> {
    let found = visible(&erasures.pool, &caller.0).await?;
    let body = |state: Erasure| ErasureBody {
        business: state.business,
        erased_at: state.erased_at,
        done: state.certified_at.is_some(),
        certificate_until: state.certified_at.map(|at| at + FOR_OWNERS),
    };
    Ok(Json(ErasuresBody { erasures: found.into_iter().map(body).collect() }))
}

/// Only what is past the way back: before, the business itself says it.
async fn visible(pool: &PgPool, principal: &Principal) -> Result<Vec<Erasure>, Failure> {
    authorise(principal, Action::UseOwnAccount, None)?;
    let mut found = match principal.subject {
        Subject::User(user) => erasure::owned_by(pool, user).await?,
        Subject::LocalOwner => erasure::list(pool).await?,
        Subject::Key(_) | Subject::System(_) => Vec::new(),
    };
    found.retain(|state| state.erased_at.is_some());
    Ok(found)
}

/// What was erased and when, signed, with the proof that the log says so. For former owners for 90 days; always for
/// whoever runs the installation.
#[utoipa::path(get, path = "/api/v1/erasures/{business_id}/certificate", tag = "erasure",
    params(("business_id" = Uuid, Path), CertificateParams),
    responses(
        (status = 200, description = "JSON, for `workdock audit verify`; text where it is asked for", content(
            (serde_json::Value = "application/json"),
            (String = "text/plain"),
        )),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_certificate(
    State(erasures): State<Erasures>,
    caller: Caller,
    Path(business): Path<String>,
    Ask(shown): Ask<CertificateParams>,
) -> Result<Response, Failure> {
    let none = || Failure::not_found("There is no such certificate.");
    let business: BusinessId = business.parse().map_err(|_| none())?;
    let visible = visible(&erasures.pool, &caller.0).await?;
    if !visible.iter().any(|state| state.business == business) {
        return Err(none());
    }
    let json = erasure::certificate(&erasures.pool, business).await?.ok_or_else(none)?;
    if shown.form.as_deref() == Some("text") {
        let read = Certificate::read(&json).map_err(|error| {
            tracing::error!(%error, %business, "a certificate cannot be read");
            Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
        })?;
        let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        return Ok((headers, read.statement.to_string()).into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"workdock-erasure-{business}.json\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, json).into_response())
}
