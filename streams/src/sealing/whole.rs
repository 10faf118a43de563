//! What is sealed as a whole: states of aggregates, and addresses in metadata.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Context, DataKey, Keys, SealError, sealed_text};
use crate::Event;

/// A snapshot as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedState {
    business: Uuid,
    sealed: String,
}

fn state_context(business: Uuid, aggregate_type: &str, id: Uuid) -> Context {
    Context::of(&[b"state", business.as_bytes(), aggregate_type.as_bytes(), id.as_bytes()])
}

fn address_context(business: Uuid, command_id: &str) -> Context {
    Context::of(&[b"metadata", business.as_bytes(), command_id.as_bytes(), b"address"])
}

fn seal(key: &DataKey, context: &Context, text: &str) -> Result<String, SealError> {
    let (mut sealed, mut message) = (String::new(), sealed_text::begin(text.len()));
    message.extend_from_slice(text.as_bytes());
    sealed_text::finish(&mut sealed, key, context, message)?;
    Ok(sealed)
}

impl SealedState {
    pub fn new(key: &DataKey, business: Uuid, aggregate_type: &str, id: Uuid, state: &str) -> Result<Self, SealError> {
        Ok(Self { business, sealed: seal(key, &state_context(business, aggregate_type, id), state)? })
    }

    /// `None` where the key is destroyed.
    pub async fn open(&self, keys: &Keys, aggregate_type: &str, id: Uuid) -> Result<Option<String>, SealError> {
        let context = state_context(self.business, aggregate_type, id);
        keys.open_text(self.business, &self.sealed, &context).await
    }
}

/// The address of a command's origin, for its metadata.
pub(crate) fn seal_address(
    key: &DataKey,
    business: Uuid,
    command_id: Uuid,
    address: &str,
) -> Result<String, SealError> {
    seal(key, &address_context(business, &command_id.to_string()), address)
}

impl Keys {
    async fn open_text(&self, business: Uuid, sealed: &str, context: &Context) -> Result<Option<String>, SealError> {
        let Some(key) = self.version(business, sealed_text::version_of(sealed)?).await? else { return Ok(None) };
        let text = sealed_text::open(sealed, &key, context)?;
        String::from_utf8(text).map(Some).map_err(|_| SealError::Malformed)
    }

    /// The address that an event's command came from; `None` where there is none, or its business was erased.
    pub async fn address_of(&self, event: &Event) -> Result<Option<String>, SealError> {
        let Some(address) = event.metadata.get("address") else { return Ok(None) };
        if sealed_text::version_of(address).is_err() {
            return Ok(Some(address.clone()));
        }
        let command = event.metadata.get("command_id").map_or("", String::as_str);
        let business = event.business.as_uuid();
        self.open_text(business, address, &address_context(business, command)).await
    }
}
