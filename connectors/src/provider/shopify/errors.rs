//! Shopify's refusals: by status, and in answers of status 200 by the code of the first error.

use std::time::Duration;

use super::shapes::{Cost, Refusals};
use crate::provider::ProviderError;
use crate::provider::http::Answer;

/// An answer without refusals.
pub fn check(answer: Answer) -> Result<Answer, ProviderError> {
    if !answer.is_success() {
        return Err(of_status(&answer));
    }
    let Refusals { errors, extensions } = answer.read()?;
    let Some(first) = errors.first() else { return Ok(answer) };
    let code = first.extensions.as_ref().and_then(|extensions| extensions.code.clone());
    let code = code.unwrap_or_else(|| "graphql".to_owned());
    Err(match code.as_str() {
        "THROTTLED" => ProviderError::RateLimited {
            wait: extensions
                .and_then(|extensions| extensions.cost)
                .and_then(|cost| wait_of(&cost))
                .or(answer.retry_after),
        },
        "ACCESS_DENIED" => ProviderError::ConsentNeeded { code },
        "SHOP_INACTIVE" => ProviderError::Locked { code },
        "INTERNAL_SERVER_ERROR" | "TIMEOUT" => ProviderError::Unavailable { code },
        _ => ProviderError::Refused { code },
    })
}

/// Until the bucket holds what the query costs.
#[expect(clippy::float_arithmetic, reason = "points are no money, and are told with decimals")]
fn wait_of(cost: &Cost) -> Option<Duration> {
    let status = cost.throttle_status.as_ref()?;
    let lacking = cost.requested_query_cost? - status.currently_available;
    if status.restore_rate <= 0.0 {
        None
    } else {
        Duration::try_from_secs_f64(lacking.max(0.0) / status.restore_rate).ok()
    }
}

fn of_status(answer: &Answer) -> ProviderError {
    let code = answer.status.to_string();
    match answer.status {
        // Whether it is over its time or taken back, a renewal tells.
        401 => ProviderError::TokenExpired,
        402 | 423 => ProviderError::Locked { code },
        403 => ProviderError::ConsentNeeded { code },
        // The shop is closed.
        404 => ProviderError::Revoked { code },
        429 | 430 => ProviderError::RateLimited { wait: answer.retry_after },
        500.. => ProviderError::Unavailable { code },
        _ => ProviderError::Refused { code },
    }
}

/// Of the token endpoint: what it does not take is taken back.
pub fn of_tokens(answer: &Answer) -> ProviderError {
    match answer.status {
        400 | 401 => ProviderError::Revoked { code: "invalid_grant".to_owned() },
        _ => of_status(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> ProviderError {
        check(Answer { status, retry_after: None, body: body.as_bytes().to_vec().into() }).unwrap_err()
    }

    #[test]
    fn a_throttled_query_waits_until_its_points_are_there() {
        let body = r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{
            "requestedQueryCost":112,"actualQueryCost":null,
            "throttleStatus":{"maximumAvailable":2000.0,"currentlyAvailable":12.0,"restoreRate":100.0}}}}"#;
        assert_eq!(error(200, body), ProviderError::RateLimited { wait: Some(Duration::from_secs(1)) });
    }

    #[test]
    fn status_and_code_decide() {
        use domain::source::Health;
        assert_eq!(error(401, r#"{"errors":"[API] Invalid API key"}"#), ProviderError::TokenExpired);
        let healths =
            [(402, Health::Locked), (403, Health::ConsentNeeded), (404, Health::Revoked), (503, Health::ProviderDown)];
        for (status, health) in healths {
            assert_eq!(error(status, "<html>").health(), health, "{status}");
        }
        assert!(error(430, "").is_passing());
        let denied = r#"{"errors":[{"message":"","extensions":{"code":"ACCESS_DENIED"}}],"data":null}"#;
        assert_eq!(error(200, denied).health(), Health::ConsentNeeded);
        assert_eq!(error(200, r#"{"errors":[{"message":"odd"}]}"#), ProviderError::Refused { code: "graphql".into() });
    }
}
