//! Faults around each request.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use chrono::TimeDelta;

use super::{FaultKind, surprise};
use crate::simulator::{Provider, World, plaid, quickbooks, shopify, stripe};

const MOST_BODY: usize = 64 << 20;

/// The answer of a provider that limits, fails or no longer knows the token, in its own shape.
fn refusal(provider: Provider, kind: &FaultKind, graphql: bool) -> Option<Response> {
    let mut response = match (provider, kind) {
        (Provider::Shopify, FaultKind::RateLimited { .. }) if graphql => shopify::errors::throttled_query(),
        (Provider::Plaid, kind) => plaid::errors::of_fault(kind)?,
        (Provider::Stripe, kind) => stripe::errors::of_fault(kind)?,
        (Provider::QuickBooks, kind) => quickbooks::errors::of_fault(kind)?,
        (Provider::Shopify, kind) => shopify::errors::of_fault(kind)?,
    };
    if let FaultKind::RateLimited { retry_after: Some(seconds) } = kind {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    Some(response)
}

/// Whether tokens are asked for here: their own errors are not those of the data.
fn is_authorisation(path: &str) -> bool {
    ["oauth", "/link", "public_token", "webhook_verification_key", "/connect/"].iter().any(|part| path.contains(part))
}

pub async fn apply(State((world, provider)): State<(Arc<World>, Provider)>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    world.requests.note(provider, &path);
    let of_request = |kind: &FaultKind| match kind {
        FaultKind::Latency { .. } | FaultKind::Timeout { .. } | FaultKind::ServerError { .. } | FaultKind::Cut => true,
        FaultKind::RateLimited { .. } | FaultKind::ExpiredToken | FaultKind::RevokedToken => !is_authorisation(&path),
        FaultKind::UnknownFields | FaultKind::UnknownValues | FaultKind::MissingOptionals => true,
        FaultKind::Emptied { .. } => true,
        FaultKind::ClockSkew { .. } => true,
        _ => false,
    };
    let met = world.faults.meeting(provider, &path, of_request);
    if met.is_empty() {
        return dated(next.run(request).await, world.now());
    }
    let mut skew = TimeDelta::zero();
    for kind in &met {
        match kind {
            FaultKind::Latency { millis } => tokio::time::sleep(Duration::from_millis(*millis)).await,
            FaultKind::Timeout { seconds } => {
                tokio::time::sleep(Duration::from_secs(*seconds)).await;
                return cut(Bytes::new());
            }
            FaultKind::ClockSkew { seconds } => skew = TimeDelta::seconds(*seconds),
            kind => {
                if let Some(refusal) = refusal(provider, kind, path.contains("graphql")) {
                    return dated(refusal, world.now() + skew);
                }
            }
        }
    }
    let response = surprised(provider, next.run(request).await, &met).await;
    dated(response, world.now() + skew)
}

/// What the answer's content is changed to.
async fn surprised(provider: Provider, response: Response, met: &[FaultKind]) -> Response {
    let changes = |kind: &&FaultKind| {
        matches!(
            kind,
            FaultKind::UnknownFields
                | FaultKind::UnknownValues
                | FaultKind::MissingOptionals
                | FaultKind::Emptied { .. }
                | FaultKind::Cut
        )
    };
    if !met.iter().any(|kind| changes(&kind)) || !response.status().is_success() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(mut bytes) = to_bytes(body, MOST_BODY).await else { return cut(Bytes::new()) };
    if let Ok(mut value) = serde_json::from_slice(&bytes) {
        for kind in met {
            surprise::change(provider, kind, &mut value);
        }
        bytes = value.to_string().into();
        parts.headers.remove(header::CONTENT_LENGTH);
    }
    if met.contains(&FaultKind::Cut) {
        return cut(bytes.slice(..bytes.len() / 2));
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Some of a body, and then the connection ends.
fn cut(begun: Bytes) -> Response {
    let broken = || std::io::Error::other("the simulator cuts the connection");
    let chunks = futures::stream::iter([Ok(begun), Err(broken())]);
    Response::new(Body::from_stream(chunks))
}

fn dated(mut response: Response, at: chrono::DateTime<chrono::Utc>) -> Response {
    let text = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(header::DATE, value);
    }
    response
}
