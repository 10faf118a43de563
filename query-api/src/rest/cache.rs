//! Answers that were computed, kept while they are what would be computed again.
//!
//! An answer is looked up after its caller was authorised and its view was fixed, under the business, the tag (which
//! changes with each event of the business, with the day and with each rebuild) and the question as it was asked. So
//! nothing has to be invalidated, and nothing of one business can reach another. Texts of people are never kept. A caller learns of no difference but
//! the time: of a change elsewhere in the log the answer may name the position before.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::BusinessId;
use moka::sync::Cache;

use crate::edge::Tag;

const MOST_BYTES: u64 = 32 << 20;
/// A larger answer is not kept.
const MOST_OF_ONE: usize = 256 * 1024;
const UNUSED_FOR: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub business: BusinessId,
    pub tag: Tag,
    pub question: Box<str>,
}

#[derive(Debug, Clone)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Answers(Cache<Arc<Key>, Arc<Kept>>);

impl Default for Answers {
    fn default() -> Self {
        let weigh = |key: &Arc<Key>, kept: &Arc<Kept>| {
            u32::try_from(key.question.len() + kept.body.len() + 512).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(weigh).max_capacity(MOST_BYTES).time_to_idle(UNUSED_FOR).build())
    }
}

impl Answers {
    pub fn get(&self, key: &Arc<Key>) -> Option<Response> {
        let kept = self.0.get(key)?;
        let mut response = Response::new(Body::from(kept.body.clone()));
        response.headers_mut().clone_from(&kept.headers);
        Some(response)
    }

    /// Keeps a whole answer on its way out.
    pub async fn keep(&self, key: Arc<Key>, response: Response) -> Result<Response, axum::Error> {
        if response.status() != StatusCode::OK {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        // It is in memory already.
        let body = to_bytes(body, usize::MAX).await?;
        if body.len() <= MOST_OF_ONE {
            self.0.insert(key, Arc::new(Kept { headers: parts.headers.clone(), body: body.clone() }));
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}
