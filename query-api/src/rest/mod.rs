//! REST with OpenAPI: the figures as resources, each with a tag by which a caller sees that nothing changed.

mod answers;
pub mod archives;
mod audit;
mod beside;
mod businesses;
mod cache;
mod completeness;
mod connections;
mod documents;
mod download;
mod explain;
mod extract;
pub mod log;
mod matches;
mod meaning;
mod metrics;
mod paged;
mod params;
mod payloads;
mod proof;
mod rates;
mod recurring;
mod report;
mod rules;
pub mod sign_ins;
mod transactions;
mod waiting;

use std::sync::Arc;

use axum::extract::FromRef;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::access::{Action, authorise};
use domain::{BusinessId, Code, Problem};
use serde::Serialize;
use streams::proof::Signatory;
use utoipa::OpenApi;

use crate::edge::{Caller, Tag};
use crate::reader::{Reader, View};
use crate::{Failure, erasure, export};
pub(crate) use answers::ProblemBody;
use cache::{Answers, Key};
pub(crate) use extract::Ask;
use params::AsOfParam;
pub(crate) use params::CertificateParams;
use waiting::Waiting;

pub use proof::unsigned;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Workdock",
        description = "Figures of a business, as known now or at any earlier position of its log. Amounts are exact decimals as strings; plus is money in. Errors are RFC 9457 problems."
    ),
    paths(
        businesses::list_businesses,
        connections::list_connections,
        connections::list_syncs,
        completeness::list_standings,
        completeness::get_completeness,
        completeness::get_account_completeness,
        metrics::get_summary,
        metrics::get_metric,
        transactions::list_transactions,
        explain::explain_figure,
        matches::list_matches,
        documents::list_documents,
        meaning::list_categories,
        rates::list_rates,
        rules::list_rules,
        rules::preview_rules,
        explain::list_changes,
        recurring::list_recurring,
        beside::list_beside,
        beside::get_attachment,
        payloads::get_payload,
        audit::list_audit,
        audit::list_installation_audit,
        sign_ins::list_sign_ins,
        archives::list_archives,
        archives::list_installation_archives,
        archives::get_archive,
        archives::get_installation_archive,
        proof::get_checkpoint,
        proof::sign_checkpoint,
        proof::get_proof,
        log::get_log,
        report::get_report,
        report::verify_report,
        export::http::get_export,
        erasure::http::get_erasures,
        erasure::http::get_certificate,
    ),
    modifiers(&Waiting)
)]
struct Api;

/// The OpenAPI 3.1 description of every route of this service; the binary serves it with those of the other services.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Routes as axum has them, for a test that asks each of them without a session.
pub const ROUTES: &[&str] = &[
    "/api/v1/businesses",
    "/api/v1/metrics/{business_id}/summary",
    "/api/v1/metrics/{business_id}/{metric}",
    "/api/v1/businesses/{business_id}/transactions",
    "/api/v1/businesses/{business_id}/transactions/{transaction_id}/beside",
    "/api/v1/businesses/{business_id}/attachments/{attachment_id}",
    "/api/v1/businesses/{business_id}/payloads/{hash}",
    "/api/v1/businesses/{business_id}/recurring",
    "/api/v1/businesses/{business_id}/matches",
    "/api/v1/businesses/{business_id}/documents",
    "/api/v1/businesses/{business_id}/categories",
    "/api/v1/businesses/{business_id}/rates",
    "/api/v1/businesses/{business_id}/rules",
    "/api/v1/businesses/{business_id}/explain",
    "/api/v1/businesses/{business_id}/changes",
    "/api/v1/businesses/{business_id}/audit",
    "/api/v1/businesses/{business_id}/connections",
    "/api/v1/businesses/{business_id}/connections/{source_id}/log",
    "/api/v1/businesses/{business_id}/connections/{source_id}/completeness",
    "/api/v1/businesses/{business_id}/completeness",
    "/api/v1/businesses/{business_id}/accounts/{account_id}/completeness",
    "/api/v1/audit",
    "/api/v1/audit/checkpoint",
    "/api/v1/audit/proof",
    "/api/v1/businesses/{business_id}/reports/{month}",
];

/// Routes that need no session: a report is checked by whoever holds it.
pub const OPEN_ROUTES: &[&str] = &["/api/v1/reports/{code}"];

