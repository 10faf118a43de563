//! Shopify: orders, refunds and their payments over GraphQL Admin with its cost-based limit, the older REST pages,
//! OAuth with expiring tokens, webhooks with their HMAC.

mod bulk;
pub(super) mod errors;
mod graphql;
mod oauth;
mod objects;
mod payments;
mod rest;
mod select;
pub(super) mod sign;
mod subscriptions;
pub(super) mod webhooks;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};

pub use bulk::Job as BulkJob;

use super::answer::header_of;
use super::oauth::Standing;
use super::{Provider, World};

const VERSION: &str = "2026-07";

/// A custom app's token, which does not expire.
pub const ADMIN_TOKEN: &str = "shpat_simulated";

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/admin/oauth/authorize", get(oauth::authorise))
        .route("/admin/oauth/agree", get(oauth::agree))
        .route("/admin/oauth/access_token", post(oauth::token))
        .route("/admin/api/{version}/graphql.json", post(graphql::query))
        .route("/admin/api/{version}/orders.json", get(rest::orders))
        .route("/admin/api/{version}/orders/{id}/transactions.json", get(rest::transactions))
        .route("/admin/api/{version}/shop.json", get(rest::shop))
        .route("/admin/api/{version}/webhooks.json", get(rest::webhooks).post(rest::subscribe))
        .route("/admin/api/{version}/shopify_payments/payouts.json", get(rest::payouts))
        .route("/bulk/{file}", get(bulk::download))
}

fn authorised(world: &World, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let token = header_of(headers, "x-shopify-access-token").unwrap_or_default();
    let good = token == ADMIN_TOKEN && !world.is_revoked(Provider::Shopify)
        || world.grants.standing(world, Provider::Shopify, token) == Standing::Good;
    if good { Ok(()) } else { Err(Box::new(errors::unauthenticated())) }
}

fn headed(world: &World, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert("x-shopify-api-version", HeaderValue::from_static(VERSION));
    if let Ok(id) = HeaderValue::from_str(&world.fresh("")) {
        headers.insert("x-request-id", id);
    }
    response
}

/// The points that queries are paid with.
#[derive(Debug)]
pub struct Bucket {
    /// In thousandths.
    points: i64,
    filled: Instant,
}

impl Bucket {
    pub const SIZE: i64 = 2000;
    /// A second.
    pub const RESTORES: i64 = 100;

    pub const fn full(now: Instant) -> Self {
        Self { points: Self::SIZE * 1000, filled: now }
    }

    /// What is left after a query of so many points, or what there is where that is not enough.
    pub fn pay(&mut self, cost: i64, now: Instant) -> Result<i64, i64> {
        let millis = i64::try_from(now.duration_since(self.filled).as_millis()).unwrap_or(i64::MAX / 1000);
        self.points = self.points.saturating_add(millis.saturating_mul(Self::RESTORES)).min(Self::SIZE * 1000);
        self.filled = now;
        if self.points < cost * 1000 {
            return Err(self.points / 1000);
        }
        self.points -= cost * 1000;
        Ok(self.points / 1000)
    }
}
