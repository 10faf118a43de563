use uuid::Uuid;

/// What a sealed text is and where it belongs. It is bound to the ciphertext: moved anywhere else, it does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context(Vec<u8>);

impl Context {
    /// `field`: e.g. `access.totp.secret`; `owner`: whose it is.
    pub fn new(business: Uuid, field: &str, owner: Uuid) -> Self {
        Self::of(&[b"field", business.as_bytes(), field.as_bytes(), owner.as_bytes()])
    }

    /// Each part with its length before it, so that parts cannot be cut elsewhere.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut bytes = b"workdock.v1".to_vec();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
