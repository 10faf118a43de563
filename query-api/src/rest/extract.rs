//! Paths and queries as they are read, with faults in words.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::Failure;

/// A query whose faults are told as a problem.
pub struct Ask<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Ask<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(query)| Self(query))
            .map_err(|rejection: QueryRejection| Failure::invalid(in_words(&rejection)))
    }
}

fn in_words(rejection: &QueryRejection) -> String {
    let text = rejection.body_text();
    let fault = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
    format!("The query of this address does not fit: {fault}")
}

/// A path whose faults are told as a problem: a malformed id names nothing.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(path)| Self(path))
            .map_err(|_: PathRejection| Failure::not_found("There is nothing at this address."))
    }
}
