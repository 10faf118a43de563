//! Transactions, paged by cursor.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use domain::security::SealedField;
use domain::{BusinessId, TransactionId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::{EventBody, ProblemBody, TransactionBody, TransactionPartBody, TransactionsBody};
use super::extract::{Ask, At};
use super::params::{OrderParam, TransactionParams};
use super::{Asked, Rest, answer_unkept};
use crate::edge::Caller;
use crate::figures::{Period, exact_amount};
use crate::reader::{Decision, Page, Parties, TransactionPage, period, whole_calendar};
use crate::views::{EventRow, Filter, Order, Scope, SourceRow, TransactionRow};
use crate::{Failure, cursor};

/// Transactions as known at `as_of`. Pages of one walk show one state of knowledge: the address of the next page names
/// the position of the first.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/transactions",
    params(("business_id" = Uuid, Path), TransactionParams),
    responses(
        (status = 200, body = TransactionsBody, headers(
            ("ETag" = String, description = "Version of the list"),
            ("Link" = String, description = "Address of the next page, rel=\"next\""))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_transactions(
    State(rest): State<Rest>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<TransactionParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asked = Asked::begin(rest, &caller, business, (params.as_of, params.min_position), &uri, &headers).await;
    answer_unkept(asked, async |asked| {
        caller.0.viewed(SealedField::Description, business);
        let view = &asked.view;
        let filter = filter_of(&params, &asked)?;
        let order = match params.order {
            Some(OrderParam::Amount) => Order::Amount,
            None | Some(OrderParam::Day) => Order::Day,
        };
        let after = params.after.as_deref().map(|text| cursor::to_transaction(business, text)).transpose()?;
        let page = Page::try_new(params.first.unwrap_or(50), after)?;
        let page = asked.reader.transactions(view, &filter, order, page).await?;
        let positions: Vec<_> = page.rows.iter().map(|row| row.valid_from).collect();
        let events = asked.reader.events(view, &positions).await?;
        let parties = asked.reader.parties(business).await?;
        let payouts = asked.reader.payouts_of(&page.rows).await?;
        let next = page.rows.last().filter(|_| page.has_next).map(|row| cursor::of_transaction(business, row));
        let link = next.as_deref().map(|next| link_to(&uri, next, view.known.position));
        let mut response = asked.answer(body(page, events, (&parties, &payouts), next));
        if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    })
    .await
}

fn filter_of(params: &TransactionParams, asked: &Asked) -> Result<Filter, Failure> {
    let all = whole_calendar();
    let days: Period = match (params.from, params.to) {
        (None, None) => all,
        (from, to) => {
            let first = chrono::NaiveDate::from_ymd_opt(1000, 1, 1).unwrap_or(all.from());
            period(from.unwrap_or(first), to.unwrap_or(all.to()))?
        }
    };
    Ok(Filter {
        period: days,
        currency: params.currency.as_deref().map(|code| asked.view.currency(Some(code))).transpose()?,
        scope: Scope { account: params.account, category: params.category.clone() },
        kinds: params.kind.map(|kind| vec![kind]),
        sign: params.sign.map(Into::into),
        search: params.search.clone().filter(|words| !words.trim().is_empty()),
        cause: params.cause,
        changed: None,
        payout: params.payout.map(TransactionId::from_uuid),
    })
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceRef)]
pub struct SourceRefBody {
    pub id: Uuid,
    pub name: String,
    /// `file`, `plaid`, …
    pub kind: String,
}

impl From<&SourceRow> for SourceRefBody {
    fn from(row: &SourceRow) -> Self {
        Self { id: row.id.as_uuid(), name: row.name.clone(), kind: row.kind.clone() }
    }
}

fn body(
    page: TransactionPage,
    events: Vec<EventRow>,
    (parties, payouts): (&Parties, &HashMap<TransactionId, TransactionId>),
    next: Option<String>,
) -> TransactionsBody {
    let events: HashMap<i64, EventRow> = events.into_iter().map(|event| (event.position, event)).collect();
    let transactions = page.rows.into_iter().map(|row| {
        let event = events.get(&row.valid_from);
        let event = event.map(|event| event_body(event, &row, parties.source_of(row.account)));
        let payout = payouts.get(&row.id).copied();
        transaction_body(row, payout, event)
    });
    TransactionsBody { transactions: transactions.collect(), next, known: page.known }
}

fn transaction_body(row: TransactionRow, payout: Option<TransactionId>, event: Option<EventBody>) -> TransactionBody {
    let decision = Decision::of(&row).into();
    let parts = row.parts().map(|(part, note)| TransactionPartBody {
        amount: exact_amount(part.amount, row.currency),
        kind: part.kind.to_string(),
        category: part.category.to_string(),
        note: note.map(str::to_owned),
    });
    let parts = parts.collect();
    TransactionBody {
        id: row.id.as_uuid(),
        account: row.account.as_uuid(),
        day: row.day,
        booked: row.booked,
        value_date: row.value_date,
        pending: row.pending,
        amount: exact_amount(row.amount, row.currency),
        currency: row.currency.to_string(),
        kind: row.kind.to_string(),
        category: row.category,
        provider_category: row.provider_category,
        description: row.description,
        counterparty: row.counterparty,
        reference: row.reference,
        decision,
        parts,
        note: row.note,
        cause: row.cause.to_string(),
        revisions: row.revisions,
        paid_out_with: payout.map(TransactionId::as_uuid),
        event,
    }
}

fn event_body(event: &EventRow, row: &TransactionRow, source: Option<&SourceRow>) -> EventBody {
    EventBody {
        position: event.position,
        event_type: event.event_type.clone(),
        recorded_at: event.recorded_at,
        hash: hex::encode(&event.hash),
        line: row.line,
        source: source.map(SourceRefBody::from),
        batch: event.batch.map(domain::BatchId::as_uuid),
    }
}

/// The same question after this page, at this page's state of knowledge (RFC 8288).
fn link_to(uri: &Uri, after: &str, position: i64) -> String {
    let kept = uri.query().unwrap_or_default().split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && name != "after" && name != "as_of"
    });
    let query: Vec<String> =
        kept.map(str::to_owned).chain([format!("as_of={position}"), format!("after={after}")]).collect();
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))
}
