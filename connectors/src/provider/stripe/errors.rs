//! Stripe's errors as situations.

use super::shapes::{Refusal, RefusalBody};
use crate::provider::ProviderError;
use crate::provider::http::Answer;

pub fn of(answer: &Answer) -> ProviderError {
    let status = answer.status;
    let (kind, code) = match answer.read::<Refusal>() {
        Ok(Refusal { error: RefusalBody::Api { kind, code } }) => (kind, code),
        Ok(Refusal { error: RefusalBody::OAuth(code) }) => ("oauth".to_owned(), Some(code)),
        Err(_) => (String::new(), None),
    };
    let code = code.unwrap_or_else(|| if kind.is_empty() { status.to_string() } else { kind.clone() });
    match (status, kind.as_str(), code.as_str()) {
        (429, _, _) | (_, _, "rate_limit" | "lock_timeout") => ProviderError::RateLimited { wait: answer.retry_after },
        (_, "oauth", "invalid_grant") => ProviderError::ConsentNeeded { code },
        (401, _, "api_key_expired") => ProviderError::TokenExpired,
        (401, _, _) | (_, "oauth", "invalid_client") => ProviderError::Revoked { code },
        (403, _, _) => ProviderError::ConsentNeeded { code },
        (409 | 424 | 500.., _, _) => ProviderError::Unavailable { code },
        _ => ProviderError::Refused { code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> ProviderError {
        of(&Answer { status, retry_after: None, body: body.as_bytes().to_vec().into() })
    }

    #[test]
    fn what_passes_and_what_needs_the_user() {
        let limited = r#"{"error":{"code":"rate_limit","message":"","type":"invalid_request_error"}}"#;
        assert_eq!(error(429, limited), ProviderError::RateLimited { wait: None });
        assert_eq!(error(401, r#"{"error":{"code":"api_key_expired","type":"x"}}"#), ProviderError::TokenExpired);
        assert!(matches!(error(401, r#"{"error":{"type":"x"}}"#), ProviderError::Revoked { .. }));
        let grant = r#"{"error":"invalid_grant","error_description":"used"}"#;
        assert_eq!(error(400, grant), ProviderError::ConsentNeeded { code: "invalid_grant".into() });
        assert!(error(502, "<html>").is_passing());
    }
}
