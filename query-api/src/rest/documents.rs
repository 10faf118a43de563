//! Invoices, bills and credits of the books.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use chrono::NaiveDate;
use domain::BusinessId;
use domain::access::{Action, authorise};
use domain::account::{DocumentKind, Settled};
use domain::security::SealedField;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use streams::documents::{Owed, State as DocumentState};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::paged;
use crate::edge::Caller;
use crate::figures::exact_amount;
use crate::reader::{Document, Page, Reader};
use crate::{Failure, cursor};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DocumentsParams {
    /// `invoice`, `bill`, `credit_memo` or `vendor_credit`, several with commas between them; all where not given.
    #[serde(default)]
    kinds: Option<String>,
    /// `open`, `settled` or `all`; `open` where not given.
    #[serde(default)]
    state: Option<String>,
    /// 1 to 500; 50 where not given.
    #[serde(default)]
    first: Option<i32>,
    /// `next` of the page before.
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    min_position: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Documents)]
pub struct DocumentsBody {
    /// By the day on which they are to be paid, the oldest first, as they stand now.
    documents: Vec<DocumentBody>,
    /// What is open of the asked kinds, on all pages: by currency.
    owed: Vec<OwedBody>,
    /// Pass it as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Owed)]
pub struct OwedBody {
    currency: String,
    /// Credits are taken off.
    #[schema(value_type = String)]
    amount: Decimal,
    /// What should have been paid before today; credits are not taken off.
    #[schema(value_type = String)]
    overdue: Decimal,
}

/// An invoice, a bill or a credit, as its books tell it. It counts in no figure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub struct DocumentBody {
    id: Uuid,
    account: Uuid,
    /// `invoice`, `bill`, `credit_memo` or `vendor_credit`.
    kind: &'static str,
    /// As people call it.
    number: Option<String>,
    /// The customer or the vendor.
    counterparty: Option<String>,
    memo: Option<String>,
    day: NaiveDate,
    /// Until when it is to be paid, where the books say so.
    due: Option<NaiveDate>,
    /// Without sign, as all amounts here.
    #[schema(value_type = String)]
    total: Decimal,
    /// What is not paid or taken yet.
    #[schema(value_type = String)]
    open: Decimal,
    currency: String,
    /// It should have been paid before today.
    overdue: bool,
    /// The payments of it that the books name.
    paid_by: Vec<PaidBody>,
    /// Of the event that told it last.
    position: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Paid)]
pub struct PaidBody {
    transaction: Uuid,
    #[schema(value_type = String)]
    amount: Decimal,
}

impl From<Document> for DocumentBody {
    fn from(document: Document) -> Self {
        let Document { row, number, counterparty, memo, is_overdue, paid_by } = document;
        let exact = |amount| exact_amount(amount, row.currency);
        let paid = |one: Settled| PaidBody { transaction: one.payment.as_uuid(), amount: exact(one.amount) };
        Self {
            id: row.id.as_uuid(),
            account: row.account.as_uuid(),
            kind: row.kind.as_str(),
            number,
            counterparty,
            memo,
            day: row.day,
            due: row.due,
            total: exact(row.total),
            open: exact(row.open),
            currency: row.currency.to_string(),
            overdue: is_overdue,
            paid_by: paid_by.into_iter().map(paid).collect(),
            position: row.position,
        }
    }
}

impl From<Owed> for OwedBody {
    fn from(owed: Owed) -> Self {
        let exact = |amount| exact_amount(amount, owed.currency);
        Self { amount: exact(owed.amount), overdue: exact(owed.overdue), currency: owed.currency.to_string() }
    }
}

/// Invoices, bills and credits of the books: what is owed, until when, and what pays it.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/documents",
    params(("business_id" = Uuid, Path), DocumentsParams),
    responses(
        (status = 200, body = DocumentsBody, headers(
            ("ETag" = String, description = "Version of the answer"),
            ("Link" = String, description = "Address of the next page, rel=\"next\""))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_documents(
    State(reader): State<Reader>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<DocumentsParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    authorise(&caller.0, Action::Read, Some(business))?;
    let view = reader.view(business, None, params.min_position).await?;
    let asked = (kinds_of(params.kinds.as_deref())?, state_of(params.state.as_deref())?);
    let after = params.after.as_deref().map(|text| cursor::to_document(business, text)).transpose()?;
    let page = Page::try_new(params.first.unwrap_or(50), after)?;
    caller.0.viewed(SealedField::Description, business);
    let found = reader.documents(&view, (&asked.0, asked.1), page).await?;
    let last = found.rows.last().filter(|_| found.has_next);
    let next = last.map(|one| cursor::of_document(business, one.row.payable(), one.row.id));
    let documents = found.rows.into_iter().map(Into::into).collect();
    let body = DocumentsBody { documents, owed: found.owed.into_iter().map(Into::into).collect(), next };
    // What is overdue changes with the day.
    paged::answer(&body, body.next.as_deref(), (&uri, &headers))
}

fn kinds_of(asked: Option<&str>) -> Result<Vec<DocumentKind>, Failure> {
    let Some(asked) = asked else { return Ok(DocumentKind::ALL.to_vec()) };
    let kind = |name: &str| name.parse::<DocumentKind>().map_err(|error| Failure::invalid(format!("{error}.")));
    asked.split(',').map(kind).collect()
}

fn state_of(asked: Option<&str>) -> Result<DocumentState, Failure> {
    let Some(asked) = asked else { return Ok(DocumentState::Open) };
    let found = DocumentState::ALL.into_iter().find(|state| state.as_str() == asked);
    found.ok_or_else(|| Failure::invalid(format!("{asked:?} is no state; say open, settled or all.")))
}
