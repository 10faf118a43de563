//! Why a figure is what it is, and what changed it.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::BusinessId;
use domain::rates::{Conversion, Leg};
use rust_decimal::Decimal;

use super::answers::{
    CauseBody, ChangesBody, ConvertedDayBody, ExplanationBody, KnownValueBody, OriginalBody, PartBody, ProblemBody,
    UsedRateBody,
};
use super::extract::{Ask, At};
use super::params::{ChangesParams, ExplainParams};
use super::{Asked, Rest, answer};
use crate::Failure;
use crate::edge::Caller;
use crate::figures::{Unit, exact_amount};
use crate::reader::{self, ConvertedDay, Explanation, KnownValue, Original, period};

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
    let asked = Asked::begin(rest, &caller, business, (params.as_of, params.min_position), &uri, &headers).await;
    answer(asked, async |asked| {
        let terms = asked.view.terms(params.currency.as_deref())?;
        let days = period(params.from, params.to)?;
        let (reader, view) = (&asked.reader, &asked.view);
        let explanation = reader.explain(view, params.metric, days, terms, params.scope()).await?;
        let history = reader.known_values(view, &explanation).await?;
        let mut originals = Vec::with_capacity(explanation.originals.len());
        for original in &explanation.originals {
            let days = reader.conversions(view, &explanation, original.currency, None).await?;
            originals.push(original_body(original, days, &explanation));
        }
        Ok(asked.answer(explanation_body(business, &explanation, (originals, history))))
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
    let asked = Asked::begin(rest, &caller, business, (params.known_to, params.min_position), &uri, &headers).await;
    answer(asked, async |asked| {
        let to = &asked.view;
        let terms = to.terms(params.currency.as_deref())?;
        let days = period(params.from, params.to)?;
        let from = asked.reader.view(business, Some(params.known_from.0), None).await?;
        let changes = asked.reader.changes(&from, to, params.metric, days, terms).await?;
        Ok(asked.answer(changes_body(business, &changes)))
    })
    .await
}

fn original_body(original: &Original, days: Vec<ConvertedDay>, explanation: &Explanation) -> OriginalBody {
    let told = explanation.terms.currency;
    let day = |day: ConvertedDay| ConvertedDayBody {
        day: day.day,
        amount: explanation.shown_in(day.amount, day.currency),
        value: day.value.map(|value| explanation.shown_in(value, told)),
        factor: day.conversion.map(|found| found.factor.normalize()),
        rates: day.conversion.map(used_rates).unwrap_or_default(),
    };
    OriginalBody {
        currency: original.currency.to_string(),
        amount: explanation.shown_in(original.amount, original.currency),
        value: original.value.map(|value| explanation.shown_in(value, told)),
        count: original.count,
        days: days.into_iter().map(day).collect(),
    }
}

fn used_rates(found: Conversion) -> Vec<UsedRateBody> {
    let used = |leg: Leg| UsedRateBody {
        base: leg.base.to_string(),
        quote: leg.quote.to_string(),
        rate: leg.known.rate.normalize(),
        day: leg.day,
        source: leg.known.source.to_string(),
        position: leg.known.position,
        divides: leg.divides,
    };
    [Some(found.first), found.second].into_iter().flatten().map(used).collect()
}

fn explanation_body(
    business: BusinessId,
    explanation: &Explanation,
    (originals, history): (Vec<OriginalBody>, Vec<KnownValue>),
) -> ExplanationBody {
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
        originals,
        lacking: explanation.lacking.clone(),
        transaction_count: explanation.transactions,
        history: history.into_iter().map(known).collect(),
    }
}

fn changes_body(business: BusinessId, changes: &reader::Changes) -> ChangesBody {
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
        period: changes.period.into(),
        from: changes.from,
        to: changes.to,
        start: changes.start.map(shown),
        end: changes.end.map(shown),
        causes: changes.causes.iter().map(cause).collect(),
        transaction_count: changes.transactions,
    }
}
