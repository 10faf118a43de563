//! Shopify's HMACs: of a webhook's body in base64, of a callback's parameters in hex.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::simulator::{App, Provider};

fn digest(secret: &str, bytes: &[u8]) -> Vec<u8> {
    // Any length is a key of an HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

pub fn header(body: &[u8]) -> (&'static str, String) {
    ("x-shopify-hmac-sha256", signature(&App::simulated(Provider::Shopify).secret, body))
}

pub fn signature(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(digest(secret, body))
}

/// Of all parameters but `hmac` itself, by name.
pub fn callback(secret: &str, parameters: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = parameters.iter().filter(|(name, _)| name != "hmac").collect();
    sorted.sort();
    let text: Vec<_> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    hex::encode(digest(secret, text.join("&").as_bytes()))
}
