//! The local owner: whoever can read the data folder prints a one-time link and signs in with it.

use sqlx::PgPool;

use super::Core;
use super::failure::Failure;
use super::opaque::{self, Opaque};

const ISSUE: &str = "
with gone as (delete from access.sign_in_link where expires_at < now() - interval '1 day')
insert into access.sign_in_link (hash, expires_at) values ($1, now() + interval '15 minutes')";
const REDEEM: &str = "
update access.sign_in_link set used_at = now() where hash = $1 and used_at is null and expires_at > now()";

/// A link that signs in once, within 15 minutes. `base`: the address of the page.
pub async fn issue_link(pool: &PgPool, base: &str) -> Result<String, sqlx::Error> {
    let token = Opaque::generate();
    sqlx::query(ISSUE).bind(token.hash()).execute(pool).await?;
    Ok(format!("{base}/sign-in?token={}", token.expose()))
}

/// Whether the token was good, once.
pub async fn redeem(core: &Core, token: &str) -> Result<bool, Failure> {
    Ok(sqlx::query(REDEEM).bind(opaque::hash(token)).execute(&core.pool).await?.rows_affected() == 1)
}
