//! Old shapes of events, made new before anything else sees them.
//!
//! An event is stored for ever as it was written. When a type gets a version 2, an upcaster from 1 to 2 is added to
//! [`Upcasters::current`]; domain and projections know the newest version only.

use std::fmt;
use std::sync::LazyLock;

use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use serde_json::Value;

/// Upcasters in the order in which they apply: from 1 to 2 before from 2 to 3.
#[derive(Default)]
pub struct Upcasters(Vec<Box<dyn EventUpcaster>>);

static CURRENT: LazyLock<Upcasters> = LazyLock::new(Upcasters::default);

impl fmt::Debug for Upcasters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upcasters({})", self.0.len())
    }
}

impl Upcasters {
    pub fn new(upcasters: Vec<Box<dyn EventUpcaster>>) -> Self {
        Self(upcasters)
    }

    /// Those of this program. None yet: every type is in its first version.
    pub fn current() -> &'static Self {
        &CURRENT
    }

    /// Whether an event of this type and version needs to be made new.
    pub fn concern(&self, event_type: &str, event_version: &str) -> bool {
        self.0.iter().any(|upcaster| upcaster.can_upcast(event_type, event_version))
    }

    /// The payload in its newest version.
    pub fn upcast(&self, event_type: &str, event_version: &str, payload: Value) -> Value {
        let event = SerializedEvent {
            aggregate_id: String::new(),
            sequence: 0,
            aggregate_type: String::new(),
            event_type: event_type.to_owned(),
            event_version: event_version.to_owned(),
            payload,
            metadata: Value::Null,
        };
        let newest = self.0.iter().fold(event, |event, upcaster| {
            if upcaster.can_upcast(&event.event_type, &event.event_version) { upcaster.upcast(event) } else { event }
        });
        newest.payload
    }
}
