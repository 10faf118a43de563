//! The messages of `graphql-transport-ws` (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>).

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use serde::Deserialize;

use super::broadcast::Operation;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromClient {
    ConnectionInit,
    Ping,
    Pong,
    Subscribe { id: String, payload: Operation },
    Complete { id: String },
}

/// Why a connection is closed. Clients come back after 4403 and 4408, not after the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// Not a message of the protocol.
    Invalid,
    /// Asked before it was acknowledged.
    NotInitialised,
    /// The session is over: come back with the renewed one.
    SessionOver,
    InitTimeout,
    SecondInit,
    DuplicateId,
    TooMany,
    GoingAway,
}

impl Close {
    pub fn frame(self) -> CloseFrame {
        let (code, reason) = match self {
            Self::Invalid => (4400, "Invalid message"),
            Self::NotInitialised => (4401, "Unauthorized"),
            Self::SessionOver => (4403, "Session is over"),
            Self::InitTimeout => (4408, "Connection initialisation timeout"),
            Self::SecondInit => (4429, "Too many initialisation requests"),
            Self::DuplicateId => (4409, "Subscriber already exists"),
            Self::TooMany => (4400, "Too many subscriptions"),
            Self::GoingAway => (1001, "Going away"),
        };
        CloseFrame { code, reason: Utf8Bytes::from_static(reason) }
    }
}

pub fn ack() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#))
}

pub fn pong() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"type":"pong"}"#))
}

pub fn next(id: &str, payload: &str) -> Message {
    message(id, "next", Some(payload))
}

pub fn error(id: &str, payload: &str) -> Message {
    message(id, "error", Some(payload))
}

pub fn complete(id: &str) -> Message {
    message(id, "complete", None)
}

/// `payload` is JSON already.
fn message(id: &str, kind: &str, payload: Option<&str>) -> Message {
    let id = serde_json::Value::from(id);
    let text = match payload {
        Some(payload) => format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#),
        None => format!(r#"{{"id":{id},"type":"{kind}"}}"#),
    };
    Message::Text(text.into())
}
