use cqrs_es::DomainEvent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BusinessId, SourceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Statement files that a person brings.
    File,
    /// The generated demo business.
    Demo,
}

impl SourceKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Demo => "demo",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event")]
pub enum SourceEvent {
    #[serde(rename = "source.connected")]
    Connected { id: SourceId, business: BusinessId, kind: SourceKind, name: String },
    #[serde(rename = "source.disconnected")]
    Disconnected { reason: String },
}

impl DomainEvent for SourceEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Connected { .. } => "source.connected",
            Self::Disconnected { .. } => "source.disconnected",
        }
        .to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}
