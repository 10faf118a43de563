//! The form of sealed text: `v1.<version of the data key>.<base64 of nonce, ciphertext and tag>`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::RngCore;

use super::xaes::{NONCE, TAG};
use super::{Context, DataKey, SealError};

const FORM: &str = "v1.";

/// A fresh nonce, behind which the text to seal goes; `room`: its length, where it is known.
pub(crate) fn begin(room: usize) -> Vec<u8> {
    let mut message = Vec::with_capacity(NONCE + room + TAG);
    message.resize(NONCE, 0);
    rand::thread_rng().fill_bytes(&mut message);
    message
}

/// Seals what [`begin`] began, and puts it behind `out`.
pub(crate) fn finish(
    out: &mut String,
    key: &DataKey,
    context: &Context,
    mut message: Vec<u8>,
) -> Result<(), SealError> {
    // Nothing here is 64 GB long.
    key.cipher.seal(&mut message, context.as_bytes()).ok_or(SealError::Malformed)?;
    out.reserve(message.len() * 4 / 3 + 16);
    out.push_str(FORM);
    out.push_str(&key.version.to_string());
    out.push('.');
    STANDARD_NO_PAD.encode_string(&message, out);
    Ok(())
}

/// All of that at once.
pub(crate) fn seal(key: &DataKey, context: &Context, text: &str) -> Result<String, SealError> {
    let (mut sealed, mut message) = (String::new(), begin(text.len()));
    message.extend_from_slice(text.as_bytes());
    finish(&mut sealed, key, context, message)?;
    Ok(sealed)
}

/// The version of the data key that sealed it.
pub(crate) fn version_of(sealed: &str) -> Result<i32, SealError> {
    let (version, _) = parts(sealed)?;
    Ok(version)
}

pub(crate) fn open(sealed: &str, key: &DataKey, context: &Context) -> Result<Vec<u8>, SealError> {
    let (_, message) = parts(sealed)?;
    let message = STANDARD_NO_PAD.decode(message).map_err(|_| SealError::Malformed)?;
    key.cipher.open(message, context.as_bytes()).ok_or(SealError::Forged)
}

fn parts(sealed: &str) -> Result<(i32, &str), SealError> {
    let (version, message) =
        sealed.strip_prefix(FORM).and_then(|rest| rest.split_once('.')).ok_or(SealError::Malformed)?;
    Ok((version.parse().map_err(|_| SealError::Malformed)?, message))
}
