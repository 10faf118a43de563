//! The HTTP edge: who asks is in the request's extensions, put there by whoever checked the session. Without it every
//! route here answers 401.

mod caller;
mod etag;
mod graphql;

use std::sync::Arc;

use async_graphql::{ObjectType, Schema};
use axum::Router;
use axum::routing::{get, post};

pub use caller::Caller;
pub(crate) use etag::Tag;
pub use graphql::CountChanges;

use crate::graphql::{Deps, Query, Subscription};
use crate::live::SocketLimits;
use crate::rest;

/// Every route of the read side: GraphQL, its WebSocket, and REST.
pub fn router<M: ObjectType + 'static>(deps: &Deps, schema: Schema<Query, M, Subscription>) -> Router {
    router_with(deps, schema, SocketLimits::default())
}

/// The same with other limits of its sockets.
pub fn router_with<M: ObjectType + 'static>(
    deps: &Deps,
    schema: Schema<Query, M, Subscription>,
    sockets: SocketLimits,
) -> Router {
    let edge = Arc::new(graphql::Edge::new(schema, sockets));
    let graphql = Router::new()
        .route("/graphql", post(graphql::post_query::<M>).get(graphql::open_socket::<M>))
        .route("/graphql/ws", get(graphql::open_socket::<M>))
        .layer(axum::extract::DefaultBodyLimit::max(graphql::MOST_BODY_BYTES))
        .with_state(edge);
    graphql.merge(rest::router(deps.reader.clone()))
}
