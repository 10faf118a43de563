use std::collections::BTreeMap;

use domain::BusinessId;
use uuid::Uuid;

/// Who asked for it and why: what is recorded with every event of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The business that the aggregate belongs to; its events are refused under another.
    pub business: BusinessId,
    /// The subject of the session, e.g. `owner`, or the part of the program that acts by itself, e.g. `demo`.
    pub actor: String,
    /// Joins everything that follows from one request.
    pub correlation: String,
    /// What directly caused it, e.g. the id of an event or a request.
    pub causation: Option<String>,
    pub command_id: Uuid,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

impl Meta {
    /// A command that begins something: its own correlation.
    pub fn new(business: BusinessId, actor: impl Into<String>) -> Self {
        let command_id = Uuid::now_v7();
        Self {
            business,
            actor: actor.into(),
            correlation: command_id.to_string(),
            causation: None,
            command_id,
            traceparent: None,
        }
    }

    /// The stored text: members in alphabetical order, those without a value left out.
    pub(crate) fn to_json(&self) -> String {
        let business = self.business.to_string();
        let command_id = self.command_id.to_string();
        let members = [
            ("business", Some(business.as_str())),
            ("actor", Some(self.actor.as_str())),
            ("correlation", Some(self.correlation.as_str())),
            ("causation", self.causation.as_deref()),
            ("command_id", Some(command_id.as_str())),
            ("traceparent", self.traceparent.as_deref()),
        ];
        let map: BTreeMap<_, _> = members.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        serde_json::json!(map).to_string()
    }
}
