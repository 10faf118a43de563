//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same request sent again is carried out once.
//!
//! Nothing is kept beside the log. The id of what a request makes follows from who asks and the key, so that a second
//! try meets the first one's event; that event names the request, so that another request under the same key is told
//! from the same one.

use axum::http::HeaderMap;
use domain::access::Principal;
use domain::{Code, Problem, TransactionId};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const NAME: &str = "idempotency-key";
const MOST: usize = 255;

/// A request that may come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Of what it makes.
    pub id: Uuid,
    /// What is recorded as the cause of the event.
    pub cause: String,
}

impl Once {
    /// `None` where the caller sent no key. `body` is what the request asks for.
    pub fn of(
        headers: &HeaderMap,
        principal: &Principal,
        route: &str,
        body: &impl Serialize,
    ) -> Result<Option<Self>, Problem> {
        let Some(key) = headers.get(NAME) else { return Ok(None) };
        let key = key.to_str().map(|key| key.trim().trim_matches('"')).unwrap_or_default();
        if key.is_empty() || key.len() > MOST {
            let detail = format!("An Idempotency-Key is 1 to {MOST} visible characters.");
            return Err(Problem::new(Code::Invalid, detail));
        }
        let subject = principal.subject.to_string();
        let id = TransactionId::derive([route.as_bytes(), subject.as_bytes(), key.as_bytes()]).as_uuid();
        let body = serde_json::to_vec(body).map_err(|_| Problem::new(Code::Invalid, "The body does not fit."))?;
        let digest = Sha256::digest(&body);
        Ok(Some(Self { id, cause: format!("request:{}", hex::encode(&digest[..16])) }))
    }

    /// Whether the event with this cause is this request's own.
    pub fn check(&self, cause: Option<&str>) -> Result<(), Problem> {
        if cause == Some(self.cause.as_str()) {
            return Ok(());
        }
        Err(Problem::new(Code::Refused, "This Idempotency-Key was used for another request; take a new one."))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::UserId;
    use domain::access::Assurance;

    use super::*;

    fn once(key: &'static str, body: &str) -> Result<Option<Once>, Problem> {
        let headers = HeaderMap::from_iter([(NAME.parse().unwrap(), key.parse().unwrap())]);
        Once::of(&headers, &Principal::local_owner(), "POST /a", &body)
    }

    #[test]
    fn the_id_follows_from_the_key_and_the_cause_from_the_body() {
        let (one, again) = (once("k", "a").unwrap().unwrap(), once("\"k\"", "a").unwrap().unwrap());
        assert_eq!(one, again);
        let other = once("k", "b").unwrap().unwrap();
        assert_eq!(other.id, one.id);
        assert!(one.check(Some(&other.cause)).is_err() && one.check(None).is_err());
        assert!(one.check(Some(&again.cause)).is_ok());
        assert_ne!(once("l", "a").unwrap().unwrap().id, one.id);
        let headers = HeaderMap::from_iter([(NAME.parse().unwrap(), "k".parse().unwrap())]);
        let user = Principal::user(UserId::new(), Assurance::OneFactor, BTreeMap::new());
        let anothers = Once::of(&headers, &user, "POST /a", &"a").unwrap().unwrap();
        assert_ne!(anothers.id, one.id, "a key is of whoever sends it");
        assert_eq!(once("", "a").unwrap_err().code, Code::Invalid);
        assert_eq!(Once::of(&HeaderMap::new(), &Principal::local_owner(), "POST /a", &"").unwrap(), None);
    }
}
