//! Sign-in of the local owner: a one-time link is exchanged for a short-lived session.
//!
//! A session is a JWT (HS256, the algorithm pinned) in a cookie that scripts cannot read. It lasts 15 minutes, is
//! renewed while it is used, and ends 12 hours after the sign-in at the latest. Whoever can read the data folder holds
//! its key and can print links: that is who the local owner is.

mod claims;
mod edge;
mod key;
mod links;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::Principal;
use domain::{Code, Problem};
use sqlx::PgPool;
use uuid::Uuid;

pub use edge::{require, router};
pub use key::{KeyError, SessionKey};
pub use links::issue_link;

use claims::Claims;

const ENDED: &str = "select exists (select from access.ended_session where session = $1)";
const END: &str = "
with gone as (delete from access.ended_session where until < now())
insert into access.ended_session (session, until) values ($1, $2) on conflict do nothing";

/// The sessions of one installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions {
    pool: PgPool,
    key: Arc<SessionKey>,
}

/// A valid session.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: Uuid,
    pub principal: Principal,
    /// When it ends, unless it is renewed.
    pub ends_at: DateTime<Utc>,
    claims: Claims,
}

impl Sessions {
    pub fn new(pool: PgPool, key: SessionKey) -> Self {
        Self { pool, key: Arc::new(key) }
    }

    /// The token of a session for the token of a link. Wrong, used and expired ones are refused alike.
    async fn exchange(&self, token: &str) -> Result<String, Problem> {
        if !links::redeem(&self.pool, token).await.map_err(|error| unavailable(&error))? {
            let detail = "This link was used, has expired, or is not one of ours. `workdock sign-in` prints a new one.";
            return Err(Problem::new(Code::Unauthenticated, detail));
        }
        claims::sign(&Claims::begin(&Principal::local_owner(), Utc::now()), &self.key)
    }

    /// The session of a token.
    pub async fn verify(&self, token: &str) -> Result<Session, Problem> {
        let claims = claims::read(token, &self.key)?;
        let ended: bool = sqlx::query_scalar(ENDED)
            .bind(claims.session())
            .fetch_one(&self.pool)
            .await
            .map_err(|error| unavailable(&error))?;
        if ended {
            return Err(claims::expired());
        }
        claims.into_session()
    }

    /// The token that follows, where it is time for one.
    fn renewed(&self, session: &Session) -> Option<String> {
        let next = session.claims.renew(Utc::now())?;
        claims::sign(&next, &self.key).ok()
    }

    /// Ends a session everywhere, also for whoever copied its token.
    async fn end(&self, session: &Session) -> Result<(), Problem> {
        let until = session.claims.last_moment();
        sqlx::query(END).bind(session.id).bind(until).execute(&self.pool).await.map_err(|error| unavailable(&error))?;
        Ok(())
    }
}

fn unavailable(error: &sqlx::Error) -> Problem {
    tracing::error!(%error, "sessions cannot be looked up");
    Problem::new(Code::Unavailable, "Sign-in does not work just now; try again in a moment.")
}
