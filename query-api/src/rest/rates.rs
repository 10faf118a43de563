//! Recorded exchange rates.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use domain::BusinessId;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::params::RatesParams;
use super::{Asked, Rest, answer_unkept};
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Known;
use crate::views::{ForeignDay, RateRow};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rates)]
pub struct RatesBody {
    known: Known,
    /// Newest day first.
    rates: Vec<RateBody>,
    /// Days on which money of another currency than the business's own moved and that lack a rate, oldest first.
    without_rate: Vec<WithoutRateBody>,
}

/// One unit of `base` was worth `rate` units of `quote` on `day`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExchangeRate)]
pub struct RateBody {
    day: NaiveDate,
    base: String,
    quote: String,
    rate: Decimal,
    /// `ecb`, `manual` or `provider`.
    source: String,
    /// The event that recorded it.
    position: i64,
    known_at: DateTime<Utc>,
    /// The rate that was known before it.
    replaced: Option<Decimal>,
    note: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DayWithoutRate)]
pub struct WithoutRateBody {
    currency: String,
    day: NaiveDate,
    transaction_count: i64,
}

/// Exchange rates by day, and which days lack one.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/rates",
    params(("business_id" = Uuid, Path), RatesParams),
    responses(
        (status = 200, body = RatesBody, headers(("ETag" = String, description = "Version of the answer"))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_rates(
    State(rest): State<Rest>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<RatesParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asked = Asked::begin(rest, &caller, business, (params.as_of, params.min_position), &uri, &headers).await;
    // Notes are texts of people.
    answer_unkept(asked, async |asked| {
        let (reader, view) = (&asked.reader, &asked.view);
        let currency = params.currency.as_deref().map(|code| view.currency(Some(code))).transpose()?;
        let days = params.days.map_or(30, usize::from);
        let rates = reader.rates(view, currency, params.before, days).await?;
        let without = reader.days_without_rate(view).await?;
        Ok(asked.answer(RatesBody {
            known: view.known,
            rates: rates.into_iter().map(rate).collect(),
            without_rate: without.into_iter().map(day).collect(),
        }))
    })
    .await
}

fn rate(row: RateRow) -> RateBody {
    RateBody {
        day: row.day,
        base: row.base.to_string(),
        quote: row.quote.to_string(),
        rate: row.rate.normalize(),
        source: row.source.to_string(),
        position: row.position,
        known_at: row.known_at,
        replaced: row.replaced.map(|rate| rate.normalize()),
        note: row.note,
    }
}

fn day(lack: ForeignDay) -> WithoutRateBody {
    WithoutRateBody { currency: lack.currency.to_string(), day: lack.day, transaction_count: lack.count }
}
