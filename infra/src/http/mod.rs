//! One port: the page, GraphQL, REST, health and metrics, behind the same checks.

mod gate;
mod guard;
mod headers;
mod health;
mod metrics;
mod openapi;
mod problem;
mod server;
mod ui;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use command_api::graphql::Mutation;
use command_api::mail::{Mailer, PageAddress};
use connectors::http::Imports;
use domain::Code;
use domain::access::People;
use metrics_exporter_prometheus::PrometheusHandle;
use query_api::graphql::schema_builder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use crate::compose::System;

pub use gate::Gate;
pub use health::{Live, Readiness};
pub use metrics::install as install_metrics;
pub use openapi::described;
pub use server::{bind, serve};

/// Bytes of one uploaded file; larger ones are imported with the command line.
const MOST_UPLOAD: u64 = 4 << 30;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that is served once the system runs.
pub fn router(system: &System, metrics: PrometheusHandle) -> anyhow::Result<Router> {
    let deps = system.deps();
    let identity = system.identity.clone();
    let schema = schema_builder(Mutation::default(), &deps)
        .data(system.commands.clone())
        .data(PageAddress(identity.base_url().to_owned()))
        .data(Arc::new(identity.clone()) as Arc<dyn Mailer>)
        .data(Arc::new(identity.clone()) as Arc<dyn People>)
        .finish();
    let imports =
        Imports { commands: system.commands.clone(), pool: system.platform.app.clone(), most_bytes: MOST_UPLOAD };
    let router = query_api::router(&deps, schema)
        .merge(metrics_router(metrics))
        .merge(command_api::identity::router(identity.clone()))
        .merge(command_api::rest::router(system.commands.clone()))
        .merge(connectors::http::router(imports))
        .route(openapi::PATH, get(openapi::serve))
        .fallback(ui::page)
        .layer(from_fn_with_state(identity.clone(), guard::watch))
        .layer(from_fn_with_state(identity, guard::pass));
    Ok(around(router))
}

/// What a process without the interfaces serves beside health.
pub fn metrics_router(metrics: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(move || std::future::ready(metrics.render())))
}

/// What every request passes, the outermost last.
fn around(router: Router) -> Router {
    router
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn(headers::add))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
}

/// The path without its query: a sign-in link carries its token there.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path(), id)
}

// The layer hands the panic over.
#[allow(clippy::needless_pass_by_value)]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref().cloned());
    tracing::error!(panic = text.unwrap_or_default(), "a handler panicked");
    problem::refuse(Code::Internal, "This could not be answered. It is logged; nothing is lost.")
}
