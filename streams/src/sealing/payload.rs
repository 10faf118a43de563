//! Payloads of events with their texts sealed.
//!
//! `{"event":"…", …, "sealed":"v1.<key>.<base64>"}`: the event's JSON without its texts, and all of them in one member
//! at the end. Payloads without that member hold their texts as they are: they were written before there were keys.

use domain::personal::{ERASED_PERSON, OwnText, Personal};
use serde::Serialize;
use uuid::Uuid;

use super::keyring::Purpose;
use super::{Context, DataKey, Keys, SealError, sealed_text, texts};
use crate::{DomainEvent, Event, OpenError};

/// As the bytes of a payload have it. Inside of a text the quotes would be escaped, and no event has a member of this
/// name elsewhere.
const MEMBER: &str = ",\"sealed\":\"";

const TEXTS: &[u8] = b"texts";
const OWN: &[u8] = b"own";

/// Where an event stands in its aggregate: what its sealed texts are bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub business: Uuid,
    pub aggregate_type: &'a str,
    pub aggregate_id: Uuid,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
}

impl Place<'_> {
    /// `part`: of the event's texts.
    fn context(&self, part: &[u8]) -> Context {
        Context::of(&[
            b"event",
            self.business.as_bytes(),
            self.aggregate_type.as_bytes(),
            self.aggregate_id.as_bytes(),
            &self.sequence.to_be_bytes(),
            self.event_type.as_bytes(),
            self.event_version.as_bytes(),
            part,
        ])
    }
}

/// The JSON of an event as it is stored.
pub(crate) fn write<E: Personal + Serialize>(
    key: &DataKey,
    place: &Place<'_>,
    mut event: E,
) -> Result<String, WriteError> {
    let mut message = sealed_text::begin(0);
    let sealed = texts::take(&mut event, &mut message);
    let mut payload = serde_json::to_string(&event)?;
    if sealed && payload.pop() == Some('}') {
        payload.push_str(MEMBER);
        sealed_text::finish(&mut payload, key, &place.context(TEXTS), message)?;
        payload.push_str("\"}");
    }
    Ok(payload)
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The sealed texts of a payload, where it has any.
fn sealed_member(payload: &[u8]) -> Option<&str> {
    let start = memchr::memmem::rfind(payload, MEMBER.as_bytes())? + MEMBER.len();
    let sealed = payload.get(start..)?.strip_suffix(b"\"}")?;
    std::str::from_utf8(sealed).ok().filter(|sealed| !sealed.contains('"'))
}

impl Keys {
    /// The key that new events of a business are sealed with.
    pub(crate) async fn sealing(&self, business: Uuid) -> Result<std::sync::Arc<DataKey>, SealError> {
        self.current(business, Purpose::Seal).await
    }

    /// Seals what names a person with their key, before it is sealed with the other texts.
    pub(crate) async fn seal_own(&self, place: &Place<'_>, event: &mut impl Personal) -> Result<(), SealError> {
        let Some(OwnText { whose, text }) = event.own_text() else { return Ok(()) };
        let key = self.current(whose, Purpose::Person).await?;
        *text = sealed_text::seal(&key, &place.context(OWN), text)?;
        Ok(())
    }

    /// Opens it again; where that person was erased, nobody can.
    async fn open_own(&self, place: &Place<'_>, event: &mut impl Personal) -> Result<(), SealError> {
        let Some(OwnText { whose, text }) = event.own_text() else { return Ok(()) };
        *text = match self.version(whose, Purpose::Person, sealed_text::version_of(text)?).await? {
            Some(key) => {
                let opened = sealed_text::open(text, &key, &place.context(OWN))?;
                String::from_utf8(opened).map_err(|_| SealError::Malformed)?
            }
            None => ERASED_PERSON.to_owned(),
        };
        Ok(())
    }

    /// Puts the sealed texts of a payload into the event that was read from it. Where the key is destroyed they stay
    /// absent.
    pub(crate) async fn fill<E: Personal>(
        &self,
        place: &Place<'_>,
        payload: &[u8],
        event: &mut E,
    ) -> Result<(), SealError> {
        let Some(sealed) = sealed_member(payload) else { return Ok(()) };
        match self.version(place.business, Purpose::Seal, sealed_text::version_of(sealed)?).await? {
            Some(key) => {
                texts::restore(event, &sealed_text::open(sealed, &key, &place.context(TEXTS))?)?;
                self.open_own(place, event).await
            }
            None => {
                event.erase();
                Ok(())
            }
        }
    }

    /// The texts of an event in the order of [`Personal::each_text`], without reading the rest of it: for whoever shows
    /// some of them. None where its business was erased.
    pub async fn texts_of(&self, event: &Event) -> Result<Vec<Option<String>>, OpenError> {
        let Some(sealed) = sealed_member(&event.payload) else {
            return Ok(match event.decode()? {
                DomainEvent::Business(mut event) => texts::held(&mut event),
                DomainEvent::Source(mut event) => texts::held(&mut event),
                DomainEvent::Account(mut event) => texts::held(&mut event),
                DomainEvent::Rates(mut event) => texts::held(&mut event),
                DomainEvent::Security(_) => Vec::new(),
            });
        };
        let opened = async {
            let place = event.place();
            let Some(key) = self.version(place.business, Purpose::Seal, sealed_text::version_of(sealed)?).await? else {
                return Ok(Vec::new());
            };
            texts::list(&sealed_text::open(sealed, &key, &place.context(TEXTS))?)
        };
        opened.await.map_err(|source| OpenError::Seal { position: event.position, source })
    }
}
