//! Connecting sources, and the webhooks of their providers.
//!
//! What a person begins goes on where the provider sends the browser, `/connect/callback` of the page, and ends with
//! `POST /api/v1/connections/finish` from the same session.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Query as Asked, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use domain::access::{Origin, Principal, SessionId};
use domain::{AccountId, BusinessId, Code, Problem, SourceId};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{Refusal, webhooks};
use crate::connections::{Asker, Connected, Connections, Data, OfferedAccount, Returned, Wish};
use crate::provider::Secret;

#[derive(OpenApi)]
#[openapi(paths(
    list_providers,
    begin,
    connect_with_key,
    finish,
    list_offered_accounts,
    choose_accounts,
    sync_now,
    disconnect,
    webhooks::receive
))]
pub(super) struct Api;

/// Bodies are a few short texts.
const MOST_BYTES: usize = 64 * 1024;

pub fn router(connections: Connections) -> Router {
    Router::new()
        .route("/api/v1/businesses/{business_id}/connections/providers", get(list_providers))
        .route("/api/v1/businesses/{business_id}/connections", post(begin))
        .route("/api/v1/businesses/{business_id}/connections/key", post(connect_with_key))
        .route("/api/v1/connections/finish", post(finish))
        .route(
            "/api/v1/businesses/{business_id}/connections/{source_id}/accounts",
            get(list_offered_accounts).put(choose_accounts),
        )
        .route("/api/v1/businesses/{business_id}/connections/{source_id}/sync", post(sync_now))
        .route("/api/v1/businesses/{business_id}/connections/{source_id}", delete(disconnect))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .merge(webhooks::router())
        .with_state(connections)
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let principal = parts.extensions.get::<Principal>().cloned();
        let principal = principal.ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in first."))?;
        let origin = parts.extensions.get::<Origin>().cloned().unwrap_or_default();
        let session = parts.extensions.get::<SessionId>().copied().unwrap_or(SessionId(Uuid::nil()));
        Ok(Self { principal, origin, session })
    }
}

/// A body of JSON, or why it is none. It is read once it is known that its sender may.
struct Sent(Result<Bytes, Problem>);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        Ok(Self(json_of(request, state).await))
    }
}

async fn json_of<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
        return Err(Problem::new(Code::Invalid, "Send the body as application/json."));
    }
    let bytes = Bytes::from_request(request, state).await;
    bytes.map_err(|_| Problem::new(Code::TooLarge, "The body is too large, or broke off."))
}

fn read<T: DeserializeOwned>(Sent(body): Sent) -> Result<T, Problem> {
    serde_json::from_slice(&body?).map_err(|error| Problem::of_body(&error))
}

fn here((business, source): (Uuid, Uuid)) -> (BusinessId, SourceId) {
    (BusinessId::from_uuid(business), SourceId::from_uuid(source))
}

#[derive(Serialize, ToSchema)]
struct OfferedProvider {
    provider: String,
    title: String,
    /// `redirect`: the browser goes to the provider; `key`: a key is pasted.
    ways: Vec<&'static str>,
    /// Its address must be typed first, e.g. a shop's.
    asks_instance: bool,
}

/// Providers that can be connected here.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/connections/providers", tag = "connections",
    params(("business_id" = Uuid, Path)), responses((status = 200, body = [OfferedProvider])))]
