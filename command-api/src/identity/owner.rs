//! The local owner: whoever can read the data folder prints a one-time link and signs in with it.

use sqlx::{PgConnection, PgPool};
use streams::security::{Journal, SecurityEvent};
use streams::{CommandError, Meta};

use super::failure::Failure;
use super::opaque::{self, Opaque};

const ISSUE: &str = "
with gone as (delete from access.sign_in_link where expires_at < now() - interval '1 day')
insert into access.sign_in_link (hash, expires_at) values ($1, now() + interval '15 minutes') returning expires_at";
const REDEEM: &str = "
update access.sign_in_link set used_at = now() where hash = $1 and used_at is null and expires_at > now()";

/// A link that signs in once, within 15 minutes; one that cannot be recorded is not handed out. `base`: the address of the
/// page.
pub async fn issue_link(pool: &PgPool, journal: &dyn Journal, base: &str) -> Result<String, CommandError> {
    let token = Opaque::generate();
    let by = journal.prepare(Meta::installation("owner")).await?;
    let mut tx = pool.begin().await?;
    let expires_at = sqlx::query_scalar(ISSUE).bind(token.hash()).fetch_one(&mut *tx).await?;
    journal.record_in_tx(&mut tx, SecurityEvent::LinkIssued { expires_at }, &by).await?;
    tx.commit().await?;
    Ok(format!("{base}/sign-in?token={}", token.expose()))
}

/// Whether the token was good, once.
pub async fn redeem_in_tx(tx: &mut PgConnection, token: &str) -> Result<bool, Failure> {
    Ok(sqlx::query(REDEEM).bind(opaque::hash(token)).execute(tx).await?.rows_affected() == 1)
}
