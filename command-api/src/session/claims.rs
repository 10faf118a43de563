//! What a session's token says.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Principal;
use domain::{Code, Problem};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Session, SessionKey};

const ISSUER: &str = "workdock";
const AUDIENCE: &str = "workdock-page";
const LASTS: TimeDelta = TimeDelta::minutes(15);
const RENEWED_BELOW: TimeDelta = TimeDelta::minutes(10);
const AT_MOST: TimeDelta = TimeDelta::hours(12);

/// Registered claims of RFC 7519, and `auth_time` of OpenID Connect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: Uuid,
    iat: i64,
    exp: i64,
    auth_time: i64,
}

impl Claims {
    pub fn begin(principal: &Principal, now: DateTime<Utc>) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: principal.subject.to_string(),
            jti: Uuid::new_v4(),
            iat: now.timestamp(),
            exp: (now + LASTS).timestamp(),
            auth_time: now.timestamp(),
        }
    }

    pub fn session(&self) -> Uuid {
        self.jti
    }

    /// 12 hours after the sign-in.
    pub fn last_moment(&self) -> DateTime<Utc> {
        moment(self.auth_time) + AT_MOST
    }

    /// The same session for another while; `None` while it is fresh, and at its end.
    pub fn renew(&self, now: DateTime<Utc>) -> Option<Self> {
        let ends = (now + LASTS).min(self.last_moment());
        let due = moment(self.exp) - now < RENEWED_BELOW && ends > moment(self.exp);
        due.then(|| Self { iat: now.timestamp(), exp: ends.timestamp(), ..self.clone() })
    }

    pub fn into_session(self) -> Result<Session, Problem> {
        if self.last_moment() < Utc::now() {
            return Err(expired());
        }
        if self.sub != Principal::local_owner().subject.to_string() {
            return Err(expired());
        }
        let principal = Principal::local_owner();
        Ok(Session { id: self.jti, principal, ends_at: moment(self.exp), claims: self })
    }
}

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

pub fn expired() -> Problem {
    Problem::new(Code::Unauthenticated, "Your session has ended. `workdock sign-in` prints a new link.")
}

pub fn sign(claims: &Claims, key: &SessionKey) -> Result<String, Problem> {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key.expose())).map_err(|error| {
        tracing::error!(%error, "a session cannot be signed");
        Problem::new(Code::Internal, "Sign-in does not work just now.")
    })
}

pub fn read(token: &str, key: &SessionKey) -> Result<Claims, Problem> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.leeway = 0;
    let read = decode::<Claims>(token, &DecodingKey::from_secret(key.expose()), &validation);
    read.map(|token| token.claims).map_err(|_| expired())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SessionKey {
        SessionKey::from_bytes([byte; 32])
    }

    #[test]
    fn only_a_token_of_this_key_and_this_algorithm_is_read() {
        let claims = Claims::begin(&Principal::local_owner(), Utc::now());
        let token = sign(&claims, &key(1)).unwrap();
        assert_eq!(read(&token, &key(1)).unwrap().session(), claims.session());
        assert_eq!(read(&token, &key(2)).unwrap_err(), expired());
        let (_, rest) = token.split_once('.').unwrap();
        // {"alg":"none","typ":"JWT"}
        assert_eq!(read(&format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{rest}"), &key(1)).unwrap_err(), expired());
        let old = Claims::begin(&Principal::local_owner(), Utc::now() - TimeDelta::minutes(16));
        assert_eq!(read(&sign(&old, &key(1)).unwrap(), &key(1)).unwrap_err(), expired());
    }

    #[test]
    fn a_session_is_renewed_while_used_and_ends_after_twelve_hours() {
        let now = Utc::now();
        let fresh = Claims::begin(&Principal::local_owner(), now);
        assert!(fresh.renew(now).is_none());
        let renewed = fresh.renew(now + TimeDelta::minutes(6)).unwrap();
        assert_eq!((renewed.session(), renewed.exp - fresh.exp), (fresh.session(), 6 * 60));
        let almost = now + TimeDelta::hours(12) - TimeDelta::minutes(1);
        let last = Claims { exp: (almost + TimeDelta::seconds(30)).timestamp(), ..fresh };
        assert_eq!(last.renew(almost).unwrap().exp, last.last_moment().timestamp());
    }
}
