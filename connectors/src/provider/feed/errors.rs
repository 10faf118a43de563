//! A feed's refusals, which have but a status.

use crate::provider::ProviderError;
use crate::provider::http::Answer;

pub fn of(answer: &Answer) -> ProviderError {
    let code = answer.status.to_string();
    match answer.status {
        401 => ProviderError::Revoked { code },
        403 => ProviderError::ConsentNeeded { code },
        429 => ProviderError::RateLimited { wait: answer.retry_after },
        408 | 500.. => ProviderError::Unavailable { code },
        _ => ProviderError::Refused { code },
    }
}
