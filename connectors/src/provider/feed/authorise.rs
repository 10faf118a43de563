//! A key that the user pastes.

use super::Feed;
use super::pull::first;
use crate::provider::{Credentials, Grant, ProviderError};

/// A key is believed once the feed answers to it in the shape that is described.
pub async fn complete(feed: &Feed, grant: &Grant) -> Result<Credentials, ProviderError> {
    let Grant::Key { key, .. } = grant else {
        return Err(ProviderError::Refused { code: "a key is needed".to_owned() });
    };
    let credentials =
        Credentials { access: key.clone(), refresh: None, expires_at: None, external_id: feed.name.clone() };
    first(feed, &credentials).await?;
    Ok(credentials)
}
