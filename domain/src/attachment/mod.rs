//! Files beside transactions: what they may be, what they are called, and by what they are found.

mod media;
mod name;

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use media::{MediaType, NotThatType, Sniffer, UnknownMediaType};
pub use name::clean_name;

/// What a file is found by within its business: a keyed hash of its SHA-256. The same file has another one in every
/// business, and none that can be recomputed once the business's keys are destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileHash([u8; 32]);

impl FileHash {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hash of a file is 64 hexadecimal digits")]
pub struct InvalidFileHash;

impl FromStr for FileHash {
    type Err = InvalidFileHash;

    fn from_str(text: &str) -> Result<Self, InvalidFileHash> {
        if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InvalidFileHash);
        }
        let mut bytes = [0; 32];
        for (nth, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * nth..2 * nth + 2], 16).map_err(|_| InvalidFileHash)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for FileHash {
    type Error = InvalidFileHash;

    fn try_from(text: String) -> Result<Self, InvalidFileHash> {
        text.parse()
    }
}

impl From<FileHash> for String {
    fn from(hash: FileHash) -> Self {
        hash.to_string()
    }
}

impl JsonSchema for FileHash {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FileHash".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A keyed hash: the same file has another one in every business",
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_as_it_is_read() {
        let text = "00ff".repeat(16);
        assert_eq!(text.parse::<FileHash>().unwrap().to_string(), text);
        for bad in ["", "00", &"0g".repeat(32), &"FF".repeat(32), &"+1".repeat(32)] {
            assert_eq!(bad.parse::<FileHash>(), Err(InvalidFileHash), "{bad}");
        }
    }
}
