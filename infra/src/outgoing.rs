//! What this program asks of others over HTTP: TLS 1.3 or this very machine, and no other address than was configured.

use std::time::Duration;

use anyhow::Context;
use streams::tls::is_this_machine;

/// A client for `url`, which `setting` names: an address that would carry what is sent readable is refused, and a
/// redirect, which could lead to one, is an answer like another.
pub fn client(setting: &'static str, url: &str, patience: Duration) -> anyhow::Result<reqwest::Client> {
    let parsed = reqwest::Url::parse(url).with_context(|| format!("{setting} is no address"))?;
    let loopback = parsed.host_str().is_some_and(is_this_machine);
    anyhow::ensure!(
        parsed.scheme() == "https" || loopback,
        "{setting} must begin with https://: what is sent there would cross the network readable"
    );
    let builder = reqwest::Client::builder().timeout(patience).redirect(reqwest::redirect::Policy::none());
    Ok(builder.min_tls_version(reqwest::tls::Version::TLS_1_3).build()?)
}

/// Why there was no answer. The error's own text would name the address, which may hold credentials.
pub fn why(error: &reqwest::Error) -> &'static str {
    match error {
        error if streams::tls::is_too_old(error) => "it speaks no TLS 1.3, and nothing older is used",
        error if error.is_timeout() => "it takes too long",
        error if error.is_connect() => "it cannot be reached",
        _ => "the connection broke",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_older_than_tls_1_3_is_spoken_and_that_is_told() {
        let url = format!("https://localhost:{}", streams::testing::old_tls());
        let client = client("x.url", &url, Duration::from_secs(10)).unwrap();
        let error = client.get(&url).send().await.unwrap_err();
        assert_eq!(why(&error), "it speaks no TLS 1.3, and nothing older is used");
    }

    #[test]
    fn nothing_leaves_this_machine_readable() {
        let asked = |url| client("x.url", url, Duration::from_secs(1)).map(drop).map_err(|error| error.to_string());
        for url in ["https://example.com", "http://127.0.0.1:1", "http://[::1]:1/a", "http://localhost:1"] {
            assert_eq!(asked(url), Ok(()), "{url}");
        }
        for url in
            ["http://example.com", "http://127.0.0.1.example.com", "http://localhost@example.com", "http://10.0.0.1"]
        {
            assert!(asked(url).unwrap_err().starts_with("x.url must begin with https://"), "{url}");
        }
        assert_eq!(asked("nonsense").unwrap_err(), "x.url is no address");
    }
}
