use cqrs_es::DomainEvent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Health;
use crate::personal::{Personal, Text};
use crate::{BusinessId, SourceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Statement files that a person brings.
    File,
    /// The generated demo business.
    Demo,
    /// Bank accounts through Plaid.
    Plaid,
    /// Card payments at Stripe.
    Stripe,
    /// Books in QuickBooks Online.
    #[serde(rename = "quickbooks")]
    QuickBooks,
    /// A shop at Shopify.
    Shopify,
    /// A REST feed that the installation describes.
    Feed,
}

impl SourceKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Demo => "demo",
            Self::Plaid => "plaid",
            Self::Stripe => "stripe",
            Self::QuickBooks => "quickbooks",
            Self::Shopify => "shopify",
            Self::Feed => "feed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event")]
pub enum SourceEvent {
    #[serde(rename = "source.connected")]
    Connected {
        id: SourceId,
        business: BusinessId,
        kind: SourceKind,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
    },
    #[serde(rename = "source.authorised")]
    Authorised {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
    },
    #[serde(rename = "source.health_changed")]
    HealthChanged {
        health: Health,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    #[serde(rename = "source.disconnected")]
    Disconnected {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

impl DomainEvent for SourceEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Connected { .. } => "source.connected",
            Self::Authorised { .. } => "source.authorised",
            Self::HealthChanged { .. } => "source.health_changed",
            Self::Disconnected { .. } => "source.disconnected",
        }
        .to_owned()
    }

    /// The second versions hold their texts sealed.
    fn event_version(&self) -> String {
        match self {
            Self::Connected { .. } | Self::Disconnected { .. } => "2",
            Self::Authorised { .. } | Self::HealthChanged { .. } => "1",
        }
        .to_owned()
    }
}

impl Personal for SourceEvent {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        match self {
            Self::Connected { name, .. } => visit(Text::Required(name)),
            Self::Disconnected { reason } => visit(Text::Required(reason)),
            // What a provider calls the connection, and what to do about it: nothing about a person.
            Self::Authorised { .. } | Self::HealthChanged { .. } => {}
        }
    }
}
