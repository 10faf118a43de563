//! The control panel: one page over `/control`.

use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use super::World;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new().route("/", get(|| async { Html(include_str!("panel.html")) }))
}
