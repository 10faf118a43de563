//! `GET /api/v1/openapi.json`: what every service describes of itself, as one document.

use axum::Json;
use utoipa::openapi::OpenApi;

pub const PATH: &str = "/api/v1/openapi.json";

pub fn described() -> OpenApi {
    let mut all = query_api::rest::openapi();
    all.merge(command_api::rest::openapi());
    all.merge(command_api::identity::http::openapi());
    all.merge(connectors::http::openapi());
    all
}

pub async fn serve() -> Json<OpenApi> {
    Json(described())
}
