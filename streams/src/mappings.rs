//! How a mapping of files is kept: what a person said of files of an account, sealed, since its rules may name people,
//! under a keyed hash of the account's name.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::sealing::{SealError, Sealer};

const FIELD: &str = "sources.mapping.mapping";
const ACCOUNT: &str = "sources.mapping.account";

/// What the mapping of files of an account is found by; an import that names no account has the empty name.
pub async fn account_hash(sealer: &Sealer, account: &str) -> Result<String, SealError> {
    Ok(hex::encode(sealer.digest(ACCOUNT, account.trim().as_bytes()).await?))
}

pub async fn seal(sealer: &Sealer, text: &str) -> Result<String, SealError> {
    sealer.seal(FIELD, Uuid::nil(), text.as_bytes()).await
}

/// None where it was kept in another form than this program's.
pub async fn open(sealer: &Sealer, sealed: &str) -> Result<Option<Zeroizing<String>>, SealError> {
    match sealer.open(FIELD, Uuid::nil(), sealed).await {
        Ok(text) => Ok(std::str::from_utf8(&text).ok().map(|text| Zeroizing::new(text.to_owned()))),
        Err(SealError::Malformed) => Ok(None),
        Err(error) => Err(error),
    }
}
