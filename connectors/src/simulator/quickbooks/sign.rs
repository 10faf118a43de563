//! `intuit-signature`: HMAC-SHA256 of the body with the verifier token, in base64.

use crate::simulator::shopify::sign::signature;
use crate::simulator::{App, Provider};

pub fn header(body: &[u8]) -> (&'static str, String) {
    ("intuit-signature", signature(&App::simulated(Provider::QuickBooks).webhook_secret, body))
}
