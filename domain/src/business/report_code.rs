//! The code by which a printed report is checked: the first 80 bits of SHA-256 over the closing's salt and the hash of
//! its event, in Crockford's base 32, which has no letters that look like digits.
//!
//! The hash of an event stands in the next event of the log too, and so in what an auditor of another business is
//! handed. The salt is what only readers of this business know: without it a code is not to be had from a hash.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BYTES: usize = 10;

/// Written `7KQ2-M0C4-XW9A-3F8T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportCode([u8; BYTES]);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a code has 16 letters and digits")]
pub struct InvalidReportCode;

impl ReportCode {
    /// `hash`: that of the event that closed the month.
    pub fn of(salt: Salt, hash: &[u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(salt.0).chain_update(hash).finalize();
        let mut bytes = [0; BYTES];
        bytes.copy_from_slice(&digest[..BYTES]);
        Self(bytes)
    }
}

impl fmt::Display for ReportCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        for place in 0..16 {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            let letter = LETTERS[(bits >> (75 - 5 * place) & 31) as usize];
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl FromStr for ReportCode {
    type Err = InvalidReportCode;

    /// However people type it: without hyphens, in small letters, with the letters that Crockford takes for digits.
    fn from_str(text: &str) -> Result<Self, InvalidReportCode> {
        let mut bits = 0_u128;
        let mut count = 0;
        for typed in text.chars().filter(|typed| !matches!(typed, '-' | ' ')) {
            let typed = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = LETTERS.iter().position(|letter| char::from(*letter) == typed).ok_or(InvalidReportCode)?;
            count += 1;
            if count > 16 {
                return Err(InvalidReportCode);
            }
            bits = bits << 5 | value as u128;
        }
        if count != 16 {
            return Err(InvalidReportCode);
        }
        let mut bytes = [0; BYTES];
        bytes.copy_from_slice(&bits.to_be_bytes()[16 - BYTES..]);
        Ok(Self(bytes))
    }
}

/// 128 random bits, in hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 16]);

impl Salt {
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let is_hex = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let bits = is_hex.then(|| u128::from_str_radix(&text, 16).ok()).flatten();
        let bits = bits.ok_or_else(|| serde::de::Error::custom("a salt is 32 hexadecimal digits"))?;
        Ok(Self(bits.to_be_bytes()))
    }
}

impl JsonSchema for Salt {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Salt".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "128 random bits", "type": "string", "pattern": "^[0-9a-f]{32}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = ReportCode([0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]);
        let text = code.to_string();
        assert_eq!(text, "0123-4567-89AB-CDEF");
        for typed in [text.as_str(), "oi2345678 9ab cdef", "O123-4567-89aB-CDEF"] {
            assert_eq!(typed.parse(), Ok(code), "{typed}");
        }
        for wrong in ["", "0123-4567-89AB-CDE", "0123-4567-89AB-CDEF0", "U123-4567-89AB-CDEF"] {
            assert_eq!(wrong.parse::<ReportCode>(), Err(InvalidReportCode), "{wrong}");
        }
    }

    /// Whoever checks one by hand gets the same: `printf … | xxd -r -p | sha256sum`.
    #[test]
    fn a_code_is_of_salt_and_hash() {
        let (salt, hash) = (Salt::from_bytes([7; 16]), [9; 32]);
        let digest = Sha256::digest([[7; 16].as_slice(), &[9; 32]].concat());
        assert_eq!(ReportCode::of(salt, &hash).0, digest[..10]);
        assert_ne!(ReportCode::of(Salt::from_bytes([8; 16]), &hash), ReportCode::of(salt, &hash));
    }

    #[test]
    fn a_salt_is_read_as_it_was_written() {
        let salt: Salt = serde_json::from_str("\"000102030405060708090a0b0c0d0e0f\"").unwrap();
        assert_eq!(salt.to_string(), "000102030405060708090a0b0c0d0e0f");
        for wrong in ["\"\"", "\"+00102030405060708090a0b0c0d0e0f\"", "\"000102030405060708090a0b0c0d0e0f00\""] {
            assert!(serde_json::from_str::<Salt>(wrong).is_err(), "{wrong}");
        }
    }
}
