//! Figures of a period.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::BusinessId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::{ClosingBody, ComparedPointBody, MetricBody, PointBody, ProblemBody, SummaryBody};
use super::extract::{Ask, At};
use super::params::MetricParams;
use super::{Asked, Rest, answer};
use crate::Failure;
use crate::edge::Caller;
use crate::figures::{Bucket, Metric, STABLE_BELOW_PERCENT};
use crate::reader::{ComparedPoint, Point, SeriesQuery};

/// The metrics that have a resource of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MetricName {
    Revenue,
    Expenses,
    ProfitMargin,
    CashFlow,
}

impl MetricName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Expenses => "expenses",
            Self::ProfitMargin => "profit-margin",
            Self::CashFlow => "cash-flow",
        }
    }

    /// The figures that it shows, each by its name in the points.
    const fn figures(self) -> &'static [(Metric, &'static str)] {
        match self {
            Self::Revenue => &[(Metric::Revenue, "revenue")],
            Self::Expenses => &[(Metric::Expenses, "expenses")],
            Self::ProfitMargin => {
                &[(Metric::ProfitMargin, "profit_margin"), (Metric::Profit, "profit"), (Metric::Revenue, "revenue")]
            }
            Self::CashFlow => {
                &[(Metric::CashIn, "cash_in"), (Metric::CashOut, "cash_out"), (Metric::CashNet, "cash_net")]
            }
        }
    }
}

/// All figures of a period, compared with an earlier one.
#[utoipa::path(get, path = "/api/v1/metrics/{business_id}/summary",
    params(("business_id" = Uuid, Path), MetricParams),
    responses(
        (status = 200, body = SummaryBody, headers(("ETag" = String, description = "Version of the figures"))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_summary(
    State(rest): State<Rest>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<MetricParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asked = Asked::begin(rest, &caller, business, (params.as_of, params.min_position), &uri, &headers).await;
    answer(asked, async |asked| {
        let terms = asked.view.terms(params.currency.as_deref())?;
        let summary =
            asked.reader.summary_of(&asked.view, params.period()?, params.comparison(), terms, params.scope()).await?;
        Ok(asked.answer(SummaryBody::of(business.as_uuid(), &summary)))
    })
    .await
}

/// One metric: its figures for the whole period, and by bucket.
#[utoipa::path(get, path = "/api/v1/metrics/{business_id}/{metric}",
    params(("business_id" = Uuid, Path), ("metric" = inline(MetricName), Path), MetricParams),
    responses(
        (status = 200, body = MetricBody, headers(("ETag" = String, description = "Version of the figures"))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn get_metric(
    State(rest): State<Rest>,
    caller: Caller,
    At((business, metric)): At<(BusinessId, MetricName)>,
    Ask(params): Ask<MetricParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asked = Asked::begin(rest, &caller, business, (params.as_of, params.min_position), &uri, &headers).await;
    answer(asked, async |asked| {
        let body = metric_body(&asked, metric, &params).await?;
        Ok(asked.answer(body))
    })
    .await
}

async fn metric_body(asked: &Asked, metric: MetricName, params: &MetricParams) -> Result<MetricBody, Failure> {
    if params.closing && params.by.is_some() {
        return Err(Failure::invalid("What a day closes with is of all together: ask for `closing` or `by`."));
    }
    let (reader, view) = (&asked.reader, &asked.view);
    let terms = view.terms(params.currency.as_deref())?;
    let period = params.period()?;
    // Its points are of the days that its figures are of.
    let query = SeriesQuery {
        period: view.cut(period),
        bucket: params.bucket.map_or(Bucket::Month, Into::into),
        by: params.by,
        scope: params.scope(),
        currency: Some(terms),
    };
    let summary = reader.summary_of(view, period, params.comparison(), terms, params.scope()).await?;
    let series = reader.series(view, &query).await?;
    // One for each point, where they are asked for.
    let closings = if params.closing { reader.closings(view, &query).await? } else { Vec::new() };
    let changes = match params.changes {
        true => reader.compared_series(view, &query, params.comparison()).await?,
        false => Vec::new(),
    };
    let point = |(nth, point): (usize, &Point)| point_body(point, metric, closings.get(nth).map(ClosingBody::from));
    let shows = |shown: Metric| metric.figures().iter().any(|(metric, _)| *metric == shown);
    Ok(MetricBody {
        business: view.business.id.as_uuid(),
        metric: metric.as_str().to_owned(),
        currency: terms.currency.to_string(),
        period: summary.period.into(),
        compared: summary.compared.into(),
        known: view.known,
        stable_below_percent: STABLE_BELOW_PERCENT,
        figures: summary.figures.iter().filter(|figure| shows(figure.figure.metric)).map(Into::into).collect(),
        points: series.points.iter().enumerate().map(point).collect(),
        changes: changes.into_iter().map(|point| compared_body(point, metric)).collect(),
        lacking: series.lacking,
    })
}

fn compared_body(point: ComparedPoint, metric: MetricName) -> ComparedPointBody {
    let figures = metric.figures().iter().filter_map(|(metric, _)| point.figure(*metric));
    ComparedPointBody {
        period: point.period.into(),
        compared: point.compared.into(),
        figures: figures.map(|figure| (&figure).into()).collect(),
        key: point.key,
    }
}

fn point_body(point: &Point, metric: MetricName, closing: Option<ClosingBody>) -> PointBody {
    let value = |metric: Metric| match metric {
        Metric::ProfitMargin => point.value(metric).map(|margin| margin.normalize()),
        _ => point.amount(metric),
    };
    let values: BTreeMap<_, _> =
        metric.figures().iter().map(|(metric, name)| ((*name).to_owned(), value(*metric))).collect();
    PointBody {
        from: point.period.from(),
        to: point.period.to(),
        key: point.key.clone(),
        partial: point.partial,
        values,
        closing,
    }
}
