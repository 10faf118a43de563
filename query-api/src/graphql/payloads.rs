//! What a source said, as it came.

use async_graphql::SimpleObject;

use crate::reader;

/// An answer of a provider, or a file that was imported: `GET /api/v1/businesses/{business}/payloads/{hash}` gives it, byte by byte.
#[derive(Debug, Clone, SimpleObject)]
pub struct Payload {
    /// What it is found by in this business: a keyed hash of it.
    hash: String,
    /// application/json, text/plain or application/octet-stream: by its bytes.
    media: String,
    bytes: i64,
    /// Of the answer itself, in hexadecimal: what was downloaded has the same.
    sha256: Option<String>,
}

impl From<reader::Payload> for Payload {
    fn from(reader::Payload { row, sha256 }: reader::Payload) -> Self {
        Self { hash: row.file.to_string(), media: row.media, bytes: row.bytes, sha256 }
    }
}
