use uuid::Uuid;
use zeroize::Zeroizing;

use super::keyring::Purpose;
use super::{Context, Keys, SealError, sealed_text};

/// Seals single fields of tables: secrets of users and of the installation, credentials of a business, what names a person.
///
/// Cheap to clone. Sealed text is `v1.<key>.<base64>`; the same text sealed twice differs. It opens only for the field
/// and the owner that it was sealed for.
#[derive(Debug, Clone)]
pub struct Sealer {
    keys: Keys,
    business: Uuid,
    purpose: Purpose,
}

impl Keys {
    /// For what belongs to no business: TOTP secrets, addresses of users.
    pub fn installation(&self) -> Sealer {
        Sealer { keys: self.clone(), business: Uuid::nil(), purpose: Purpose::Seal }
    }

    /// For what belongs to a business, and goes with it.
    pub fn of_business(&self, business: domain::BusinessId) -> Sealer {
        Sealer { keys: self.clone(), business: business.as_uuid(), purpose: Purpose::Seal }
    }

    /// For what names one person, and goes with them: by the id of their account, or of whoever was written to.
    pub fn of_person(&self, person: Uuid) -> Sealer {
        Sealer { keys: self.clone(), business: person, purpose: Purpose::Person }
    }
}

impl Sealer {
    /// `field`: the table and column (`access.totp.secret`); `owner`: the id of whose it is.
    pub async fn seal(&self, field: &str, owner: Uuid, text: &[u8]) -> Result<String, SealError> {
        let key = self.keys.current(self.business, self.purpose).await?;
        let context = Context::new(self.business, field, owner);
        let (mut sealed, mut message) = (String::new(), sealed_text::begin(text.len()));
        message.extend_from_slice(text);
        sealed_text::finish(&mut sealed, &key, &context, message)?;
        Ok(sealed)
    }

    /// # Errors
    /// Erased where the key was destroyed; Forged where it was sealed for another field or owner.
    pub async fn open(&self, field: &str, owner: Uuid, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let version = sealed_text::version_of(sealed)?;
        let key = self.keys.version(self.business, self.purpose, version).await?;
        let key = key.ok_or(SealError::Erased(self.business))?;
        sealed_text::open(sealed, &key, &Context::new(self.business, field, owner)).map(Zeroizing::new)
    }

    /// A keyed hash, the same for the same text for ever: to find a sealed text by what it says, e.g. the user of an
    /// address. Normalise the text first.
    pub async fn digest(&self, field: &str, text: &[u8]) -> Result<[u8; 32], SealError> {
        let key = self.keys.current(self.business, Purpose::Digest).await?;
        Ok(key.key.mac(&[field.as_bytes(), text]))
    }
}
