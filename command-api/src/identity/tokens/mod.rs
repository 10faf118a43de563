//! Access tokens: JWT signed with Ed25519, for ten minutes.
//!
//! The algorithm is ours, not the token's; issuer and audience are checked. A token alone is no right: the session
//! that it names is looked up for each request.

mod keys;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Subject;
use domain::security::TokenFault;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
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
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[&core.settings.base_url]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 0;
    let read = decode::<Claims>(token, &key, &validation);
    Ok(read.map(|token| token.claims).map_err(|_| TokenFault::Forged))
}
