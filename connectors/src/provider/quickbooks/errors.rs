//! Intuit's faults as situations: by their code, and by the status where there is none.

use std::time::Duration;

use super::shapes::{Fault, OAuthRefusal};
use crate::provider::ProviderError;
use crate::provider::http::Answer;

/// `pause`: how long to wait where the answer does not say.
pub fn of(answer: &Answer, pause: Duration) -> ProviderError {
    let fault = answer.read::<Fault>().ok().and_then(Fault::first_code);
    // Some say 003200, some 3200.
    let code = fault.map(|code| code.trim_start_matches('0').to_owned());
    let status = answer.status;
    let code = code.filter(|code| !code.is_empty()).unwrap_or_else(|| status.to_string());
    match (status, code.as_str()) {
        (429, _) | (_, "3001") => ProviderError::RateLimited { wait: answer.retry_after.or(Some(pause)) },
        (401, _) | (_, "3200") => ProviderError::TokenExpired,
        (_, "3100") => ProviderError::Revoked { code },
        (403, _) => ProviderError::ConsentNeeded { code },
        // The company's subscription ended.
        (_, "6190") => ProviderError::Locked { code },
        (408 | 500.., _) => ProviderError::Unavailable { code },
        _ => ProviderError::Refused { code },
    }
}

/// Of the token endpoint.
pub fn of_tokens(answer: &Answer) -> ProviderError {
    let code = answer.read::<OAuthRefusal>().map_or_else(|_| answer.status.to_string(), |refusal| refusal.error);
    match (answer.status, code.as_str()) {
        (_, "invalid_grant") => ProviderError::ConsentNeeded { code },
        (429, _) => ProviderError::RateLimited { wait: answer.retry_after },
        (500.., _) => ProviderError::Unavailable { code },
        _ => ProviderError::Refused { code },
    }
}

#[cfg(test)]
mod tests {
    use domain::source::Health;

    use super::*;

    fn error(status: u16, body: &str) -> ProviderError {
        of(&Answer { status, retry_after: None, body: body.as_bytes().to_vec().into() }, Duration::from_secs(60))
    }

    #[test]
    fn codes_decide_in_both_shapes() {
        let expired = r#"{"fault":{"error":[{"message":"m","detail":"d","code":"3200","element":null}],"type":"AUTHENTICATION"}}"#;
        assert_eq!(error(401, expired), ProviderError::TokenExpired);
        let fault = |code: &str| {
            format!(r#"{{"Fault":{{"Error":[{{"Message":"m","code":"{code}"}}],"type":"T"}},"time":"t"}}"#)
        };
        assert_eq!(error(429, &fault("003001")), ProviderError::RateLimited { wait: Some(Duration::from_secs(60)) });
        assert_eq!(error(403, &fault("3100")).health(), Health::Revoked);
        assert_eq!(error(400, &fault("4001")), ProviderError::Refused { code: "4001".into() });
        // An unsupported operation: its code is no status.
        assert_eq!(error(400, &fault("500")), ProviderError::Refused { code: "500".into() });
        assert_eq!(error(400, &fault("6190")).health(), Health::Locked);
        assert!(error(502, "<html>").is_passing());
    }

    #[test]
    fn a_dead_refresh_token_needs_the_user() {
        let body =
            br#"{"error":"invalid_grant","error_description":"Incorrect or invalid refresh token"}"#.as_slice().into();
        let answer = Answer { status: 400, retry_after: None, body };
        assert_eq!(of_tokens(&answer).health(), Health::ConsentNeeded);
    }

    /// The recorded faults of the data folder, where they are there.
    #[test]
    fn recorded_faults_are_understood() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/providers/quickbooks");
        for (name, wanted) in [
            ("recorded_error_401_token_expired", ProviderError::TokenExpired),
            ("recorded_error_400_query", ProviderError::Refused { code: "4001".into() }),
        ] {
            let path = format!("{folder}/{name}.json");
            let Ok(text) = std::fs::read_to_string(&path) else { return println!("skipped: {path} is not here") };
            let recorded: serde_json::Value = serde_json::from_str(&text).unwrap();
            let status = u16::try_from(recorded["status"].as_u64().unwrap()).unwrap();
            assert_eq!(error(status, &recorded["body"].to_string()), wanted);
        }
    }
}
