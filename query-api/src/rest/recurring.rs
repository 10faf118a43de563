//! Payments that come again and again.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use domain::BusinessId;
use domain::access::{Action, authorise};
use domain::security::SealedField;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::params::ReadParams;
use crate::Failure;
use crate::edge::Caller;
use crate::figures::exact_amount;
use crate::reader::{Reader, Recurring};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecurringList)]
pub struct RecurringListBody {
    pub recurring: Vec<RecurringBody>,
}

/// Payments that come again, found from their days and amounts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recurring)]
pub struct RecurringBody {
    pub id: Uuid,
    pub account: Uuid,
    pub payee: Option<String>,
    #[schema(value_type = String)]
    pub typical: Decimal,
    #[schema(value_type = String)]
    pub smallest: Decimal,
    #[schema(value_type = String)]
    pub largest: Decimal,
    pub currency: String,
    pub kind: String,
    pub category: String,
    /// `weekly`, `fortnightly`, `monthly`, `quarterly` or `yearly`.
    pub period: &'static str,
    pub count: i32,
    pub last: NaiveDate,
    pub next: Option<NaiveDate>,
    /// The day of the first one that did not come.
    pub missed_since: Option<NaiveDate>,
    pub missed: u32,
    /// In percent.
    pub certainty: i16,
    pub ruled_out: bool,
    /// The transactions it was found from, the newest first.
    pub transactions: Vec<Uuid>,
}

impl From<Recurring> for RecurringBody {
    fn from(found: Recurring) -> Self {
        let row = found.row;
        Self {
            id: row.id.as_uuid(),
            account: row.account.as_uuid(),
            payee: found.payee,
            typical: exact_amount(row.typical, row.currency),
            smallest: exact_amount(row.low, row.currency),
            largest: exact_amount(row.high, row.currency),
            currency: row.currency.to_string(),
            kind: row.kind.to_string(),
            category: row.category,
            period: row.rhythm.period.as_str(),
            count: row.count,
            last: row.last,
            next: found.next,
            missed_since: found.missed.map(|missed| missed.since),
            missed: found.missed.map_or(0, |missed| missed.count),
            certainty: row.certainty,
            ruled_out: row.ruled_out,
            transactions: row.members,
        }
    }
}

/// What comes again, what is expected first before the rest.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/recurring", params(("business_id" = uuid::Uuid, Path), ReadParams),
    responses(
        (status = 200, body = RecurringListBody),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_recurring(
    State(reader): State<Reader>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<ReadParams>,
) -> Result<Response, Failure> {
    authorise(&caller.0, Action::Read, Some(business))?;
    caller.0.viewed(SealedField::Description, business);
    let view = reader.view(business, None, params.min_position).await?;
    let recurring = reader.recurring(&view).await?.into_iter().map(Into::into).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(RecurringListBody { recurring })).into_response())
}
