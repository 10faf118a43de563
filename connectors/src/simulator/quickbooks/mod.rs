//! QuickBooks Online: the company's books over query and CDC, OAuth with refresh tokens that rotate, webhooks in the
//! old and the new shape.

mod books;
mod cdc;
mod edits;
mod entities;
pub(super) mod errors;
mod lists;
mod oauth;
mod query;
pub(super) mod sign;
pub(super) mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

pub use books::Remembered as KeptBooks;
pub use edits::Edit;

use super::answer::{bearer, find, ok};
use super::oauth::Standing;
use super::world::lock;
use super::{Provider, World};

/// The company.
pub const REALM: &str = "1185883450";
const PER_MINUTE: u32 = 500;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/.well-known/openid_configuration", get(oauth::discover))
        .route("/connect/oauth2", get(oauth::authorise))
        .route("/connect/agree", get(oauth::agree))
        .route("/oauth2/v1/tokens/bearer", post(oauth::token))
        .route("/v2/oauth2/tokens/revoke", post(oauth::revoke))
        .route("/v3/company/{realm}/query", get(run_query))
        .route("/v3/company/{realm}/cdc", get(changes))
        .route("/v3/company/{realm}/companyinfo/{id}", get(company))
        .route("/v3/company/{realm}/{entity}/{id}", get(show))
}

fn moment(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Europe::London).to_rfc3339_opts(SecondsFormat::Millis, false)
}

fn guarded(world: &World, headers: &HeaderMap, realm: &str, answer: impl FnOnce() -> Response) -> Response {
    let token = bearer(headers).unwrap_or_default();
    let mut response = match world.grants.standing(world, Provider::QuickBooks, token) {
        Standing::Good if realm != REALM => errors::forbidden(),
        Standing::Good if !world.within(&format!("quickbooks {realm}"), PER_MINUTE, 60) => errors::throttled(),
        Standing::Good => answer(),
        Standing::Expired | Standing::Unknown => errors::unauthenticated(),
    };
    if let Ok(id) = HeaderValue::from_str(&world.fresh("1-")) {
        response.headers_mut().insert("intuit_tid", id);
    }
    response
}

fn parameters(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

async fn run_query(
    State(world): State<Arc<World>>,
    Path(realm): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    guarded(&world, &headers, &realm, || {
        let given = parameters(query.as_deref());
        world.look(|facts, now| match query::run(&world, facts, now, find(&given, "query").unwrap_or_default()) {
            Ok(found) => ok(&json!({"QueryResponse": found, "time": moment(now)})),
            Err(detail) => errors::invalid_query(&detail),
        })
    })
}

async fn changes(
    State(world): State<Arc<World>>,
    Path(realm): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    guarded(&world, &headers, &realm, || {
        let given = parameters(query.as_deref());
        let entities = find(&given, "entities").unwrap_or_default().to_owned();
        let since = find(&given, "changedSince").unwrap_or_default().to_owned();
        world.look(|facts, now| cdc::run(&world, facts, now, &entities, &since))
    })
}

async fn company(
    State(world): State<Arc<World>>,
    Path((realm, _)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    guarded(&world, &headers, &realm, || {
        let info = json!({
            "CompanyName": crate::demo::Seed::NAME, "LegalName": crate::demo::Seed::NAME, "Country": "GB",
            "FiscalYearStartMonth": "April", "domain": "QBO", "sparse": false, "Id": "1", "SyncToken": "1",
            "SupportedLanguages": "en",
        });
        ok(&json!({"CompanyInfo": info, "time": moment(world.now())}))
    })
}

async fn show(
    State(world): State<Arc<World>>,
    Path((realm, entity, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    guarded(&world, &headers, &realm, || {
        let found = world.look(|facts, now| {
            let books = books::kept(&world, facts, now);
            let wanted = |one: &&books::Standing| one.entity.eq_ignore_ascii_case(&entity) && one.id == id;
            books.iter().find(wanted).and_then(|one| Some((one.entity, one.object.clone()?)))
        });
        match found {
            Some((entity, object)) => {
                let mut body = json!({"time": moment(world.now())});
                body[entity] = object;
                ok(&body)
            }
            None => errors::not_found(),
        }
    })
}

/// False where the books have no such object.
pub(super) fn edit(world: &World, edit: Edit) -> bool {
    let found =
        world.look(|facts, now| books::kept(world, facts, now).iter().any(|one| edit.is_of(one)).then_some(now));
    if let Some(now) = found {
        lock(&world.edits).push((now, edit));
    }
    found.is_some()
}

/// A reference to a name in the lists.
fn reference(value: &str, name: &str) -> Value {
    json!({"value": value, "name": name})
}
