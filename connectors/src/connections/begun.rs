//! Authorisations that wait for their browser: bound to a session, used once, sealed.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{BusinessId, Code, Problem, SourceId};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use super::failure::{of_database, of_sealing};
use super::{Asker, Connections};
use crate::provider::sync::SourceAt;
use crate::provider::{Grant, Secret};

const FIELD: &str = "connectors.begun.sealed";

/// What is needed when the browser comes back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub name: String,
    pub verifier: Secret,
    pub hosted: Option<Secret>,
    pub redirect_uri: String,
    pub instance: Option<String>,
    /// The provider repairs what is connected; nothing new comes back.
    #[serde(default)]
    pub is_update: bool,
}

/// What the browser came back with.
#[derive(Debug, Clone)]
pub struct Returned {
    pub state: String,
    pub params: BTreeMap<String, String>,
}

impl Returned {
    pub(super) fn grant(&self, kept: &Kept) -> Result<Grant, Problem> {
        if let Some(token) = &kept.hosted {
            return Ok(Grant::Hosted(token.clone()));
        }
        let code = self.params.get("code");
        let code =
            code.ok_or_else(|| Problem::new(Code::Invalid, "The provider sent the browser back without a code."))?;
        // The provider may have signed it with the others.
        let mut params = self.params.clone();
        params.insert("state".to_owned(), self.state.clone());
        Ok(Grant::Code {
            code: code.clone(),
            redirect_uri: kept.redirect_uri.clone(),
            verifier: Some(kept.verifier.clone()),
            params,
        })
    }
}

/// 256 random bits.
pub(super) fn token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// S256 of RFC 7636.
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

pub(super) async fn keep(
    of: &Connections,
    state: &str,
    provider: &str,
    at: SourceAt,
    who: &Asker,
    kept: &Kept,
) -> Result<(), Problem> {
    const KEEP: &str = "
        insert into connectors.begun (state, business, source, provider, subject, session, sealed, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, now() + interval '1 hour')";
    let text = serde_json::to_vec(kept).map_err(|error| of_sealing(&error))?;
    let sealer = of.commands.keys().of_business(at.business);
    let sealed = sealer.seal(FIELD, at.source.as_uuid(), &text).await.map_err(|error| of_sealing(&error))?;
    let query = sqlx::query(KEEP)
        .bind(Sha256::digest(state).to_vec())
        .bind(at.business.as_uuid())
        .bind(at.source.as_uuid())
        .bind(provider)
        .bind(who.principal.subject.to_string())
        .bind(who.session.0)
        .bind(sealed);
    query.execute(&of.pool).await.map_err(of_database)?;
    Ok(())
}

/// Takes it, so that it works once, and only for the session that began it.
pub(super) async fn take(of: &Connections, who: &Asker, state: &str) -> Result<(SourceAt, String, Kept), Problem> {
    const TAKE: &str = "
        delete from connectors.begun where state = $1 and subject = $2 and session = $3 and expires_at > now()
        returning business, source, provider, sealed";
    let query = sqlx::query_as(TAKE).bind(Sha256::digest(state).to_vec());
    let query = query.bind(who.principal.subject.to_string()).bind(who.session.0);
    let row: Option<(Uuid, Uuid, String, String)> = query.fetch_optional(&of.pool).await.map_err(of_database)?;
    let unknown = "This way back is not known any more, or belongs to another session. Begin once more.";
    let (business, source, provider, sealed) = row.ok_or_else(|| Problem::new(Code::NotFound, unknown))?;
    let sealer = of.commands.keys().of_business(BusinessId::from_uuid(business));
    let text = sealer.open(FIELD, source, &sealed).await.map_err(|error| of_sealing(&error))?;
    let kept = serde_json::from_slice(&text).map_err(|error| of_sealing(&error))?;
    let at = SourceAt { business: BusinessId::from_uuid(business), source: SourceId::from_uuid(source) };
    Ok((at, provider, kept))
}

/// Forgets what nobody will ask for again.
pub async fn forget_old(pool: &PgPool) -> Result<(), sqlx::Error> {
    for old in [
        "delete from connectors.begun where expires_at < now()",
        // Begun and never finished: nothing opens it, and nothing was ever read.
        "delete from connectors.connection c
         where state = 'choosing' and accounts = '{}' and created_at < now() - interval '1 day'
            and not exists (select from connectors.credential k where k.source = c.source)",
        "delete from connectors.webhook where taken_at < now() - interval '3 days'",
        "delete from connectors.sync where began_at < now() - interval '90 days'",
        "delete from connectors.balance where told_at < now() - interval '800 days'",
    ] {
        sqlx::query(old).execute(pool).await?;
    }
    Ok(())
}
