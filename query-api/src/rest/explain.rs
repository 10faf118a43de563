//! Why a figure is what it is, and what changed it.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::BusinessId;
use rust_decimal::Decimal;

use super::answers::{CauseBody, ChangesBody, ExplanationBody, KnownValueBody, PartBody, ProblemBody};
use super::params::{Ask, At, ChangesParams, ExplainParams};
use super::{Asked, Rest, answer};
use crate::Failure;
use crate::edge::Caller;
use crate::figures::{Unit, exact_amount};
use crate::reader::{self, Explanation, KnownValue, period};

/// The figure's parts, which sum to it exactly, and how it was known earlier.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/explain",
    params(("business_id" = Uuid, Path), ExplainParams),
    responses(
        (status = 200, body = ExplanationBody, headers(("ETag" = String, description = "Version of the figure"))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn explain_figure(
    State(rest): State<Rest>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ExplainParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asked = Asked::begin(rest, &caller, business, params.as_of, &uri, &headers).await;
    answer(asked, async |asked| {
        let currency = asked.view.currency(params.currency.as_deref())?;
        let days = period(params.from, params.to)?;
        let (reader, view) = (&asked.reader, &asked.view);
        let explanation = reader.explain(view, params.metric, days, currency, params.scope()).await?;
        let history = reader.known_values(view, &explanation).await?;
        Ok(asked.answer(explanation_body(business, &explanation, history)))
    })
    .await
}

/// The difference of a figure between two states of knowledge, split by cause.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/changes",
    params(("business_id" = Uuid, Path), ChangesParams),
    responses(
        (status = 200, body = ChangesBody, headers(("ETag" = String, description = "Version of the answer"))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_changes(
    State(rest): State<Rest>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ChangesParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asked = Asked::begin(rest, &caller, business, params.known_to, &uri, &headers).await;
    answer(asked, async |asked| {
        let to = &asked.view;
        let currency = to.currency(params.currency.as_deref())?;
        let days = period(params.from, params.to)?;
        let from = asked.reader.view(business, Some(params.known_from.0), None).await?;
        let changes = asked.reader.changes(&from, to, params.metric, days, currency).await?;
        Ok(asked.answer(changes_body(business, days, &changes)))
    })
    .await
}

fn explanation_body(business: BusinessId, explanation: &Explanation, history: Vec<KnownValue>) -> ExplanationBody {
    let figure = explanation.figure;
    let part = |part: &reader::Part| PartBody {
        key: part.key.clone(),
        label: part.label.clone(),
        kind: part.kind.map(|kind| kind.to_string()),
        category: part.category.clone(),
        account: part.account.map(domain::AccountId::as_uuid),
        value: explanation.shown(part),
        count: part.count,
    };
    let known = |known: KnownValue| KnownValueBody {
        known: known.known,
        value: known.value.map(|value| figure.shown(value)),
        cause: known.cause.map(|cause| cause.to_string()),
    };
    ExplanationBody {
        business: business.as_uuid(),
        metric: figure.metric,
        unit: figure.metric.unit(),
        currency: figure.currency.to_string(),
        period: explanation.period.into(),
        known: explanation.known,
        value: figure.value.ok().map(|value| figure.shown(value)),
        reason: figure.value.err().map(|reason| reason.to_string()),
        formula: figure.metric.formula(),
        parts: explanation.parts.iter().map(part).collect(),
        transaction_count: explanation.transactions,
        history: history.into_iter().map(known).collect(),
    }
}

fn changes_body(business: BusinessId, days: crate::figures::Period, changes: &reader::Changes) -> ChangesBody {
    let unit = changes.metric.unit();
    let shown = |value: Decimal| match unit {
        Unit::Money => exact_amount(value, changes.currency),
        Unit::Ratio | Unit::Months | Unit::Count => value.normalize(),
    };
    let cause = |change: &reader::CauseChange| CauseBody {
        cause: change.cause.to_string(),
        value: shown(change.value),
        count: change.count,
    };
    ChangesBody {
        business: business.as_uuid(),
        metric: changes.metric,
        unit,
        currency: changes.currency.to_string(),
        period: days.into(),
        from: changes.from,
        to: changes.to,
        start: changes.start.map(shown),
        end: changes.end.map(shown),
        causes: changes.causes.iter().map(cause).collect(),
        transaction_count: changes.transactions,
    }
}
