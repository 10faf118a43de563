//! Access tokens: JWT signed with Ed25519, for ten minutes.
//!
//! The algorithm is ours, not the token's; issuer and audience are checked. A token alone is no right: the session
//! that it names is looked up for each request.

mod keys;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Subject;
use domain::security::TokenFault;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Core;
use super::failure::Failure;

pub use keys::{KeyRing, PublishedKey, rotate};

pub const AUDIENCE: &str = "workdock";
pub const LASTS: TimeDelta = TimeDelta::minutes(10);

/// Registered claims of RFC 7519, and `sid` of OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub sid: Uuid,
    pub jti: Uuid,
    pub iat: i64,
    pub exp: i64,
}

/// The token of a session, until the session's own end at the latest.
pub async fn issue(core: &Core, session: Uuid, subject: &Subject, ends: DateTime<Utc>) -> Result<String, Failure> {
    let now = Utc::now();
    let claims = Claims {
        iss: core.settings.base_url.clone(),
        aud: AUDIENCE.to_owned(),
        sub: subject.to_string(),
        sid: session,
        jti: Uuid::new_v4(),
        iat: now.timestamp(),
        exp: (now + LASTS).min(ends).timestamp(),
    };
    let key = core.ring.signing(core).await?;
    let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    encode(&header, &claims, &key.private).map_err(|error| Failure::internal(&error, "a token cannot be signed"))
}

/// What the token says, if it is ours and of now. One that says itself that it is over is no more than that, whoever
/// signed it: its key may be gone by now.
pub async fn read(core: &Core, token: &str) -> Result<Result<Claims, TokenFault>, Failure> {
    if insecure_decode::<Claims>(token).is_ok_and(|said| said.claims.exp < Utc::now().timestamp()) {
        return Ok(Err(TokenFault::Expired));
    }
    let kid = decode_header(token).ok().and_then(|header| header.kid);
    let Some(kid) = kid else { return Ok(Err(TokenFault::Forged)) };
    let Some(key) = core.ring.verifying(core, &kid).await? else { return Ok(Err(TokenFault::Forged)) };
    Ok(claims_of(token, &key, &core.settings.base_url).ok_or(TokenFault::Forged))
}

fn claims_of(token: &str, key: &DecodingKey, issuer: &str) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 0;
    decode::<Claims>(token, key, &validation).ok().map(|token| token.claims)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};

    use super::*;

    /// All are signed with the very key that they are checked by.
    #[test]
    fn a_token_of_our_key_is_read_only_where_it_is_for_us_from_us_and_of_now() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let private = EncodingKey::from_ed_der(key.to_pkcs8_der().unwrap().as_bytes());
        let public = DecodingKey::from_ed_der(key.verifying_key().as_bytes());
        let read = |change: &dyn Fn(&mut Value)| {
            let (now, id) = (Utc::now().timestamp(), Uuid::nil());
            let mut claims = json!({ "iss": "https://books.example", "aud": AUDIENCE, "sub": "user:1", "sid": id,
                                     "jti": id, "iat": now, "exp": now + 600 });
            change(&mut claims);
            let token = encode(&Header::new(Algorithm::EdDSA), &claims, &private).unwrap();
            claims_of(&token, &public, "https://books.example").is_some()
        };
        assert!(read(&|_| ()));
        assert!(!read(&|claims| claims["iss"] = json!("https://elsewhere.example")));
        assert!(!read(&|claims| claims["aud"] = json!("another")));
        assert!(!read(&|claims| claims["exp"] = json!(Utc::now().timestamp() - 1)));
        for claim in ["iss", "aud", "sub", "exp"] {
            assert!(!read(&|claims| drop(claims.as_object_mut().unwrap().remove(claim))), "{claim}");
        }
    }
}
