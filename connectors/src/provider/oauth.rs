//! What providers' OAuth has in common.

use chrono::{TimeDelta, Utc};
use serde::Deserialize;

use super::{Credentials, Secret};

/// The answer of a token endpoint, as RFC 6749 has it.
#[derive(Deserialize)]
pub(super) struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: Option<i64>,
}

impl Tokens {
    /// `before`: what a token that is not said anew stays.
    pub fn credentials(self, external_id: &str, before: Option<&Credentials>) -> Credentials {
        let kept = before.and_then(|before| before.refresh.clone());
        Credentials {
            access: Secret::new(self.access_token),
            refresh: self.refresh_token.map(Secret::new).or(kept),
            expires_at: self.expires_in.map(|seconds| Utc::now() + TimeDelta::seconds(seconds)),
            external_id: external_id.to_owned(),
        }
    }
}

/// An address with parameters.
pub(super) fn with_query<'a>(address: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{address}?{query}")
}
