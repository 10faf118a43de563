//! The file as it came: kept by its hash, and named by the events that it leads to. One that says nothing new is named by
//! none, and swept.

use domain::account::Payload;
use sqlx::PgPool;
use streams::files::{Files, Payloads};
use streams::sealing::Keys;
use tokio_util::io::ReaderStream;

use super::Request;
use crate::file::error::{ImportError, ReadError};

/// As much as a piece of what is written.
const READ_AT_ONCE: usize = 256 << 10;

pub(super) async fn keep(pool: &PgPool, keys: &Keys, request: &Request) -> Result<(Payload, Payloads), ImportError> {
    let file = tokio::fs::File::open(&request.path).await.map_err(|error| ReadError::from_io(&error))?;
    let pieces = ReaderStream::with_capacity(file, READ_AT_ONCE);
    let files = Files::new(pool.clone(), keys.clone(), u64::MAX);
    let stored = files.store_payload(request.business, pieces).await;
    let payload = stored.map_err(|error| ImportError::Unavailable(error.into()))?;
    Ok((payload, Payloads::new(pool.clone(), keys.clone(), request.business)))
}
