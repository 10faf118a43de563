//! `Stripe-Signature`: HMAC-SHA256 over moment and body.

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::simulator::{App, Provider};

pub fn header(body: &[u8], at: DateTime<Utc>) -> (&'static str, String) {
    ("stripe-signature", signature(&App::simulated(Provider::Stripe).webhook_secret, body, at))
}

fn signature(secret: &str, body: &[u8], at: DateTime<Utc>) -> String {
    let at = at.timestamp();
    // Any length is a key of an HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_any_implementation() {
        // Computed with OpenSSL: printf '1790000000.{}' | openssl dgst -sha256 -hmac whsec_test
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        assert_eq!(
            signature("whsec_test", b"{}", at),
            "t=1790000000,v1=1c2847ad1f8158a1da978f36627ac1f07f7fd027321ac9ad40bccc06743f8396"
        );
    }
}
