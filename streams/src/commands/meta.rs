use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::access::{Origin, Principal};
use uuid::Uuid;

use crate::sealing::{OriginKey, SealError};

/// Who asked for it and why: what is recorded with every event of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The business that the aggregate belongs to; its events are refused under another.
    pub business: BusinessId,
    /// The subject of the session ([`domain::access::Subject`]), or the part of the program that acts by itself, e.g.
    /// `demo`.
    pub actor: String,
    /// For whom the actor does it, where that is somebody else: the subject who gave the order.
    pub on_behalf_of: Option<String>,
    /// The address that the request came from.
    pub address: Option<String>,
    /// What the browser or program calls itself that somebody signs in with.
    pub agent: Option<String>,
    /// Joins everything that follows from one request.
    pub correlation: String,
    /// What directly caused it, e.g. the id of an event or a request.
    pub causation: Option<String>,
    pub command_id: Uuid,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// When it became known, where a generated history tells it. What really happens is recorded by the store's clock.
    /// Nothing is known before what stands before it in the log, whatever is said here.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// A trace that begins here (<https://www.w3.org/TR/trace-context/#traceparent-header>), recorded: flag 01.
fn new_trace(begun_by: Uuid) -> String {
    format!("00-{}-{:016x}-01", begun_by.simple(), begun_by.as_u64_pair().1)
}

impl Meta {
    /// A command that begins something: its own correlation, its own trace.
    pub fn new(business: BusinessId, actor: impl Into<String>) -> Self {
        let command_id = Uuid::now_v7();
        Self {
            business,
            actor: actor.into(),
            on_behalf_of: None,
            address: None,
            agent: None,
            correlation: command_id.to_string(),
            causation: None,
            command_id,
            traceparent: Some(new_trace(command_id)),
            recorded_at: None,
        }
    }

    /// What concerns no business of this installation, or all of them.
    pub fn installation(actor: impl Into<String>) -> Self {
        Self::new(BusinessId::from_uuid(Uuid::nil()), actor)
    }

    /// A command that a request brought: the request's id joins everything that follows from it.
    pub fn by(business: BusinessId, principal: &Principal, origin: &Origin) -> Self {
        let meta = Self::new(business, principal.subject.to_string());
        let correlation = if origin.request.is_empty() { meta.correlation } else { origin.request.clone() };
        Self {
            address: origin.address.map(|address| address.to_string()),
            correlation,
            traceparent: origin.traceparent.clone().or(meta.traceparent),
            ..meta
        }
    }

    /// One of several commands that belong together: the same correlation, the same trace.
    #[must_use]
    pub fn within(self, whole: Uuid) -> Self {
        Self { correlation: whole.to_string(), traceparent: Some(new_trace(whole)), ..self }
    }

    /// The stored text: members in alphabetical order, those without a value left out, address and agent sealed; without a key
    /// they are left out too.
    pub(crate) fn to_json(&self, key: Option<&OriginKey>) -> Result<String, SealError> {
        let business = self.business.to_string();
        let command_id = self.command_id.to_string();
        let sealed = |member: &str, text: &Option<String>| {
            let seal = |(key, text): (&OriginKey, &String)| key.seal(self.command_id, member, text);
            key.zip(text.as_ref()).map(seal).transpose()
        };
        let (address, agent) = (sealed("address", &self.address)?, sealed("agent", &self.agent)?);
        let members = [
            ("business", Some(business.as_str())),
            ("actor", Some(self.actor.as_str())),
            ("on_behalf_of", self.on_behalf_of.as_deref()),
            ("address", address.as_deref()),
            ("agent", agent.as_deref()),
            ("correlation", Some(self.correlation.as_str())),
            ("causation", self.causation.as_deref()),
            ("command_id", Some(command_id.as_str())),
            ("traceparent", self.traceparent.as_deref()),
        ];
        let map: BTreeMap<_, _> = members.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        Ok(serde_json::json!(map).to_string())
    }
}
