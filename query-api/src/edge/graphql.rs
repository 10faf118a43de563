//! GraphQL over HTTP and WebSocket.

use std::sync::Arc;

use async_graphql::{ObjectType, Request, Schema, Variables};
use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::access::Origin;
use domain::{Code, Problem};
use serde::Deserialize;

use super::caller::Caller;
use crate::Failure;
use crate::graphql::{ByHeader, MOST_QUERY_BYTES, Query, Subscription, changes, finished};
use crate::live::{Broadcast, SessionEnded, SessionLasts, SessionUntil, SocketLimits, serve_socket};

/// Of a request: its query and twice as much of variables.
pub const MOST_BODY_BYTES: usize = 3 * MOST_QUERY_BYTES;

pub struct Edge<M: ObjectType + 'static> {
    schema: Schema<Query, M, Subscription>,
    broadcast: Broadcast,
    limits: &'static SocketLimits,
}

impl<M: ObjectType + 'static> Edge<M> {
    pub fn new(schema: Schema<Query, M, Subscription>, limits: SocketLimits) -> Self {
        let broadcast = Broadcast::new(schema.clone());
        // One for the life of the process, so that ten thousand sockets hold a pointer each.
        Self { schema, broadcast, limits: Box::leak(Box::new(limits)) }
    }
}

/// How changes over GraphQL are limited as those of other routes are: given how many a request asks for, the refusal where
/// they are too many. An extension of the request, put there by whoever limits.
#[derive(Clone)]
pub struct CountChanges(pub Arc<dyn Fn(usize) -> Option<Response> + Send + Sync>);

/// One operation; a list of them is not a request here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Value>,
}

pub async fn post_query<M: ObjectType + 'static>(
    State(edge): State<Arc<Edge<M>>>,
    Caller(principal): Caller,
    (origin, limit): (Option<Extension<Origin>>, Option<Extension<CountChanges>>),
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    if !is_json(&headers) {
        // A form of another site can send no JSON without asking first.
        return Err(Failure::invalid("Send the query as application/json."));
    }
    let operation: Operation = serde_json::from_slice(&body).map_err(|_| {
        Failure::invalid("The body is one JSON object with query and, where needed, variables and operationName.")
    })?;
    if operation.query.len() > MOST_QUERY_BYTES {
        return Err(Problem::new(Code::TooLarge, "The query is too long.").into());
    }
    let changes = changes(&operation.query, operation.operation_name.as_deref());
    if let Some(refusal) = limit.filter(|_| changes > 0).and_then(|Extension(limit)| (limit.0)(changes)) {
        return Ok(refusal);
    }
    let mut request = Request::new(operation.query)
        .variables(Variables::from_json(operation.variables.unwrap_or_default()))
        .data((*principal).clone())
        .data(origin.map(|Extension(origin)| origin).unwrap_or_default());
    if let Some(name) = operation.operation_name {
        request = request.operation_name(name);
    }
    if let Some(business) = by_header(&headers)? {
        request = request.data(business);
    }
    let response = finished(Box::pin(edge.schema.execute(request)).await);
    let json = serde_json::to_vec(&response).map_err(|error| {
        tracing::error!(%error, "a response cannot be written");
        Problem::new(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
    })?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, json).into_response())
}

/// Which business is meant where a question names none.
fn by_header(headers: &HeaderMap) -> Result<Option<ByHeader>, Failure> {
    let Some(value) = headers.get("x-workdock-business") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    id.map(ByHeader).map(Some).ok_or_else(|| Failure::invalid("X-Workdock-Business is the id of a business."))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

const PROTOCOL: &str = "graphql-transport-ws";

/// Who opens it was checked with the request; what is read of the socket is bounded, buffers are small.
pub async fn open_socket<M: ObjectType + 'static>(
    State(edge): State<Arc<Edge<M>>>,
    Caller(principal): Caller,
    until: Option<Extension<SessionUntil>>,
    ended: Option<Extension<SessionEnded>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_write_buffer_size(64 * 1024)
        .max_message_size(MOST_BODY_BYTES)
        .max_frame_size(MOST_BODY_BYTES);
    if upgrade.selected_protocol().is_none() {
        return Failure::invalid("This socket speaks graphql-transport-ws.").into_response();
    }
    let lasts = SessionLasts { until: until.map(|Extension(until)| until), ended: ended.map(|Extension(ended)| ended) };
    upgrade.on_upgrade(move |socket| serve_socket(socket, principal, lasts, edge.broadcast.clone(), edge.limits))
}