async fn list_providers(
    State(connections): State<Connections>,
    asker: Asker,
    Path(business): Path<Uuid>,
) -> Result<Json<Vec<OfferedProvider>>, Refusal> {
    let offered = connections.offered(&asker, BusinessId::from_uuid(business))?;
    let shown = offered.iter().map(|connector| OfferedProvider {
        provider: connector.name().to_owned(),
        title: connector.title().to_owned(),
        ways: [("redirect", connector.redirects()), ("key", connector.takes_key())]
            .into_iter()
            .filter_map(|(way, there)| there.then_some(way))
            .collect(),
        asks_instance: connector.asks_instance(),
    });
    Ok(Json(shown.collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Beginning {
    provider: String,
    /// What the source is called; the provider's name where absent.
    name: Option<String>,
    /// Which of the provider's instances, e.g. a shop's address.
    instance: Option<String>,
    /// A source whose access is renewed.
    source: Option<Uuid>,
}

impl From<Beginning> for Wish {
    fn from(from: Beginning) -> Self {
        let Beginning { provider, name, instance, source } = from;
        Self { provider, name, instance, repairs: source.map(SourceId::from_uuid) }
    }
}

#[derive(Serialize, ToSchema)]
struct Begun {
    /// `redirect` or `key`.
    how: &'static str,
    state: Option<String>,
    /// Where the browser goes.
    url: Option<String>,
}

/// Begins to connect a source, or to renew the access of one.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/connections", tag = "connections",
    params(("business_id" = Uuid, Path)), request_body = Beginning, responses((status = 200, body = Begun)))]
async fn begin(
    State(connections): State<Connections>,
    Path(business): Path<Uuid>,
    asker: Asker,
    body: Sent,
) -> Result<Json<Begun>, Refusal> {
    let business = BusinessId::from_uuid(business);
    connections.offered(&asker, business)?;
    let way = connections.begin(&asker, business, &read::<Beginning>(body)?.into()).await?;
    let how = if way.url.is_some() { "redirect" } else { "key" };
    Ok(Json(Begun { how, state: way.state, url: way.url }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Keyed {
    provider: String,
    name: Option<String>,
    key: String,
    instance: Option<String>,
    source: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
struct ConnectedSource {
    business: Uuid,
    source: Uuid,
    /// `choosing`: its accounts must be chosen; `active`: it goes on.
    connection_state: &'static str,
    accounts: Vec<Offered>,
}

#[derive(Serialize, ToSchema)]
struct Offered {
    id: Uuid,
    name: String,
    currency: String,
    #[schema(value_type = Option<String>)]
    balance: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    available: Option<Decimal>,
    chosen: bool,
}

impl From<OfferedAccount> for Offered {
    fn from(from: OfferedAccount) -> Self {
        Self {
            id: from.id.as_uuid(),
            currency: from.found.currency.to_string(),
            balance: from.found.balance.map(|balance| balance.current),
            available: from.found.balance.and_then(|balance| balance.available),
            name: from.found.name,
            chosen: from.chosen,
        }
    }
}

impl From<Connected> for ConnectedSource {
    fn from(from: Connected) -> Self {
        Self {
            business: from.at.business.as_uuid(),
            source: from.at.source.as_uuid(),
            connection_state: if from.is_new { "choosing" } else { "active" },
            accounts: from.accounts.into_iter().map(Offered::from).collect(),
        }
    }
}

/// Connects with a key that the user made at the provider.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/connections/key", tag = "connections",
    params(("business_id" = Uuid, Path)), request_body = Keyed, responses((status = 200, body = ConnectedSource)))]
async fn connect_with_key(
    State(connections): State<Connections>,
    Path(business): Path<Uuid>,
    asker: Asker,
    body: Sent,
) -> Result<Json<ConnectedSource>, Refusal> {
    let business = BusinessId::from_uuid(business);
    connections.offered(&asker, business)?;
    let Keyed { provider, name, key, instance, source } = read(body)?;
    let wish = Wish { provider, name, instance, repairs: source.map(SourceId::from_uuid) };
    let key = Secret::new(key.trim());
    Ok(Json(connections.connect_with_key(&asker, business, &wish, key).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Finishing {
    state: String,
    /// All other parameters of the address that the browser came back to.
    #[serde(default)]
    params: BTreeMap<String, String>,
}

/// The browser came back from the provider.
#[utoipa::path(post, path = "/api/v1/connections/finish", tag = "connections", request_body = Finishing,
    responses((status = 200, body = ConnectedSource)))]
async fn finish(
    State(connections): State<Connections>,
    asker: Asker,
    body: Sent,
) -> Result<Json<ConnectedSource>, Refusal> {
    let Finishing { state, params } = read(body)?;
    Ok(Json(connections.finish(&asker, &Returned { state, params }).await?.into()))
}

/// The accounts that the provider has now.
#[utoipa::path(get, path = "/api/v1/businesses/{business_id}/connections/{source_id}/accounts", tag = "connections",
    params(("business_id" = Uuid, Path), ("source_id" = Uuid, Path)), responses((status = 200, body = [Offered])))]
async fn list_offered_accounts(
    State(connections): State<Connections>,
    Path(at): Path<(Uuid, Uuid)>,
    asker: Asker,
) -> Result<Json<Vec<Offered>>, Refusal> {
    let (business, source) = here(at);
    let accounts = connections.accounts(&asker, business, source).await?;
    Ok(Json(accounts.into_iter().map(Offered::from).collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Choice {
    accounts: Vec<Uuid>,
}

/// Chooses the accounts that are read from now on, beginning with their history.
#[utoipa::path(put, path = "/api/v1/businesses/{business_id}/connections/{source_id}/accounts", tag = "connections",
    params(("business_id" = Uuid, Path), ("source_id" = Uuid, Path)), request_body = Choice,
    responses((status = 204)))]
async fn choose_accounts(
    State(connections): State<Connections>,
    Path(at): Path<(Uuid, Uuid)>,
    asker: Asker,
    body: Sent,
) -> Result<StatusCode, Refusal> {
    let (business, source) = here(at);
    connections.offered(&asker, business)?;
    let accounts: Vec<_> = read::<Choice>(body)?.accounts.into_iter().map(AccountId::from_uuid).collect();
    connections.choose(&asker, business, source, &accounts).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Looks for news at once, also where the source waits for its user.
#[utoipa::path(post, path = "/api/v1/businesses/{business_id}/connections/{source_id}/sync", tag = "connections",
    params(("business_id" = Uuid, Path), ("source_id" = Uuid, Path)), responses((status = 202)))]
async fn sync_now(
    State(connections): State<Connections>,
    Path(at): Path<(Uuid, Uuid)>,
    asker: Asker,
) -> Result<StatusCode, Refusal> {
    let (business, source) = here(at);
    connections.ask(&asker, business, source).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Leaving {
    /// `keep` or `erase`: what becomes of its transactions.
    data: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Left {
    /// Transactions that count no more.
    erased: u64,
}

/// Gives the access back. `data=erase` takes the source's transactions out of all figures; that they were there stays
/// in the history.
#[utoipa::path(delete, path = "/api/v1/businesses/{business_id}/connections/{source_id}", tag = "connections",
    params(("business_id" = Uuid, Path), ("source_id" = Uuid, Path), Leaving), responses((status = 200, body = Left)))]
async fn disconnect(
    State(connections): State<Connections>,
    Path(at): Path<(Uuid, Uuid)>,
    Asked(Leaving { data }): Asked<Leaving>,
    asker: Asker,
) -> Result<Json<Left>, Refusal> {
    let (business, source) = here(at);
    connections.offered(&asker, business)?;
    let data = match data.as_deref() {
        Some("keep") => Data::Keep,
        Some("erase") => Data::Erase,
        _ => return Err(Problem::new(Code::Invalid, "Say data=keep or data=erase.").into()),
    };
    Ok(Json(Left { erased: connections.disconnect(&asker, business, source, data).await? }))
}
