//! What this crate asks of others over HTTP: TLS 1.3, no address but the one that is asked.

use reqwest::redirect::Policy;
use reqwest::tls::Version;
use reqwest::{Client, ClientBuilder};

/// A redirect is an answer like another.
pub fn builder() -> ClientBuilder {
    Client::builder().min_tls_version(Version::TLS_1_3).redirect(Policy::none())
}

/// # Panics
/// Never where TLS can be set up, which a start of the program shows.
pub fn built(builder: ClientBuilder) -> Client {
    builder.build().expect("TLS 1.3 is part of the program")
}
