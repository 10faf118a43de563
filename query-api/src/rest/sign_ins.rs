//! How one signed in lately: what one does not remember was somebody else.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use domain::access::{Action, Place, Places, authorise};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answers::ProblemBody;
use crate::Failure;
use crate::edge::Caller;
use crate::reader::Reader;
use crate::views::AuditRow;

const MOST: i64 = 20;

/// Routes as axum has them, for a test that asks each of them without a session.
pub const ROUTES: &[&str] = &["/api/v1/identity/sign-ins"];

/// What the route needs.
#[derive(Clone, FromRef)]
pub struct Asked {
    reader: Reader,
    places: Arc<dyn Places>,
}

/// `places`: who knows where addresses are.
pub fn router(reader: Reader, places: Arc<dyn Places>) -> Router {
    Router::new().route("/api/v1/identity/sign-ins", get(list_sign_ins)).with_state(Asked { reader, places })
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignIns)]
pub struct SignInsBody {
    sign_ins: Vec<SignInBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignInResult)]
pub struct SignInBody {
    at: DateTime<Utc>,
    result: SignInOutcome,
    /// What was shown: `password`, `totp`, `recovery_code`, `passkey` or `one_time_link`.
    factors: Vec<String>,
    /// Why it failed, e.g. `wrong_password`.
    reason: Option<String>,
    address: Option<String>,
    /// Where that is, looked up just now. Null where nobody knows.
    place: Option<Place>,
    /// What the browser calls itself.
    agent: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignInOutcome {
    SignedIn,
    Failed,
    /// After too many failures: nobody could sign in for a while.
    LockedOut,
}

impl SignInBody {
    fn new(row: AuditRow, places: &dyn Places) -> Self {
        let fields: Map<String, Value> =
            row.after.as_deref().and_then(|after| serde_json::from_str(after).ok()).unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let several = fields.get("factors").and_then(Value::as_array).into_iter().flatten();
        Self {
            at: row.at,
            result: match row.kind.as_str() {
                "security.signed_in" => SignInOutcome::SignedIn,
                "security.locked_out" => SignInOutcome::LockedOut,
                _ => SignInOutcome::Failed,
            },
            factors: several.chain(fields.get("factor")).filter_map(text).collect(),
            reason: fields.get("reason").and_then(text),
            place: places.place_of_text(row.address.as_deref()),
            address: row.address,
            agent: row.agent,
        }
    }
}

/// The last twenty sign-ins of whoever asks, failed ones too, the newest first.
#[utoipa::path(get, path = "/api/v1/identity/sign-ins", tag = "identity", responses(
    (status = 200, body = SignInsBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub async fn list_sign_ins(
    State(reader): State<Reader>,
    State(places): State<Arc<dyn Places>>,
    Caller(principal): Caller,
) -> Result<Response, Failure> {
    authorise(&principal, Action::UseOwnAccount, None)?;
    let rows = reader.sign_ins(&principal.subject, MOST).await?;
    let sign_ins = rows.into_iter().map(|row| SignInBody::new(row, places.as_ref())).collect();
    let body = SignInsBody { sign_ins };
    Ok(([(CACHE_CONTROL, "private, no-store")], Json(body)).into_response())
}
