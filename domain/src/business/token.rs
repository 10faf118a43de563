use std::fmt::Write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// SHA-256 of a token of 256 random bits, in hexadecimal: enough to know the token again, nothing to guess it from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TokenHash(String);

impl TokenHash {
    pub fn of(token: &[u8]) -> Self {
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(token) {
            // A String takes whatever it is given.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}
