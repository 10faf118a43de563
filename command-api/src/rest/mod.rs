//! REST twins of the mutations, for programs: what GraphQL changes, these change by the same commands.
//!
//! Each answer names the position of what was recorded. A change that is there already records nothing and answers
//! position 0, so that `PATCH` may be sent again as it is; `POST` takes an `Idempotency-Key`.

mod accounts;
mod beside;
mod businesses;
mod edge;
mod idempotency;
mod matches;
mod meaning;
mod months;
mod rates;
mod records;
mod recurring;
mod splits;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::{delete, patch, post, put};
use domain::access::{Action, Origin, Principal, authorise};
use domain::{BusinessId, Code, Problem};
use serde::Serialize;
use streams::files::Files;
use streams::{CommandError, Commands, Meta, Receipt};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use crate::books::Books;
use edge::Refusal;

/// Of a request: a few short texts.
const MOST_BODY_BYTES: usize = 64 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(title = "Workdock"),
    paths(
        businesses::register_business,
        businesses::change_business,
        accounts::change_account,
        matches::decide_match,
        meaning::recategorise,
        meaning::set_rule,
        meaning::delete_rule,
        meaning::order_rules,
        beside::attach,
        beside::detach,
        beside::set_memo,
        splits::split_transaction,
        splits::unsplit_transaction,
        recurring::rule_out,
        months::close_month,
        months::reopen_month,
        rates::record_rate,
        records::set_retention,
    )
)]
struct Api;

/// The OpenAPI 3.1 description of these routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Method and route, for a test that asks each of them without a session.
pub const ROUTES: &[(&str, &str)] = &[
    ("POST", "/api/v1/businesses"),
    ("PATCH", "/api/v1/businesses/{business_id}"),
    ("PATCH", "/api/v1/businesses/{business_id}/accounts/{account_id}"),
    ("POST", "/api/v1/businesses/{business_id}/transactions/recategorise"),
    ("PUT", "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/parts"),
    ("DELETE", "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/parts"),
    ("POST", "/api/v1/businesses/{business_id}/matches/{match_id}/decision"),
    ("PUT", "/api/v1/businesses/{business_id}/rules"),
    ("PUT", "/api/v1/businesses/{business_id}/rules/{rule_id}"),
    ("DELETE", "/api/v1/businesses/{business_id}/rules/{rule_id}"),
    ("PUT", "/api/v1/businesses/{business_id}/recurring/{series_id}"),
    ("POST", "/api/v1/businesses/{business_id}/months/{month}/close"),
    ("POST", "/api/v1/businesses/{business_id}/months/{month}/reopen"),
    ("POST", "/api/v1/businesses/{business_id}/rates"),
    ("PUT", "/api/v1/businesses/{business_id}/audit/retention"),
];

/// Those of [`files`].
pub const FILE_ROUTES: &[(&str, &str)] = &[
    ("POST", "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments"),
    (
        "DELETE",
        "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments/{attachment_id}",
    ),
    ("PUT", "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/memo"),
];

pub fn router(commands: Commands, books: Arc<dyn Books>) -> Router {
    Router::new()
        .route("/api/v1/businesses", post(businesses::register_business))
        .route("/api/v1/businesses/{business_id}", patch(businesses::change_business))
        .route("/api/v1/businesses/{business_id}/accounts/{account_id}", patch(accounts::change_account))
        .route("/api/v1/businesses/{business_id}/transactions/recategorise", post(meaning::recategorise))
        .route(
            "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/parts",
            put(splits::split_transaction).delete(splits::unsplit_transaction),
        )
        .route("/api/v1/businesses/{business_id}/matches/{match_id}/decision", post(matches::decide_match))
        .route("/api/v1/businesses/{business_id}/rules", put(meaning::order_rules))
        .route("/api/v1/businesses/{business_id}/rules/{rule_id}", put(meaning::set_rule).delete(meaning::delete_rule))
        .route("/api/v1/businesses/{business_id}/recurring/{series_id}", put(recurring::rule_out))
        .route("/api/v1/businesses/{business_id}/months/{month}/close", post(months::close_month))
        .route("/api/v1/businesses/{business_id}/months/{month}/reopen", post(months::reopen_month))
        .route("/api/v1/businesses/{business_id}/rates", post(rates::record_rate))
        .route("/api/v1/businesses/{business_id}/audit/retention", put(records::set_retention))
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .with_state(Rest { commands, books })
}

/// What is kept beside transactions.
pub fn files(commands: Commands, files: Files) -> Router {
    Router::new()
        .route(
            "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments",
            post(beside::attach),
        )
        .route(
            "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/attachments/{attachment_id}",
            delete(beside::detach),
        )
        .route(
            "/api/v1/businesses/{business_id}/accounts/{account_id}/transactions/{transaction_id}/memo",
            put(beside::set_memo),
        )
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES))
        .with_state(Filing { commands, files })
}

/// What handlers of files work with.
#[derive(Clone, FromRef)]
struct Filing {
    commands: Commands,
    files: Files,
}

/// What handlers work with.
#[derive(Clone, FromRef)]
struct Rest {
    commands: Commands,
    books: Arc<dyn Books>,
}

/// What was changed, and where it stands in the log: pass the position as `minPosition` to read what you wrote.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Recorded {
    id: Uuid,
    /// 0 where nothing had to change.
    position: i64,
}

fn allowed(principal: &Principal, origin: &Origin, action: Action, on: BusinessId) -> Result<Meta, Refusal> {
    let about = (action != Action::Register).then_some(on);
    authorise(principal, action, about)?;
    Ok(Meta::by(on, principal, origin))
}

/// The last position of what several commands recorded.
async fn placed(commands: &Commands, receipts: &[Receipt]) -> Result<i64, Refusal> {
    let mut last = 0;
    for receipt in receipts {
        if let Some(positions) = commands.position_of(receipt).await.map_err(refused)? {
            last = positions.last.max(last);
        }
    }
    Ok(last)
}

// For map_err.
#[allow(clippy::needless_pass_by_value)]
fn refused(error: CommandError) -> Refusal {
    let problem = error.problem();
    if problem.code == Code::Internal {
        tracing::error!(%error, "a command failed");
    }
    problem.into()
}

fn invalid(error: impl std::fmt::Display) -> Refusal {
    Problem::new(Code::Invalid, error.to_string()).into()
}
