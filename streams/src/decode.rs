//! From stored bytes to domain events.

use domain::account::AccountEvent;
use domain::business::BusinessEvent;
use domain::rates::RatesEvent;
use domain::security::SecurityEvent;
use domain::source::SourceEvent;
use serde::de::DeserializeOwned;

use crate::upcast::Upcasters;

/// An event of one aggregate that can be read from its stored payload.
pub(crate) trait Decode: Sized {
    /// `payload` is JSON as stored, of the given type and version.
    fn decode(
        upcasters: &Upcasters,
        event_type: &str,
        event_version: &str,
        payload: &[u8],
    ) -> Result<Self, serde_json::Error>;
}

fn tagged<E: DeserializeOwned>(
    upcasters: &Upcasters,
    event_type: &str,
    event_version: &str,
    payload: &[u8],
) -> Result<E, serde_json::Error> {
    if upcasters.concern(event_type, event_version) {
        let old = serde_json::from_slice(payload)?;
        return serde_json::from_value(upcasters.upcast(event_type, event_version, old));
    }
    serde_json::from_slice(payload)
}

impl Decode for BusinessEvent {
    fn decode(upcasters: &Upcasters, name: &str, version: &str, payload: &[u8]) -> Result<Self, serde_json::Error> {
        tagged(upcasters, name, version, payload)
    }
}

impl Decode for SourceEvent {
    fn decode(upcasters: &Upcasters, name: &str, version: &str, payload: &[u8]) -> Result<Self, serde_json::Error> {
        tagged(upcasters, name, version, payload)
    }
}

impl Decode for RatesEvent {
    fn decode(upcasters: &Upcasters, name: &str, version: &str, payload: &[u8]) -> Result<Self, serde_json::Error> {
        tagged(upcasters, name, version, payload)
    }
}

impl Decode for SecurityEvent {
    fn decode(upcasters: &Upcasters, name: &str, version: &str, payload: &[u8]) -> Result<Self, serde_json::Error> {
        tagged(upcasters, name, version, payload)
    }
}

impl Decode for AccountEvent {
    /// A page is read without looking at its tag: serde buffers tagged data whole before it decodes it, which for 500
    /// transactions costs more than the decoding.
    fn decode(upcasters: &Upcasters, name: &str, version: &str, payload: &[u8]) -> Result<Self, serde_json::Error> {
        if name == "account.synced" && !upcasters.concern(name, version) {
            return serde_json::from_slice(payload).map(Self::Synced);
        }
        if name == "account.recategorised" && !upcasters.concern(name, version) {
            return serde_json::from_slice(payload).map(Self::Recategorised);
        }
        tagged(upcasters, name, version, payload)
    }
}
