//! Plaid's errors as situations: by `error_type` and `error_code`, whatever the status.

use super::shapes;
use crate::provider::ProviderError;
use crate::provider::http::Answer;

pub fn of(answer: &Answer) -> ProviderError {
    let Ok(shapes::Error { error_type, error_code }) = answer.read() else {
        // A gateway in between, in words of its own.
        return match answer.status {
            429 => ProviderError::RateLimited { wait: answer.retry_after },
            status @ 500.. => ProviderError::unavailable(status.to_string()),
            status => ProviderError::unintelligible(format!("status {status} without an error code")),
        };
    };
    let code = error_code.into_owned();
    match (error_type.as_ref(), code.as_str()) {
        (_, "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION") => ProviderError::Restart,
        (_, "PRODUCT_NOT_READY") => ProviderError::NotReady,
        (_, "ITEM_LOGIN_REQUIRED" | "PENDING_EXPIRATION" | "INSUFFICIENT_CREDENTIALS") => {
            ProviderError::ConsentNeeded { code }
        }
        (_, "ITEM_LOCKED") => ProviderError::Locked { code },
        (
            _,
            "ITEM_NOT_FOUND"
            | "ACCESS_NOT_GRANTED"
            | "USER_PERMISSION_REVOKED"
            | "USER_ACCOUNT_REVOKED"
            | "INVALID_ACCESS_TOKEN"
            | "NO_ACCOUNTS",
        ) => ProviderError::Revoked { code },
        ("RATE_LIMIT_EXCEEDED", _) => ProviderError::RateLimited { wait: answer.retry_after },
        ("INSTITUTION_ERROR" | "API_ERROR", _) => ProviderError::Unavailable { code },
        _ if answer.status >= 500 => ProviderError::Unavailable { code },
        _ => ProviderError::Refused { code },
    }
}

#[cfg(test)]
mod tests {
    use domain::source::Health;

    use super::*;

    fn error(status: u16, kind: &str, code: &str) -> ProviderError {
        let body = format!(r#"{{"error_type":"{kind}","error_code":"{code}","error_message":"","request_id":"r"}}"#);
        of(&Answer { status, retry_after: None, body: body.into_bytes().into() })
    }

    #[test]
    fn codes_decide_and_not_the_status() {
        assert_eq!(
            error(400, "TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"),
            ProviderError::Restart
        );
        let healths = [
            ("ITEM_ERROR", "ITEM_LOGIN_REQUIRED", Health::ConsentNeeded),
            ("ITEM_ERROR", "ITEM_NOT_FOUND", Health::Revoked),
            ("ITEM_ERROR", "ITEM_LOCKED", Health::Locked),
            ("INSTITUTION_ERROR", "INSTITUTION_DOWN", Health::ProviderDown),
            ("INVALID_REQUEST", "MISSING_FIELDS", Health::Failing),
        ];
        for (kind, code, health) in healths {
            assert_eq!(error(400, kind, code).health(), health, "{code}");
        }
        assert!(error(429, "RATE_LIMIT_EXCEEDED", "TRANSACTIONS_SYNC_LIMIT").is_passing());
    }

    #[test]
    fn a_gateways_page_is_a_server_error() {
        let answer = Answer { status: 502, retry_after: None, body: b"<html>".as_slice().into() };
        assert_eq!(of(&answer), ProviderError::unavailable("502"));
    }
}