pub(crate) fn router(reader: Reader) -> Router {
    Router::new()
        .route("/api/v1/businesses", get(businesses::list_businesses))
        .route("/api/v1/metrics/{business_id}/summary", get(metrics::get_summary))
        .route("/api/v1/metrics/{business_id}/{metric}", get(metrics::get_metric))
        .route("/api/v1/businesses/{business_id}/transactions", get(transactions::list_transactions))
        .route("/api/v1/businesses/{business_id}/transactions/{transaction_id}/beside", get(beside::list_beside))
        .route("/api/v1/businesses/{business_id}/attachments/{attachment_id}", get(beside::get_attachment))
        .route("/api/v1/businesses/{business_id}/payloads/{hash}", get(payloads::get_payload))
        .route("/api/v1/businesses/{business_id}/recurring", get(recurring::list_recurring))
        .route("/api/v1/businesses/{business_id}/matches", get(matches::list_matches))
        .route("/api/v1/businesses/{business_id}/documents", get(documents::list_documents))
        .route("/api/v1/businesses/{business_id}/categories", get(meaning::list_categories))
        .route("/api/v1/businesses/{business_id}/rates", get(rates::list_rates))
        .route("/api/v1/businesses/{business_id}/rules", get(rules::list_rules))
        .route("/api/v1/businesses/{business_id}/rules/preview", post(rules::preview_rules))
        .route("/api/v1/businesses/{business_id}/explain", get(explain::explain_figure))
        .route("/api/v1/businesses/{business_id}/changes", get(explain::list_changes))
        .route("/api/v1/businesses/{business_id}/audit", get(audit::list_audit))
        .route("/api/v1/businesses/{business_id}/connections", get(connections::list_connections))
        .route("/api/v1/businesses/{business_id}/connections/{source_id}/log", get(connections::list_syncs))
        .route(
            "/api/v1/businesses/{business_id}/connections/{source_id}/completeness",
            get(completeness::get_completeness),
        )
        .route("/api/v1/businesses/{business_id}/completeness", get(completeness::list_standings))
        .route(
            "/api/v1/businesses/{business_id}/accounts/{account_id}/completeness",
            get(completeness::get_account_completeness),
        )
        .route("/api/v1/audit", get(audit::list_installation_audit))
        .route("/api/v1/audit/checkpoint", get(proof::get_checkpoint))
        .route("/api/v1/audit/proof", get(proof::get_proof))
        .route("/api/v1/businesses/{business_id}/reports/{month}", get(report::get_report))
        .route("/api/v1/reports/style.css", get(report::get_style))
        .route("/api/v1/reports/{code}", get(report::verify_report))
        .with_state(Rest { reader, answers: Answers::default() })
}

/// Checkpoints on demand, by whoever signs them.
pub fn checkpoints(signatory: Signatory) -> Router {
    Router::new().route("/api/v1/audit/checkpoint", post(proof::sign_checkpoint)).with_state(signatory)
}

/// What handlers work with.
#[derive(Debug, Clone, FromRef)]
pub(crate) struct Rest {
    reader: Reader,
    answers: Answers,
}

/// What every question about a business has in common.
struct Asked {
    reader: Reader,
    view: View,
    answers: Answers,
    key: Arc<Key>,
}

impl Asked {
    /// Authorises and fixes the view. `Err(Ok(…))` is the answer that the caller has already.
    async fn begin(
        rest: Rest,
        caller: &Caller,
        business: BusinessId,
        (as_of, min_position): (Option<AsOfParam>, Option<i64>),
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, Result<Response, Failure>> {
        authorise(&caller.0, Action::Read, Some(business)).map_err(|problem| Err(problem.into()))?;
        let Rest { reader, answers } = rest;
        let view = reader.view(business, as_of.map(|as_of| as_of.0), min_position).await.map_err(Err)?;
        let question = uri.to_string();
        let tag = Tag::of(&view, &question);
        if tag.is_held(headers) {
            return Err(Ok(tag.not_modified()));
        }
        let key = Arc::new(Key { business, tag, question: question.into() });
        if let Some(kept) = answers.get(&key) {
            return Err(Ok(kept));
        }
        Ok(Self { reader, view, answers, key })
    }

    fn answer(&self, body: impl Serialize) -> Response {
        self.key.tag.put_on(Json(body).into_response())
    }
}

/// Runs `answer` on the asked view, unless the caller has the answer already.
async fn answer<F>(
    asked: Result<Asked, Result<Response, Failure>>,
    answer: impl FnOnce(Arc<Asked>) -> F,
) -> Result<Response, Failure>
where
    F: Future<Output = Result<Response, Failure>>,
{
    match asked {
        Ok(asked) => {
            let (answers, key) = (asked.answers.clone(), asked.key.clone());
            answers.keep(key, answer(Arc::new(asked)).await?).await.map_err(unreadable)
        }
        Err(early) => early,
    }
}

/// The same for answers with texts of people: those are read each time, and never kept.
async fn answer_unkept<F>(
    asked: Result<Asked, Result<Response, Failure>>,
    answer: impl FnOnce(Arc<Asked>) -> F,
) -> Result<Response, Failure>
where
    F: Future<Output = Result<Response, Failure>>,
{
    match asked {
        Ok(asked) => answer(Arc::new(asked)).await,
        Err(early) => early,
    }
}

// For map_err.
#[allow(clippy::needless_pass_by_value)]
fn unreadable(error: axum::Error) -> Failure {
    tracing::error!(%error, "an answer cannot be read");
    Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.").into()
}
