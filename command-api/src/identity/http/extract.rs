//! What handlers are given.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use domain::access::{Action, Origin, Subject, authorise};
use domain::security::SecurityEvent;
use domain::{BusinessId, Code, UserId};
use serde::de::DeserializeOwned;
use streams::Meta;
use uuid::Uuid;

use crate::identity::failure::Failure;
use crate::identity::principals::Session;
use crate::identity::{Core, Identity};

const MOST_BODY_BYTES: usize = 64 * 1024;

/// A JSON body. What is wrong with it is not repeated in the answer: it may hold a password.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Identity> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Identity) -> Result<Self, Failure> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        // A form of another site can send no JSON without asking first.
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Failure::new(Code::Invalid, "Send the body as application/json."));
        }
        let bytes = to_bytes(request.into_body(), MOST_BODY_BYTES).await;
        let bytes = bytes.map_err(|_| Failure::new(Code::TooLarge, "The body is too large."))?;
        let wrong =
            |_| Failure::new(Code::Invalid, "The body is not what this route takes; its description says what is.");
        serde_json::from_slice(&bytes).map(Body).map_err(wrong)
    }
}

/// Where the request came from.
pub struct Asked(pub Origin);

impl FromRequestParts<Identity> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Identity) -> Result<Self, Failure> {
        Ok(Self(origin(parts)))
    }
}

/// The edge alone says it: it knows which proxies to believe, and which ids.
fn origin(parts: &Parts) -> Origin {
    parts.extensions.get::<Origin>().cloned().unwrap_or_default()
}

/// Whoever is signed in, by whatever means.
pub struct Caller {
    pub session: Session,
    pub origin: Origin,
}

impl FromRequestParts<Identity> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Identity) -> Result<Self, Failure> {
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(Failure::unauthenticated)?;
        Ok(Self { session, origin: origin(parts) })
    }
}

impl Caller {
    /// Asks the one function of rights; a refusal is recorded.
    pub async fn may(&self, core: &Core, action: Action, business: Option<BusinessId>) -> Result<(), Failure> {
        let Err(problem) = authorise(&self.session.principal, action, business) else { return Ok(()) };
        let actor = self.session.principal.subject.to_string();
        // One of others does not hear of it.
        let own = business.filter(|business| self.session.principal.membership(*business).is_some());
        let meta = own.map_or_else(|| Meta::installation(actor.clone()), |business| Meta::new(business, actor.clone()));
        core.note_with(SecurityEvent::AccessRefused { action, code: problem.code }, meta, &self.origin).await;
        Err(problem.into())
    }

    /// Their account. The local owner and keys have none.
    pub fn user(&self) -> Result<UserId, Failure> {
        match self.session.principal.subject {
            Subject::User(id) => Ok(id),
            _ => Err(Failure::new(
                Code::Refused,
                "This is for accounts with an address. The owner of this installation signs in with `workdock sign-in`.",
            )),
        }
    }

    /// The user, or none for the local owner; keys are refused.
    pub fn person(&self) -> Result<Option<UserId>, Failure> {
        match self.session.principal.subject {
            Subject::User(id) => Ok(Some(id)),
            Subject::LocalOwner => Ok(None),
            _ => Err(Failure::new(Code::Forbidden, "A key has no account.")),
        }
    }

    pub const fn session(&self) -> Uuid {
        self.session.id
    }
}
