//! What is sealed as a whole: states of aggregates, and in metadata the address and the device that a command came from.

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

/// `member`: of the metadata.
fn origin_context(business: Uuid, command_id: &str, member: &str) -> Context {
    Context::of(&[b"metadata", business.as_bytes(), command_id.as_bytes(), member.as_bytes()])
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

/// What a command's origin says, for a member of its metadata.
pub(crate) fn seal_origin(
    key: &DataKey,
    business: Uuid,
    command_id: Uuid,
    (member, text): (&str, &str),
) -> Result<String, SealError> {
    seal(key, &origin_context(business, &command_id.to_string(), member), text)
}

impl Keys {
    async fn open_text(&self, business: Uuid, sealed: &str, context: &Context) -> Result<Option<String>, SealError> {
        let Some(key) = self.version(business, sealed_text::version_of(sealed)?).await? else { return Ok(None) };
        let text = sealed_text::open(sealed, &key, context)?;
        String::from_utf8(text).map(Some).map_err(|_| SealError::Malformed)
    }

    /// The address that an event's command came from; `None` where there is none, or its business was erased.
    pub async fn address_of(&self, event: &Event) -> Result<Option<String>, SealError> {
        self.origin_of(event, "address").await
    }

    /// What the browser or program called itself that an event came from.
    pub async fn agent_of(&self, event: &Event) -> Result<Option<String>, SealError> {
        self.origin_of(event, "agent").await
    }

    async fn origin_of(&self, event: &Event, member: &str) -> Result<Option<String>, SealError> {
        let Some(text) = event.metadata.get(member) else { return Ok(None) };
        if sealed_text::version_of(text).is_err() {
            return Ok(Some(text.clone()));
        }
        let command = event.metadata.get("command_id").map_or("", String::as_str);
        let business = event.business.as_uuid();
        self.open_text(business, text, &origin_context(business, command, member)).await
    }
}
