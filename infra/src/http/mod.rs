//! One port: the page, GraphQL, REST, health and metrics, behind the same checks.

mod gate;
mod gateway;
mod guard;
mod headers;
mod health;
mod metrics;
mod openapi;
mod problem;
mod server;
mod tls;
mod ui;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use command_api::books::Books;
use command_api::graphql::Mutation;
use command_api::identity::Identity;
use command_api::mail::{Mailer, PageAddress};
use connectors::http::Imports;
use domain::access::{People, Places};
use metrics_exporter_prometheus::PrometheusHandle;
use query_api::graphql::schema_builder;

use crate::compose::recording::Recording;
use crate::compose::{MonthBooks, System};

pub use gate::Gate;
#[cfg(test)]
pub use gateway::told_of_panic;
pub use gateway::{ForwardedHeader, Gateway, Limits};
pub use health::{Live, Readiness};
pub use metrics::install as install_metrics;
pub use openapi::described;
pub use server::{bind, serve};

/// Bytes of one uploaded file; larger ones are imported with the command line.
const MOST_UPLOAD: u64 = 4 << 30;

/// Everything that is served once the system runs.
pub fn router(system: &System, gateway: &Gateway, metrics: PrometheusHandle) -> Router {
    let deps = system.deps();
    let identity = system.identity.clone();
    let books = books(system);
    let schema = schema_builder(Mutation::default(), &deps)
        .data(system.commands.clone())
        .data(PageAddress(identity.base_url().to_owned()))
        .data(Arc::new(identity.clone()) as Arc<dyn Mailer>)
        .data(Arc::new(identity.clone()) as Arc<dyn People>)
        .data(books.clone())
        .data(system.grace)
        .finish();
    let imports =
        Imports { commands: system.commands.clone(), pool: system.platform.app.clone(), most_bytes: MOST_UPLOAD };
    let exports = query_api::export::Exports {
        reader: system.reader.clone(),
        commands: system.commands.clone(),
        people: Arc::new(identity.clone()),
    };
    let routes = query_api::router(&deps, schema)
        .merge(query_api::rest::checkpoints(system.signatory.clone()))
        .merge(query_api::rest::log::router(system.reader.clone(), system.signatory.clone()))
        .merge(query_api::rest::archives::router(system.reader.clone(), system.archives.clone()))
        .merge(query_api::rest::sign_ins::router(system.reader.clone(), Arc::new(identity.clone()) as Arc<dyn Places>))
        .merge(query_api::export::router(exports))
        .merge(query_api::erasure::router(query_api::erasure::Erasures { pool: system.platform.app.clone() }))
        .merge(metrics::for_the_installation(metrics))
        .merge(command_api::identity::router(identity.clone()))
        .merge(command_api::rest::router(system.commands.clone(), books))
        .merge(command_api::rest::files(system.commands.clone(), system.files.clone()))
        .merge(connectors::http::router(imports))
        .merge(connectors::http::connections_router(system.connections.clone()))
        .route(openapi::PATH, get(openapi::serve))
        .fallback(ui::page);
    let recording = Recording::new(system.commands.journal(), system.platform.query.clone());
    guarded(routes, identity, gateway, recording)
}

/// The routes behind all that asks who comes: the session, its limits, and the journal of what it is refused.
pub fn guarded(routes: Router, identity: Identity, gateway: &Gateway, recording: Recording) -> Router {
    routes
        .layer(from_fn_with_state(recording, guard::record))
        .layer(from_fn_with_state(identity.clone(), guard::watch))
        .layer(from_fn_with_state(gateway.limiter().clone(), gateway::limit_subject))
        .layer(from_fn_with_state(identity, guard::pass))
}

fn books(system: &System) -> Arc<dyn Books> {
    Arc::new(MonthBooks { reader: system.reader.clone(), signatory: system.signatory.clone() })
}

/// What a process without the interfaces serves beside health.
pub fn metrics_router(metrics: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(move || std::future::ready(metrics.render())))
}
