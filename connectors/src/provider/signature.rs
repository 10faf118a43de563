//! HMAC-SHA256, by which three of the providers sign.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Secret, WebhookRefused};

/// Whether any of the secrets signed these bytes so; compared in constant time.
pub(super) fn is_signed(secrets: &[Secret], parts: &[&[u8]], signature: &[u8]) -> bool {
    secrets.iter().any(|secret| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
        parts.iter().for_each(|part| mac.update(part));
        mac.verify_slice(signature).is_ok()
    })
}

/// A body whose signature stands in a header, in base64.
pub(super) fn check_body(
    secrets: &[Secret],
    headers: &HeaderMap,
    name: &str,
    body: &[u8],
) -> Result<(), WebhookRefused> {
    let header = headers.get(name).and_then(|value| value.to_str().ok()).ok_or(WebhookRefused::Forged)?;
    let signature = STANDARD.decode(header).map_err(|_| WebhookRefused::Forged)?;
    if is_signed(secrets, &[body], &signature) { Ok(()) } else { Err(WebhookRefused::Forged) }
}
