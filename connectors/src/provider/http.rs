//! One client for all connectors: bounded in time and size, and its errors as situations.

use std::time::Duration;

use axum::body::Bytes;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder};

use super::ProviderError;
use crate::outgoing;

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(60);
/// No documented answer comes near to it.
const MOST_BODY: usize = 64 << 20;

pub(super) fn client() -> Client {
    let builder = outgoing::builder().connect_timeout(CONNECT).timeout(WHOLE).user_agent("workdock");
    outgoing::built(builder)
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Bytes,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn read<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, ProviderError> {
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        // The path alone: a value may be personal.
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| ProviderError::unintelligible(format!("{} has another shape", error.path())))
    }
}

pub(super) async fn send(request: RequestBuilder) -> Result<Answer, ProviderError> {
    let mut response = request.send().await.map_err(|error| unanswered(&error))?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(wait_of);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error))? {
        if body.len() + chunk.len() > MOST_BODY {
            return Err(ProviderError::unintelligible("the answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, retry_after, body: body.into() })
}

/// Seconds, which one provider writes with decimals. A date is not sent by any of them.
fn wait_of(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().parse().ok()?).ok()
}

fn unanswered(error: &reqwest::Error) -> ProviderError {
    if streams::tls::is_too_old(error) {
        // It does not pass by itself.
        return ProviderError::Refused { code: "no_tls_1_3".to_owned() };
    }
    ProviderError::unavailable(if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no_connection"
    } else {
        "connection_lost"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_provider_with_an_older_tls_than_1_3_is_refused_and_told_apart() {
        let old = format!("https://localhost:{}", streams::testing::old_tls());
        let refused = ProviderError::Refused { code: "no_tls_1_3".to_owned() };
        assert_eq!(send(client().get(old)).await.unwrap_err(), refused);
        let nobody = send(client().get("https://localhost:1")).await;
        assert_eq!(nobody.unwrap_err(), ProviderError::unavailable("no_connection"));
    }

    #[test]
    fn a_wait_may_have_decimals() {
        assert_eq!(wait_of("2.0"), Some(Duration::from_secs(2)));
        assert_eq!(wait_of("-1"), None);
        assert_eq!(wait_of("soon"), None);
    }
}
