//! What a source said, as it came: an answer or a file that is kept apart from the log, and named by the event it led to.

use std::collections::HashMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::Synced;
use crate::TransactionId;
use crate::attachment::FileHash;
use crate::personal::{Personal, Text};

/// An answer of a provider, or a file that was imported. Its bytes are kept apart from the log, by `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    pub file: FileHash,
    pub bytes: u64,
    pub media: PayloadMedia,
    /// Of the page's transactions those that it told, by where their texts stand; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<u16>,
    /// SHA-256 of the answer itself, in hexadecimal. Sealed, because a guess of the whole could be confirmed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Personal for Payload {
    fn each_text(&mut self, visit: &mut dyn FnMut(Text<'_>)) {
        visit(Text::Optional(&mut self.sha256));
    }
}

/// What an answer is by its bytes: nothing of it is ever shown as a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PayloadMedia {
    #[serde(rename = "application/json")]
    Json,
    #[serde(rename = "text/plain")]
    Text,
    #[serde(rename = "application/octet-stream")]
    Bytes,
}

impl PayloadMedia {
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => Self::Json,
            Ok(_) => Self::Text,
            Err(_) => Self::Bytes,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain",
            Self::Bytes => "application/octet-stream",
        }
    }

    /// Of a file that is too long to be looked at whole, by how it begins.
    pub fn of_beginning(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Err(cut) if cut.error_len().is_none() => Self::Text,
            _ => Self::of(bytes),
        }
    }

    /// What the name of such a file ends with; `media` as the log has it.
    pub fn ending(media: &str) -> &'static str {
        match media {
            "application/json" => "json",
            "text/plain" => "txt",
            _ => "bin",
        }
    }
}

impl fmt::Display for PayloadMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An answer, and the transactions that it told or took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub payload: Payload,
    pub of: Vec<TransactionId>,
}

/// Those that told anything of what a page changes: an answer that says what is known is not kept.
pub(super) fn behind(page: &Synced, told: Vec<Told>) -> Vec<Payload> {
    let all: HashMap<TransactionId, u16> = places(page).collect();
    let named = told.into_iter().filter_map(|Told { payload, of }| {
        let mut places: Vec<u16> = of.iter().filter_map(|id| all.get(id).copied()).collect();
        let (is_named, is_whole) = (!places.is_empty(), places.len() == all.len());
        places.sort_unstable();
        if is_whole {
            places.clear();
        }
        is_named.then_some(Payload { places, ..payload })
    });
    named.collect()
}

/// Where the texts of each transaction stand among those of its page: of one that changed, behind the earlier ones.
fn places(page: &Synced) -> impl Iterator<Item = (TransactionId, u16)> {
    let added = page.added.iter().map(|one| (one.id, 1));
    let amended = page.amended.iter().map(|one| (one.now.id, 2));
    let removed = page.removed.iter().map(|one| (one.id, 1));
    added.chain(amended).chain(removed).scan(0_u16, |next, (id, revisions)| {
        *next += revisions;
        Some((id, *next - 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_what_its_bytes_are() {
        for (bytes, media) in [
            (b"{\"added\": []}".as_slice(), PayloadMedia::Json),
            (b"{\"id\":1}\n{\"id\":2}\n", PayloadMedia::Text),
            (b"date,amount\n", PayloadMedia::Text),
            (b"", PayloadMedia::Text),
            (b"\xff\xfe", PayloadMedia::Bytes),
        ] {
            assert_eq!(PayloadMedia::of(bytes), media);
            assert_eq!(PayloadMedia::of_beginning(bytes), media);
        }
    }

    #[test]
    fn a_letter_that_is_cut_off_makes_no_other_thing_of_a_text() {
        let text = "Café".as_bytes();
        assert_eq!(PayloadMedia::of_beginning(&text[..text.len() - 1]), PayloadMedia::Text);
        assert_eq!(PayloadMedia::of_beginning(b"Caf\xe9, 1"), PayloadMedia::Bytes);
    }
}
