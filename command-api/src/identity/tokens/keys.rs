//! The keys that sign: made here, kept sealed in the database so that every process has them, and replaced monthly.
//!
//! A new key is published an hour before it signs, so that whoever keeps the list for a while knows it in time; the
//! old one verifies for an hour longer, which is six times a token's life.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{DecodingKey, EncodingKey};
use rand::RngCore;
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::identity::Core;
use crate::identity::failure::Failure;

const ROTATED_AFTER: TimeDelta = TimeDelta::days(30);
const AHEAD: TimeDelta = TimeDelta::hours(1);
/// How long the list is used before it is read again.
const READ_EVERY: Duration = Duration::from_secs(60);
/// An unknown key asks for the list anew, not more often than this: anybody can name unknown keys.
const READ_AT_MOST: Duration = Duration::from_secs(5);
/// One process makes the next key.
const LOCK: i64 = 0x6964_656e_7469_7479;

#[derive(Debug, Default)]
pub struct KeyRing(RwLock<Option<Arc<Keys>>>);

#[derive(Debug)]
struct Keys {
    list: Vec<Arc<Key>>,
    read_at: Instant,
}

pub struct Key {
    pub kid: String,
    pub private: EncodingKey,
    public: [u8; 32],
    signs_from: DateTime<Utc>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A public key after RFC 8037.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedKey {
    kty: &'static str,
    crv: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    x: String,
}

impl KeyRing {
    /// The key that signs now.
    pub async fn signing(&self, core: &Core) -> Result<Arc<Key>, Failure> {
        let newest = |keys: &Keys| keys.list.iter().rfind(|key| key.signs_from <= Utc::now()).cloned();
        if let Some(key) = newest(&*self.keys(core, READ_EVERY).await?) {
            return Ok(key);
        }
        rotate(core).await?;
        let keys = self.keys(core, Duration::ZERO).await?;
        newest(&keys).ok_or_else(|| Failure::internal(&"none is valid now", "there is no key to sign with"))
    }

    /// The key of a token.
    pub async fn verifying(&self, core: &Core, kid: &str) -> Result<Option<DecodingKey>, Failure> {
        let find =
            |keys: &Keys| keys.list.iter().find(|key| key.kid == kid).map(|key| DecodingKey::from_ed_der(&key.public));
        match find(&*self.keys(core, READ_EVERY).await?) {
            Some(key) => Ok(Some(key)),
            None => Ok(find(&*self.keys(core, READ_AT_MOST).await?)),
        }
    }

    /// Every key by which tokens are or will be verified.
    pub async fn published(&self, core: &Core) -> Result<Vec<PublishedKey>, Failure> {
        let keys = self.keys(core, READ_EVERY).await?;
        let published = |key: &Arc<Key>| PublishedKey {
            kty: "OKP",
            crv: "Ed25519",
            r#use: "sig",
            alg: "EdDSA",
            kid: key.kid.clone(),
            x: URL_SAFE_NO_PAD.encode(key.public),
        };
        Ok(keys.list.iter().map(published).collect())
    }

    async fn keys(&self, core: &Core, at_most: Duration) -> Result<Arc<Keys>, Failure> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(keys) = kept.as_ref().filter(|keys| keys.read_at.elapsed() < at_most) {
            return Ok(Arc::clone(keys));
        }
        let list = match (load(core).await, kept) {
            (Ok(list), _) => list,
            // While the key service is away, whoever is signed in stays so.
            (Err(failure), Some(keys)) => {
                tracing::warn!(error = %failure.problem, "the keys of tokens cannot be read again; those of before go on");
                keys.list.clone()
            }
            (Err(failure), None) => return Err(failure),
        };
        let keys = Arc::new(Keys { list, read_at: Instant::now() });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&keys));
        Ok(keys)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    kid: String,
    public_key: Vec<u8>,
    private_sealed: Vec<u8>,
    signs_from: DateTime<Utc>,
}

async fn load(core: &Core) -> Result<Vec<Arc<Key>>, Failure> {
    const LOAD: &str = "
select kid, public_key, private_sealed, signs_from from access.signing_key
where retires_at is null or retires_at > now() order by signs_from";
    let rows: Vec<Row> = sqlx::query_as(LOAD).fetch_all(&core.pool).await?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let private = Zeroizing::new(core.sealer.open(&context(&row.kid), &row.private_sealed).await?);
        let private = EncodingKey::from_ed_der(&private);
        let public = row.public_key.try_into();
        let public = public.map_err(|_| Failure::internal(&row.kid, "a public key has a wrong length"))?;
        keys.push(Arc::new(Key { kid: row.kid, private, public, signs_from: row.signs_from }));
    }
    Ok(keys)
}

/// Makes the next key where it is time, and forgets those that verify nothing any more.
pub async fn rotate(core: &Core) -> Result<(), Failure> {
    const ADD: &str = "
insert into access.signing_key (kid, public_key, private_sealed, signs_from) values ($1, $2, $3, $4)";
    let (now, mut tx) = (Utc::now(), core.pool.begin().await?);
    sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    sqlx::query("delete from access.signing_key where retires_at < $1").bind(now).execute(&mut *tx).await?;
    let newest: Option<DateTime<Utc>> =
        sqlx::query_scalar("select max(signs_from) from access.signing_key").fetch_one(&mut *tx).await?;
    if newest.is_none_or(|newest| newest < now - ROTATED_AFTER) {
        let signs_from = if newest.is_none() { now } else { now + AHEAD };
        let (kid, public, private) = generate()?;
        let sealed = core.sealer.seal(&context(&kid), &private).await?;
        sqlx::query("update access.signing_key set retires_at = $1 where retires_at is null")
            .bind(signs_from + AHEAD)
            .execute(&mut *tx)
            .await?;
        sqlx::query(ADD).bind(&kid).bind(public).bind(sealed).bind(signs_from).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn context(kid: &str) -> String {
    format!("signing_key:{kid}")
}

type Pair = (String, [u8; 32], Zeroizing<Vec<u8>>);

/// The id of a key is its own thumbprint, cut to what is unique enough.
fn generate() -> Result<Pair, Failure> {
    let mut seed = Zeroizing::new([0; 32]);
    rand::thread_rng().fill_bytes(seed.as_mut());
    let key = SigningKey::from_bytes(&seed);
    let public = key.verifying_key().to_bytes();
    let private = key.to_pkcs8_der().map_err(|error| Failure::internal(&error, "a key cannot be written"))?;
    let kid = URL_SAFE_NO_PAD.encode(&<sha2::Sha256 as sha2::Digest>::digest(public)[..9]);
    Ok((kid, public, Zeroizing::new(private.as_bytes().to_vec())))
}
