//! What is sealed as a whole: states of aggregates, and in metadata the address and the device that a command came from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keyring::Purpose;
use super::{Context, DataKey, Keys, SealError, sealed_text};
use crate::{Event, Meta};

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
fn origin_context(scope: Uuid, command_id: &str, member: &str) -> Context {
    Context::of(&[b"metadata", scope.as_bytes(), command_id.as_bytes(), member.as_bytes()])
}

impl SealedState {
    pub fn new(key: &DataKey, business: Uuid, aggregate_type: &str, id: Uuid, state: &str) -> Result<Self, SealError> {
        Ok(Self { business, sealed: sealed_text::seal(key, &state_context(business, aggregate_type, id), state)? })
    }

    /// `None` where the key is destroyed.
    pub async fn open(&self, keys: &Keys, aggregate_type: &str, id: Uuid) -> Result<Option<String>, SealError> {
        let context = state_context(self.business, aggregate_type, id);
        keys.open_text((self.business, Purpose::Seal), &self.sealed, &context).await
    }
}

/// Before what the key of the person who acted sealed, too.
const OF_PERSON: &str = "person.";

/// The person who acted, where it was one.
fn person_of(actor: &str) -> Option<Uuid> {
    actor.strip_prefix("user:")?.parse().ok()
}

/// What the origin of a command is sealed with: the key of the person who gave it, where it was one, and then that of the
/// business. It goes with either.
pub(crate) struct OriginKey {
    business: (Uuid, Arc<DataKey>),
    person: Option<(Uuid, Arc<DataKey>)>,
}

impl OriginKey {
    /// For a member of the metadata.
    pub fn seal(&self, command_id: Uuid, member: &str, text: &str) -> Result<String, SealError> {
        let command_id = command_id.to_string();
        let seal = |(scope, key): &(Uuid, Arc<DataKey>), text: &str| {
            sealed_text::seal(key, &origin_context(*scope, &command_id, member), text)
        };
        match &self.person {
            Some(person) => Ok(format!("{OF_PERSON}{}", seal(&self.business, &seal(person, text)?)?)),
            None => seal(&self.business, text),
        }
    }
}

impl Keys {
    /// `None` where there is nothing to seal, or nobody to seal it for any more.
    pub(crate) async fn origin(&self, meta: &Meta) -> Result<Option<OriginKey>, SealError> {
        if meta.address.is_none() && meta.agent.is_none() {
            return Ok(None);
        }
        let key = async |scope, purpose| self.current(scope, purpose).await.map(|key| (scope, key));
        let keys = async {
            let business = key(meta.business.as_uuid(), Purpose::Seal).await?;
            let person = match person_of(&meta.actor) {
                Some(person) => Some(key(person, Purpose::Person).await?),
                None => None,
            };
            Ok(Some(OriginKey { business, person }))
        };
        match keys.await {
            Err(SealError::Erased(_)) => Ok(None),
            keys => keys,
        }
    }

    async fn open_text(
        &self,
        (scope, purpose): (Uuid, Purpose),
        sealed: &str,
        context: &Context,
    ) -> Result<Option<String>, SealError> {
        let Some(key) = self.version(scope, purpose, sealed_text::version_of(sealed)?).await? else { return Ok(None) };
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
        let command = event.metadata.get("command_id").map_or("", String::as_str);
        let business = event.business.as_uuid();
        let of_business = origin_context(business, command, member);
        let Some(sealed) = text.strip_prefix(OF_PERSON) else {
            return match sealed_text::version_of(text) {
                Ok(_) => self.open_text((business, Purpose::Seal), text, &of_business).await,
                // Of before there were keys.
                Err(_) => Ok(Some(text.clone())),
            };
        };
        let person = event.metadata.get("actor").and_then(|actor| person_of(actor)).ok_or(SealError::Malformed)?;
        match self.open_text((business, Purpose::Seal), sealed, &of_business).await? {
            Some(sealed) => {
                let of_person = origin_context(person, command, member);
                self.open_text((person, Purpose::Person), &sealed, &of_person).await
            }
            None => Ok(None),
        }
    }
}
