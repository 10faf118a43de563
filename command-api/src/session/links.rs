//! One-time links: 256 random bits, of which only the hash is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};
use sqlx::PgPool;

const ISSUE: &str = "
with gone as (delete from access.sign_in_link where expires_at < now() - interval '1 day')
insert into access.sign_in_link (hash, expires_at) values ($1, now() + interval '15 minutes')";
const REDEEM: &str = "
update access.sign_in_link set used_at = now() where hash = $1 and used_at is null and expires_at > now()";

/// A link that signs in once, within 15 minutes. `base`: the address of the page.
pub async fn issue_link(pool: &PgPool, base: &str) -> Result<String, sqlx::Error> {
    let mut token = [0; 32];
    rand::thread_rng().fill_bytes(&mut token);
    let token = URL_SAFE_NO_PAD.encode(token);
    sqlx::query(ISSUE).bind(hash(&token)).execute(pool).await?;
    Ok(format!("{base}/sign-in?token={token}"))
}

/// Whether the token was good, once.
pub async fn redeem(pool: &PgPool, token: &str) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(REDEEM).bind(hash(token)).execute(pool).await?.rows_affected() == 1)
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
