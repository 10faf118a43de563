//! Entity tags: what an answer depends on, known before any figure is read.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::reader::View;

/// Changes with the business's own events, the asked state of knowledge, the question, and the day (a running period
/// ends today), and whether it stands still. Weak: the same figures may name a later position of the whole log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// `question` is the path and query as they were asked.
    pub fn of(view: &View, question: &str) -> Self {
        let still = view.stands_still.as_ref().map(|still| (still.position, still.since));
        let digest = Sha256::digest(format!("{question}|{}|{}|{still:?}", view.today, view.day));
        let (generation, epoch) = view.generation;
        Self(format!("W/\"{generation}.{epoch}.{}.{}\"", view.changed, hex::encode(&digest[..6])))
    }

    /// Of an answer that follows from more than the log: of all that it says.
    pub fn of_content(content: &[u8]) -> Self {
        Self(format!("W/\"{}\"", hex::encode(&Sha256::digest(content)[..16])))
    }

    /// Whether the caller has this answer already (RFC 9110, 13.1.2).
    pub fn is_held(&self, headers: &HeaderMap) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|held| held.trim() == "*" || held.split(',').any(|tag| opaque(tag) == opaque(&self.0)))
    }

    /// Asked again each time, kept by the caller alone.
    pub fn put_on(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&self.0) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        response
    }

    pub fn not_modified(&self) -> Response {
        self.put_on(StatusCode::NOT_MODIFIED.into_response())
    }
}
