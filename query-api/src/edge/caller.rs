use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::access::Principal;
use domain::{Code, Problem};

use crate::Failure;

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller(pub Arc<Principal>);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let principal = parts.extensions.get::<Principal>().cloned();
        principal
            .map(|principal| Self(Arc::new(principal)))
            .ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in first.").into())
    }
}
