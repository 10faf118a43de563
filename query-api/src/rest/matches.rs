//! Transactions that are the same money. A chain names its legs; their texts are read with the transactions.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use chrono::NaiveDate;
use domain::access::{Action, authorise};
use domain::{BusinessId, Code, Problem, TransactionId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use streams::matches::{Kept, State as MatchState, Sum};
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::ProblemBody;
use super::extract::{Ask, At};
use super::paged;
use crate::edge::Caller;
use crate::figures::exact_amount;
use crate::reader::{Page, Reader};
use crate::{Failure, cursor};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MatchesParams {
    /// `proposed`, `applied`, `accepted` or `refused`, several with commas between them; all where not given.
    #[serde(default)]
    states: Option<String>,
    /// Those alone that this transaction is a leg of.
    #[serde(default)]
    transaction: Option<Uuid>,
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
#[schema(as = Matches)]
pub struct MatchesBody {
    /// Newest day first, as they stand now.
    matches: Vec<MatchBody>,
    /// How many wait for somebody to say, on all pages.
    proposed: i64,
    /// Pass it as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Match)]
pub struct MatchBody {
    id: Uuid,
    /// `transfer`, `card_settlement`, `payout`, `sale`, `book_entry` or `duplicate`.
    relation: &'static str,
    /// `proposed`, `applied`, `accepted` or `refused`.
    state: &'static str,
    /// In percent.
    certainty: u8,
    /// The later of its days.
    day: NaiveDate,
    /// Without sign.
    #[schema(value_type = String)]
    amount: Decimal,
    currency: String,
    /// Why, in sentences.
    evidence: Vec<String>,
    /// The one that goes on counting comes first.
    legs: Vec<MatchLegBody>,
    /// What it is the sum of, where that is more than a leg.
    sum: Option<MatchSumBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatchSum)]
pub struct MatchSumBody {
    /// Where its provider says which they are: `transactions?payout=` lists them. Null where they were found by their
    /// sum.
    payout: Option<Uuid>,
    from: NaiveDate,
    to: NaiveDate,
    /// Fees left out.
    count: u32,
    /// Before fees.
    #[schema(value_type = String)]
    gross: Decimal,
    /// Minus, where any were kept.
    #[schema(value_type = String)]
    fees: Decimal,
    /// What the amount is more than those that are known here; zero where they are all.
    #[schema(value_type = String)]
    difference: Decimal,
}

impl From<Sum> for MatchSumBody {
    fn from(sum: Sum) -> Self {
        let amount = |amount| exact_amount(amount, sum.currency);
        Self {
            payout: sum.payout.map(TransactionId::as_uuid),
            from: sum.from,
            to: sum.to,
            count: sum.count,
            gross: amount(sum.gross),
            fees: amount(sum.fees),
            difference: amount(sum.difference),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatchLeg)]
pub struct MatchLegBody {
    transaction: Uuid,
    account: Uuid,
    /// What it means as a part of this match; null for what goes on meaning what it means.
    kind: Option<String>,
    category: Option<String>,
}

impl From<Kept> for MatchBody {
    fn from(kept: Kept) -> Self {
        let sum = kept.sum().map(Into::into);
        let Kept { found, state, day, amount, currency } = kept;
        let leg = |leg: domain::matching::MatchLeg| {
            let (kind, category) = leg.to.map(|to| (to.kind.to_string(), to.category.to_string())).unzip();
            MatchLegBody { transaction: leg.id.as_uuid(), account: leg.account.as_uuid(), kind, category }
        };
        let mut legs: Vec<_> = found.legs.into_iter().map(leg).collect();
        legs.sort_by_key(|leg| leg.kind.is_some());
        Self {
            id: found.id.as_uuid(),
            relation: found.relation.as_str(),
            state: state.as_str(),
            certainty: found.percent,
            day,
            amount: exact_amount(amount, currency),
            currency: currency.to_string(),
            evidence: found.evidence.iter().map(|evidence| format!("{evidence}.")).collect(),
            legs,
            sum,
        }
    }
}

/// Transactions that are the same money: what stands, what waits for somebody to say, what was refused.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/matches",
    params(("business_id" = Uuid, Path), MatchesParams),
    responses(
        (status = 200, body = MatchesBody, headers(
            ("ETag" = String, description = "Version of the answer"),
            ("Link" = String, description = "Address of the next page, rel=\"next\""))),
        (status = 304, description = "Nothing changed since the answer whose tag was sent in If-None-Match"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn list_matches(
    State(reader): State<Reader>,
    caller: Caller,
    At(business): At<BusinessId>,
    Ask(params): Ask<MatchesParams>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    authorise(&caller.0, Action::Read, Some(business))?;
    reader.shown(business, params.min_position).await?;
    let states = states_of(params.states.as_deref())?;
    let after = params.after.as_deref().map(|text| cursor::to_match(business, text)).transpose()?;
    let page = Page::try_new(params.first.unwrap_or(50), after)?;
    let found = reader.matches(business, &states, params.transaction.map(TransactionId::from_uuid), page).await?;
    let last = found.rows.last().filter(|_| found.has_next);
    let next = last.map(|kept| cursor::of_match(business, kept.day, kept.found.id));
    let matches = found.rows.into_iter().map(Into::into).collect();
    let body = MatchesBody { matches, proposed: found.proposed, next };
    // What is proposed is in no event.
    paged::answer(&body, body.next.as_deref(), (&uri, &headers))
}

fn states_of(asked: Option<&str>) -> Result<Vec<MatchState>, Problem> {
    let Some(asked) = asked else { return Ok(MatchState::ALL.to_vec()) };
    let state = |name: &str| {
        let found = MatchState::ALL.into_iter().find(|state| state.as_str() == name);
        found.ok_or_else(|| {
            Problem::new(Code::Invalid, format!("{name:?} is no state; say proposed, applied, accepted or refused."))
        })
    };
    asked.split(',').map(state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_or_all() {
        assert_eq!(states_of(None).unwrap().len(), 4);
        assert_eq!(states_of(Some("proposed,refused")).unwrap(), [MatchState::Proposed, MatchState::Refused]);
        for unknown in ["", "open", "proposed,"] {
            assert_eq!(states_of(Some(unknown)).unwrap_err().code, Code::Invalid, "{unknown:?}");
        }
    }
}
