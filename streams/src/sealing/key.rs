//! Keys in memory: wiped when they go, and never printed.

use std::fmt;

use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use zeroize::Zeroizing;

/// 256 bits that nobody may see.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; Key::BYTES]>);

impl Key {
    pub const BYTES: usize = 32;

    /// From the operating system's random numbers.
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        rand::rngs::OsRng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// `None` where there are not exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }

    /// `None` where it is not 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        hex::decode_to_slice(text.trim(), bytes.as_mut()).ok()?;
        Some(Self(bytes))
    }

    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.expose()))
    }

    /// The bytes themselves: for the one call that needs them.
    pub fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// A key for one use, from which this one cannot be found (HKDF-SHA-256, RFC 5869).
    pub fn derive(&self, salt: &[u8], info: &[u8]) -> Self {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        let kdf = hkdf::Hkdf::<Sha256>::new(Some(salt), self.expose());
        kdf.expand(info, bytes.as_mut()).expect("32 bytes are fewer than the 8,160 that HKDF gives");
        Self(bytes)
    }

    /// HMAC-SHA-256.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.expose()).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Eight hexadecimal digits that tell keys apart and say nothing about them.
    pub fn fingerprint(&self) -> String {
        hex::encode(&self.mac(&[b"workdock key fingerprint"])[..4])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(key)")
    }
}
