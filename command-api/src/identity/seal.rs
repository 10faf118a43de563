//! The seam to sealing: what names a person lies encrypted in its row, and is found by a keyed hash.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use async_trait::async_trait;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Seals and opens bytes. `context` names the row and the field: what is copied to another place does not open there.
#[async_trait]
pub trait Sealer: fmt::Debug + Send + Sync {
    async fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, SealError>;
    async fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError>;
    /// Equal for equal texts, and of no use without the key. `context` keeps fields apart.
    fn index(&self, context: &str, text: &[u8]) -> [u8; 32];
}

#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("what is sealed as {0} does not open: another key, another place, or changed")]
    Closed(String),
    #[error("the keys cannot be had: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// AES-256-GCM and HMAC-SHA-256 with one key for ever. The program seals with keys that are renewed and has its hashes
/// from here.
///
/// Nonces are random: 2^32 messages of one key stay below a chance of 2^-32 that two are equal (NIST SP 800-38D).
pub struct KeySealer {
    cipher: Aes256Gcm,
    index: Zeroizing<[u8; 32]>,
}

impl KeySealer {
    pub fn from_key(key: &[u8; 32]) -> Self {
        let derived = Hkdf::<Sha256>::new(None, key);
        let expand = |info: &[u8]| {
            let mut out = Zeroizing::new([0; 32]);
            // 32 bytes are far below the most that HKDF gives.
            let expanded = derived.expand(info, out.as_mut());
            debug_assert!(expanded.is_ok());
            out
        };
        let cipher = Aes256Gcm::new(expand(b"workdock identity seal v1").as_ref().into());
        Self { cipher, index: expand(b"workdock identity index v1") }
    }
}

impl fmt::Debug for KeySealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySealer(…)")
    }
}

#[async_trait]
impl Sealer for KeySealer {
    async fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        rand::thread_rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| SealError::Closed(context.to_owned()))?;
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
    }

    async fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let closed = || SealError::Closed(context.to_owned());
        let (version, rest) = sealed.split_first().ok_or_else(closed)?;
        if *version != VERSION {
            return Err(closed());
        }
        let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(closed)?;
        let payload = Payload { msg: body, aad: context.as_bytes() };
        self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| closed())
    }

    fn index(&self, context: &str, text: &[u8]) -> [u8; 32] {
        // HMAC takes keys of any length.
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(self.index.as_ref()) else { unreachable!() };
        mac.update(&(context.len() as u64).to_be_bytes());
        mac.update(context.as_bytes());
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_sealed_opens_in_its_own_place_only() {
        let sealer = KeySealer::from_key(&[7; 32]);
        let sealed = sealer.seal("email:1", b"ada@example.com").await.unwrap();
        assert_eq!(sealer.open("email:1", &sealed).await.unwrap(), b"ada@example.com");
        assert!(sealer.open("email:2", &sealed).await.is_err());
        assert!(KeySealer::from_key(&[8; 32]).open("email:1", &sealed).await.is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(sealer.open("email:1", &changed).await.is_err());
        assert!(sealer.open("email:1", &sealed[..9]).await.is_err());
        assert_ne!(sealed, sealer.seal("email:1", b"ada@example.com").await.unwrap());
    }

    #[test]
    fn an_index_is_equal_for_equal_texts_of_one_field() {
        let sealer = KeySealer::from_key(&[7; 32]);
        assert_eq!(sealer.index("email", b"a"), sealer.index("email", b"a"));
        assert_ne!(sealer.index("email", b"a"), sealer.index("name", b"a"));
        assert_ne!(sealer.index("email", b"a"), KeySealer::from_key(&[8; 32]).index("email", b"a"));
    }
}
