//! XAES-256-GCM as the C2SP specification defines it (<https://c2sp.org/XAES-256-GCM>): AES-256-GCM under a key that
//! is derived from half of a nonce of 192 bits.
//!
//! Plain AES-GCM has nonces of 96 bits: drawn at random, a key may seal 2^32 messages, and counting them needs state
//! that a restored backup takes back. With 192 bits nonces may be drawn for 2^80 messages, by any number of processes.

use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{BlockEncrypt, KeyInit};
use aes_gcm::{AeadInPlace, Aes256Gcm, Tag};
use zeroize::Zeroize;

use super::Key;

pub const NONCE: usize = 24;
pub const TAG: usize = 16;

type Block = aes_gcm::aes::Block;

/// A key made ready: what does not depend on the nonce is computed once.
#[derive(Clone)]
pub struct Cipher {
    aes: Aes256,
    /// The CMAC subkey K1.
    subkey: [u8; 16],
}

impl Drop for Cipher {
    fn drop(&mut self) {
        // The round keys are wiped by the crate's own feature.
        self.subkey.zeroize();
    }
}

impl Cipher {
    pub fn new(key: &Key) -> Self {
        let aes = Aes256::new(key.expose().into());
        let mut block = Block::default();
        aes.encrypt_block(&mut block);
        let mut subkey = (u128::from_be_bytes(block.into()) << 1).to_be_bytes();
        let carries = block[0] >> 7;
        subkey[15] ^= 0x87 * carries;
        block.zeroize();
        Self { aes, subkey }
    }

    /// The AES-256-GCM of this nonce's first half.
    fn derived(&self, nonce: &[u8; NONCE]) -> Aes256Gcm {
        let mut key = [0; 32];
        for (counter, half) in [(1, 0..16), (2, 16..32)] {
            let mut block = Block::default();
            block[..4].copy_from_slice(&[0, counter, b'X', 0]);
            block[4..].copy_from_slice(&nonce[..12]);
            block.iter_mut().zip(&self.subkey).for_each(|(byte, mask)| *byte ^= mask);
            self.aes.encrypt_block(&mut block);
            key[half].copy_from_slice(&block);
            block.zeroize();
        }
        let cipher = Aes256Gcm::new(&key.into());
        key.zeroize();
        cipher
    }

    /// Turns `nonce ‖ plaintext` into `nonce ‖ ciphertext ‖ tag` where it stands. `None` where it is shorter than a
    /// nonce, or longer than 64 GB.
    pub fn seal(&self, message: &mut Vec<u8>, associated: &[u8]) -> Option<()> {
        let (nonce, text) = message.split_first_chunk_mut::<NONCE>()?;
        let tag = self.derived(nonce).encrypt_in_place_detached(&second_half(nonce).into(), associated, text);
        message.extend_from_slice(&tag.ok()?);
        Some(())
    }

    /// Turns `nonce ‖ ciphertext ‖ tag` into the plaintext; `None` where anything of it, or `associated`, is not what
    /// was sealed.
    pub fn open(&self, mut message: Vec<u8>, associated: &[u8]) -> Option<Vec<u8>> {
        let tag: [u8; TAG] = *message.last_chunk()?;
        message.truncate(message.len() - TAG);
        let (nonce, text) = message.split_first_chunk_mut::<NONCE>()?;
        let (cipher, tag) = (self.derived(nonce), Tag::from(tag));
        cipher.decrypt_in_place_detached(&second_half(nonce).into(), associated, text, &tag).ok()?;
        message.drain(..NONCE);
        Some(message)
    }
}

fn second_half(nonce: &[u8; NONCE]) -> [u8; 12] {
    let mut half = [0; 12];
    half.copy_from_slice(&nonce[12..]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: u8, associated: &[u8]) -> String {
        let mut message = b"ABCDEFGHIJKLMNOPQRSTUVWXXAES-256-GCM".to_vec();
        let cipher = Cipher::new(&Key::from_bytes([key; 32]));
        cipher.seal(&mut message, associated).unwrap();
        let ciphertext = hex::encode(&message[NONCE..]);
        assert_eq!(cipher.open(message, associated).unwrap(), b"XAES-256-GCM");
        ciphertext
    }

    /// The two vectors of the specification: one for each value of the subkey's carry.
    #[test]
    fn it_is_what_the_specification_says() {
        assert_eq!(sealed(1, b""), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
        let associated = b"c2sp.org/XAES-256-GCM";
        assert_eq!(sealed(3, associated), "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
    }

    #[test]
    fn any_changed_bit_is_found() {
        let cipher = Cipher::new(&Key::generate());
        let mut message = vec![7; NONCE + 5];
        cipher.seal(&mut message, b"here").unwrap();
        for bit in 0..message.len() * 8 {
            let mut changed = message.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(cipher.open(changed, b"here").is_none(), "bit {bit}");
        }
        assert!(cipher.open(message.clone(), b"elsewhere").is_none());
        assert!(cipher.open(message[..NONCE + TAG - 1].to_vec(), b"here").is_none());
        assert_eq!(cipher.open(message, b"here").unwrap(), [7; 5]);
    }
}
